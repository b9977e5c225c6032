package org.openmmp.config;

import java.time.Duration;

/** Reads {@code openmmp.pop3}. */
final class Pop3Reader {
  /** RFC 1939 section 3. */
  private static final Duration SHORTEST_IDLE = Duration.ofMinutes(10);

  /** RFC 2449 section 3: a line of words. */
  private static final String CAPABILITY = "[!-~&&[^.]][!-~]*( [!-~]+)*";

  private final Section section;
  private final ServerTlsConfig tls;

  Pop3Reader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  Pop3Config read() {
    return new Pop3Config(
        new ListenConfigReader(section, tls).read("stls", SHORTEST_IDLE),
        new PreAuthReader(section).read(CAPABILITY));
  }
}
