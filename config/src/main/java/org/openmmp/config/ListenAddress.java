package org.openmmp.config;

import org.openmmp.text.AddressLiteral;

/**
 * An address to accept connections at.
 *
 * @param host name or address literal without brackets; {@code 0.0.0.0} is every IPv4 address,
 *     {@code ::} every address
 * @param port 0..65535; 0 takes any free port
 * @param defaultDomain the domain of a login name without one that comes in here; empty: the
 *     directory's
 * @param proxyProtocol whether every connection begins with the header of the PROXY protocol, which
 *     only load balancers of {@link ProxyProtocolConfig#networks} may send (rule B6.5)
 * @param clearTextPasswords who may send a password without TLS that comes in here (rule B3.2)
 */
public record ListenAddress(
    String host,
    int port,
    String defaultDomain,
    boolean proxyProtocol,
    ClearTextPasswords clearTextPasswords) {
  /** An address whose clients come directly. */
  public ListenAddress(String host, int port, String defaultDomain) {
    this(host, port, defaultDomain, false);
  }

  /** An address where nobody sends a password without TLS. */
  public ListenAddress(String host, int port, String defaultDomain, boolean proxyProtocol) {
    this(host, port, defaultDomain, proxyProtocol, ClearTextPasswords.NEVER);
  }

  /** In the form {@code host:port}, an IPv6 literal in brackets. */
  @Override
  public String toString() {
    return AddressLiteral.withPort(host, port);
  }
}
