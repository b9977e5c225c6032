package org.openmmp.config;

import java.util.List;

/**
 * What clients may do before their login, in any protocol with logins.
 *
 * @param mechanisms SASL names in upper case, in the order in which they are offered: some of
 *     PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256
 * @param capabilities offered before login; empty: learnt from the stores (rules B3.3, B4.1)
 * @param trustedProxies networks of proxies whose word about a client is believed (rule B3.12), in
 *     the form {@code address/bits}
 */
public record PreAuthConfig(
    List<String> mechanisms,
    List<String> capabilities,
    List<String> trustedProxies,
    Bounds bounds) {

  /** Copies the lists. */
  public PreAuthConfig {
    mechanisms = List.copyOf(mechanisms);
    capabilities = List.copyOf(capabilities);
    trustedProxies = List.copyOf(trustedProxies);
  }

  /**
   * How much a client may send before login (rule B6.1).
   *
   * @param maxLineOctets of one line, line end included
   * @param maxPipelinedOctets kept while a login is under way
   * @param badCommands after so many the connection ends
   * @param failedLogins after so many the connection ends
   */
  public record Bounds(
      int maxLineOctets, int maxPipelinedOctets, int badCommands, int failedLogins) {}
}
