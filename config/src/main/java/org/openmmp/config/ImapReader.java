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
      Set.of("PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2", "EXTERNAL");
  private static final int MEBIOCTET = 1 << 20;

  private final Section section;
  private final ServerTlsConfig tls;

  ImapReader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  ImapConfig read() {
    String domain = DirectoryReader.domain(section, "default-domain");
    List<ListenAddress> plain = ListenReader.listeners(section, "listen", domain);
    List<ListenAddress> underTls = ListenReader.listeners(section, "listen-tls", domain);
    boolean certificate = tls.certificate().isPresent() || !tls.sni().isEmpty();
    boolean startTls = section.flag("starttls") && certificate;
    int mark = section.reading().mark();
    ImapConfig.ClearTextPasswords clearText =
        section.choice("clear-text-passwords", ImapConfig.ClearTextPasswords.class);
    boolean refused =
        clearText == ImapConfig.ClearTextPasswords.NEVER && section.reading().cleanSince(mark);
    if (!underTls.isEmpty() && !certificate) {
      refuseListener(
          "listen-tls",
          "TLS listeners without a certificate",
          "none of them, or openmmp.tls.certificate");
    }
    if (!plain.isEmpty() && !startTls && refused) {
      refuseListener(
          "listen",
          "plain listeners at which nobody can log in",
          "openmmp.tls.certificate with starttls = on, or another value of clear-text-passwords");
    }
    return new ImapConfig(
        plain,
        underTls,
        startTls,
        clearText,
        mechanisms(),
        capabilities(),
        section.text("alert-text", "a text in one line, or empty for no alert"),
        ListReader.networks(section, "trusted-proxies"),
        new ImapConfig.Times(
            section.duration("login-timeout", Duration.ofSeconds(1), Duration.ofMinutes(10)),
            section.duration("idle-timeout", Duration.ofMinutes(30), Duration.ofDays(7))),
        bounds());
  }

  private void refuseListener(String key, String found, String accepted) {
    section.problem(section.value(key), section.at(key), found, accepted);
  }

  private List<String> mechanisms() {
    return ListReader.list(
        section,
        "mechanisms",
        "some of PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL",
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
