package org.openmmp.transport;

/** Hears how a handshake ended: exactly one of the two, on the channel's event loop. */
public interface TlsListener {
  /** TLS stands, and nothing that came before it has survived. Octets follow, never precede. */
  void secured();

  /** It does not stand, and the channel is closed or about to be. */
  void failed(TlsFailure why);
}
