package org.openmmp.config;

/**
 * An address to accept connections at.
 *
 * @param host name or address literal without brackets; {@code 0.0.0.0} is every IPv4 address,
 *     {@code ::} every address
 * @param port 0..65535; 0 takes any free port
 * @param defaultDomain the domain of a login name without one that comes in here; empty: the
 *     directory's
 */
public record ListenAddress(String host, int port, String defaultDomain) {
  /** In the form {@code host:port}, an IPv6 literal in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
