package org.openmmp.config;

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
 */
public record ListenAddress(String host, int port, String defaultDomain, boolean proxyProtocol) {
  /** An address whose clients come directly. */
  public ListenAddress(String host, int port, String defaultDomain) {
    this(host, port, defaultDomain, false);
  }

  /** In the form {@code host:port}, an IPv6 literal in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
