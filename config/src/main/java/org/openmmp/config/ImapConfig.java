package org.openmmp.config;

import java.util.List;

/**
 * The IMAP front end: {@code openmmp.imap}.
 *
 * @param listen how clients come in
 * @param mechanisms SASL names in upper case, in the order in which they are offered: some of
 *     PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256
 * @param capabilities offered before login; empty: learnt from the stores (rule B3.3)
 * @param alertText shown to a user whose store is unreachable (rule B3.10); empty: no alert
 * @param trustedProxies networks of proxies whose word about a client is believed (rule B3.12), in
 *     the form {@code address/bits}
 */
public record ImapConfig(
    ListenConfig listen,
    List<String> mechanisms,
    List<String> capabilities,
    String alertText,
    List<String> trustedProxies,
    Bounds bounds) {

  /** Copies the lists. */
  public ImapConfig {
    mechanisms = List.copyOf(mechanisms);
    capabilities = List.copyOf(capabilities);
    trustedProxies = List.copyOf(trustedProxies);
  }

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
