package org.openmmp.transport;

/**
 * What is known of the TLS of a client's connection, whether it ends here or at a trusted load
 * balancer. What is not known is an empty text.
 *
 * @param version as in {@code TLSv1.3}
 * @param serverName the name that the client asked for (RFC 6066 section 3)
 * @param commonName the CN of the client's verified certificate
 */
public record TlsFacts(String version, String serverName, String commonName) {
  /** The same without what is known of a certificate. */
  public TlsFacts withoutCertificate() {
    return new TlsFacts(version, serverName, "");
  }
}
