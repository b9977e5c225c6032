package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/** Reads how the clients of a protocol come in, from that protocol's section. */
final class ListenConfigReader {
  private static final String PASSWORDS = "clear-text-passwords";

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
    String domain = HostText.domain(section, "default-domain");
    int mark = section.reading().mark();
    ClearTextPasswords clearText = passwords(section);
    List<ListenAddress> plain =
        ListenReader.listeners(
            section,
            "listen",
            domain,
            of -> of != section && of.isSet(PASSWORDS) ? passwords(of) : clearText);
    boolean sound = section.reading().cleanSince(mark);
    List<ListenAddress> underTls = ListenReader.listeners(section, "listen-tls", domain);
    boolean certificate = tls.certificate().isPresent() || !tls.sni().isEmpty();
    boolean startTls = section.flag(startTlsKey) && certificate;
    if (!underTls.isEmpty() && !certificate) {
      refuseListener(
          "listen-tls",
          "TLS listeners without a certificate",
          "no such listeners, or openmmp.tls.certificate");
    }
    if (!startTls && sound) {
      refuseIfNobodyCanLogIn(plain, startTlsKey);
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

  private void refuseIfNobodyCanLogIn(List<ListenAddress> plain, String startTlsKey) {
    // Behind a load balancer it is the client's TLS with the balancer that counts.
    if (plain.stream()
        .filter(at -> !at.proxyProtocol())
        .anyMatch(at -> at.clearTextPasswords() == ClearTextPasswords.NEVER)) {
      refuseListener(
          "listen",
          "plain listeners at which nobody can log in",
          "openmmp.tls.certificate with "
              + startTlsKey
              + " = on, or another value of clear-text-passwords");
    }
  }

  private static ClearTextPasswords passwords(Section of) {
    return of.choice(PASSWORDS, ClearTextPasswords.class);
  }

  private void refuseListener(String key, String found, String accepted) {
    section.problem(section.value(key), section.at(key), found, accepted);
  }
}
