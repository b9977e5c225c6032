package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/**
 * The IMAP front end: {@code openmmp.imap}.
 *
 * @param listen where plain connections come in
 * @param listenTls where connections under TLS come in
 * @param startTls whether STARTTLS is offered on plain connections: configured so, and a
 *     certificate is there
 * @param clearTextPasswords who may send a password without TLS (rule B3.2)
 * @param mechanisms SASL names in upper case, in the order in which they are offered: some of
 *     PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL
 * @param capabilities offered before login; empty: learnt from the stores (rule B3.3)
 * @param alertText shown to a user whose store is unreachable (rule B3.10); empty: no alert
 * @param trustedProxies networks of proxies whose word about a client is believed (rule B3.12), in
 *     the form {@code address/bits}
 */
public record ImapConfig(
    List<ListenAddress> listen,
    List<ListenAddress> listenTls,
    boolean startTls,
    ClearTextPasswords clearTextPasswords,
    List<String> mechanisms,
    List<String> capabilities,
    String alertText,
    List<String> trustedProxies,
    Times times,
    Bounds bounds) {

  /** Copies the lists. */
  public ImapConfig {
    listen = List.copyOf(listen);
    listenTls = List.copyOf(listenTls);
    mechanisms = List.copyOf(mechanisms);
    capabilities = List.copyOf(capabilities);
    trustedProxies = List.copyOf(trustedProxies);
  }

  /** Who may send a password without TLS. */
  public enum ClearTextPasswords {
    /** Nobody. */
    NEVER,
    /** Clients on the loopback interface. */
    LOOPBACK,
    /** Everybody. */
    ALWAYS
  }

  /**
   * How long a client may take (rules B3.14, B6.1).
   *
   * @param beforeLogin from the accept to the first login that is taken up, all in all
   * @param idle silence of both sides after login; 30 min or more
   */
  public record Times(Duration beforeLogin, Duration idle) {}

  /**
   * What a client may send before login (rule B6.1).
   *
   * @param maxLineOctets of one line, line end included
   * @param maxLiteralOctets of one literal
   * @param maxPipelinedOctets kept while a login is under way
   * @param badCommands after so many the connection ends
   * @param failedLogins after so many the connection ends
   */
  public record Bounds(
      int maxLineOctets,
      int maxLiteralOctets,
      int maxPipelinedOctets,
      int badCommands,
      int failedLogins) {}
}
