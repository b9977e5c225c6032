package org.openmmp.routing;

/** How a connection to a store is protected (rule B2.3). */
public enum TlsPolicy {
  /** Never under TLS: somebody's written decision. */
  OFF,
  /** STARTTLS where the store offers it, else in the clear; the certificate is not verified. */
  OPPORTUNISTIC,
  /** STARTTLS, verified; a store without it fails. The default. */
  STARTTLS,
  /** TLS from the first byte, verified. */
  IMPLICIT;

  /** Whether a credential may leave only under verified TLS. */
  public boolean required() {
    return this == STARTTLS || this == IMPLICIT;
  }
}
