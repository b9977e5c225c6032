package org.openmmp.proxy;

import org.openmmp.routing.TlsPolicy;

/** How a store is broken, from its first packet to its answer to a login (row B1). */
enum StoreFault {
  /** It lets in. */
  NONE,
  REFUSES,
  DROPS_SYN,
  HANGS_AT_ACCEPT,
  HANGS_BEHIND_TLS,
  HANGS_BEHIND_GREETING,
  HANGS_BEHIND_LOGIN,
  RESETS,
  ONE_OCTET_A_SECOND,
  BAD_CERTIFICATE,
  BYE,
  REFERS,
  TEMPORARY_ERROR,
  /** It lets in everybody but this user. */
  WRONG_PASSWORD;

  boolean possible(TlsPolicy tls) {
    return tls != TlsPolicy.OFF || (this != BAD_CERTIFICATE && this != HANGS_BEHIND_TLS);
  }

  /** Whether it fails before it hears whose login it is. */
  boolean down() {
    return this == REFUSES
        || this == DROPS_SYN
        || this == HANGS_AT_ACCEPT
        || this == HANGS_BEHIND_TLS
        || this == HANGS_BEHIND_GREETING
        || this == RESETS
        || this == ONE_OCTET_A_SECOND
        || this == BAD_CERTIFICATE
        || this == BYE;
  }
}
