package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/** Reads how the clients of a protocol come in, from that protocol's section. */
final class ListenConfigReader {
  private final Section section;
  private final ServerTlsConfig tls;

  ListenConfigReader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  /**
   * What the section says.
   *
   * @param startTlsKey the switch named like the protocol's own command
   * @param leastIdle the shortest idle limit that the protocol allows
   */
  ListenConfig read(String startTlsKey, Duration leastIdle) {
    String domain = DirectoryReader.domain(section, "default-domain");
    List<ListenAddress> plain = ListenReader.listeners(section, "listen", domain);
    List<ListenAddress> underTls = ListenReader.listeners(section, "listen-tls", domain);
    boolean certificate = tls.certificate().isPresent() || !tls.sni().isEmpty();
    boolean startTls = section.flag(startTlsKey) && certificate;
    int mark = section.reading().mark();
    ClearTextPasswords clearText = section.choice("clear-text-passwords", ClearTextPasswords.class);
    boolean refused = clearText == ClearTextPasswords.NEVER && section.reading().cleanSince(mark);
    if (!underTls.isEmpty() && !certificate) {
      refuseListener(
          "listen-tls",
          "TLS listeners without a certificate",
          "none of them, or openmmp.tls.certificate");
    }
    // Behind a load balancer it is the client's TLS with the balancer that counts.
    boolean inClear = plain.stream().anyMatch(at -> !at.proxyProtocol());
    if (inClear && !startTls && refused) {
      refuseListener(
          "listen",
          "plain listeners at which nobody can log in",
          "openmmp.tls.certificate with "
              + startTlsKey
              + " = on, or another value of clear-text-passwords");
    }
    return new ListenConfig(
        plain,
        underTls,
        startTls,
        clearText,
        new ListenConfig.Times(
            section.duration("login-timeout", Duration.ofSeconds(1), Duration.ofMinutes(10)),
            section.duration("idle-timeout", leastIdle, Duration.ofDays(7))));
  }

  private void refuseListener(String key, String found, String accepted) {
    section.problem(section.value(key), section.at(key), found, accepted);
  }
}
