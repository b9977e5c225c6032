package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads {@code openmmp.imap}. */
final class ImapReader {
  private static final Set<String> MECHANISMS =
      Set.of(
          "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2", "EXTERNAL", "SCRAM-SHA-1", "SCRAM-SHA-256");
  private static final int MEBIOCTET = 1 << 20;

  /** RFC 9051 section 5.4. */
  private static final Duration SHORTEST_IDLE = Duration.ofMinutes(30);

  private final Section section;
  private final ServerTlsConfig tls;

  ImapReader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  ImapConfig read() {
    ListenConfig listening = new ListenConfigReader(section, tls).read("starttls", SHORTEST_IDLE);
    List<String> capabilities = capabilities();
    return new ImapConfig(
        listening,
        mechanisms(capabilities),
        capabilities,
        section.text("alert-text", "a text in one line, or empty for no alert"),
        ListReader.networks(section, "trusted-proxies"),
        bounds());
  }

  private List<String> mechanisms(List<String> capabilities) {
    List<String> names = listedMechanisms();
    if (!capabilities.isEmpty() && names.stream().anyMatch(name -> name.startsWith("SCRAM-"))) {
      section.problem(
          section.value("mechanisms"),
          section.at("mechanisms"),
          "a SCRAM mechanism with a list of capabilities",
          "capabilities = learn with it, since it is offered only where every store has it");
    }
    return names;
  }

  private List<String> listedMechanisms() {
    return ListReader.list(
        section,
        "mechanisms",
        "some of PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256",
        value ->
            Scalar.text(value)
                .map(text -> text.toUpperCase(Locale.ROOT))
                .filter(MECHANISMS::contains));
  }

  private List<String> capabilities() {
    ConfigValue value = section.value("capabilities");
    boolean learn = value != null && Scalar.text(value).equals(Optional.of("learn"));
    return learn
        ? List.of()
        : ListReader.matching(
            section,
            "capabilities",
            "learn, or a list of capabilities",
            "[!-~&&[^(){%*\"\\\\\\]]]+");
  }

  private ImapConfig.Bounds bounds() {
    return new ImapConfig.Bounds(
        section.number("max-line", 512, MEBIOCTET),
        section.number("max-literal", 64, MEBIOCTET),
        section.number("max-pipelined", 512, 16 * MEBIOCTET),
        section.number("bad-commands", 1, 1_000),
        section.number("failed-logins", 1, 1_000));
  }
}
