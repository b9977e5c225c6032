package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.openmmp.wire.Mechanism;

/** Reads how the clients of a protocol with logins come in, and what they may do before. */
final class LoginProtocolReader {
  /** RFC 9051 section 5.4. */
  private static final Duration SHORTEST_IMAP_IDLE = Duration.ofMinutes(30);

  /** RFC 1939 section 3. */
  private static final Duration SHORTEST_POP3_IDLE = Duration.ofMinutes(10);

  /** RFC 9051 section 9: an atom. */
  private static final String IMAP_CAPABILITY = "[!-~&&[^(){%*\"\\\\\\]]]+";

  /** RFC 2449 section 3: a line of words. */
  private static final String POP3_CAPABILITY = "[!-~&&[^.]][!-~]*( [!-~]+)*";

  private static final int MEBIOCTET = 1 << 20;
  private static final String PASSWORDS = "clear-text-passwords";

  private final Section section;
  private final ServerTlsConfig tls;

  LoginProtocolReader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  /** Reads {@code openmmp.imap}. */
  ImapConfig imap() {
    return new ImapConfig(
        listen("starttls", SHORTEST_IMAP_IDLE),
        preAuth(IMAP_CAPABILITY),
        section.text("alert-text", "a text in one line, or empty for no alert"),
        section.number("max-literal", 64, MEBIOCTET));
  }

  /** Reads {@code openmmp.pop3}. */
  Pop3Config pop3() {
    return new Pop3Config(listen("stls", SHORTEST_POP3_IDLE), preAuth(POP3_CAPABILITY));
  }

  /**
   * How clients come in.
   *
   * @param startTlsKey the switch named like the protocol's own command
   * @param leastIdle the shortest idle limit that the protocol allows
   */
  private ListenConfig listen(String startTlsKey, Duration leastIdle) {
    String domain = section.hostOrEmpty("default-domain", ListenReader.DOMAIN);
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
        section.duration("login-timeout", Duration.ofSeconds(1), Duration.ofMinutes(10)),
        section.duration("idle-timeout", leastIdle, Duration.ofDays(7)));
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

  /**
   * What clients may do before their login.
   *
   * @param capability the form of one capability, a regular expression
   */
  private PreAuthConfig preAuth(String capability) {
    List<String> capabilities = capabilities(capability);
    return new PreAuthConfig(
        mechanisms(capabilities),
        capabilities,
        section.networks("trusted-proxies"),
        section.number("max-line", 512, MEBIOCTET),
        section.number("max-pipelined", 512, 16 * MEBIOCTET),
        section.number("bad-commands", 1, 1_000),
        section.number("failed-logins", 1, 1_000));
  }

  private List<Mechanism> mechanisms(List<String> capabilities) {
    List<Mechanism> mechanisms =
        section.list(
            "mechanisms",
            "some of PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256",
            value ->
                Scalar.text(value).map(text -> Mechanism.named(text.toUpperCase(Locale.ROOT))));
    if (!capabilities.isEmpty()
        && mechanisms.stream().anyMatch(each -> each.proof() == Mechanism.Proof.EXCHANGE)) {
      section.problem(
          section.value("mechanisms"),
          section.at("mechanisms"),
          "a SCRAM mechanism with a list of capabilities",
          "capabilities = learn with it, since it is offered only where every store has it");
    }
    return mechanisms;
  }

  private List<String> capabilities(String form) {
    ConfigValue value = section.value("capabilities");
    boolean learn = value != null && Scalar.text(value).equals(Optional.of("learn"));
    return learn
        ? List.of()
        : section.matching("capabilities", "learn, or a list of capabilities", form);
  }
}
