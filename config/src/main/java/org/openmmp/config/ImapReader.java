package org.openmmp.config;

import java.time.Duration;

/** Reads {@code openmmp.imap}. */
final class ImapReader {
  /** RFC 9051 section 5.4. */
  private static final Duration SHORTEST_IDLE = Duration.ofMinutes(30);

  /** RFC 9051 section 9: an atom. */
  private static final String CAPABILITY = "[!-~&&[^(){%*\"\\\\\\]]]+";

  private final Section section;
  private final ServerTlsConfig tls;

  ImapReader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  ImapConfig read() {
    return new ImapConfig(
        new ListenConfigReader(section, tls).read("starttls", SHORTEST_IDLE),
        new PreAuthReader(section).read(CAPABILITY),
        section.text("alert-text", "a text in one line, or empty for no alert"),
        section.number("max-literal", 64, 1 << 20));
  }
}
