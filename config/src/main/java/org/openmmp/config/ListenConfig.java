package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/**
 * How the clients of a protocol with logins come in: where, under which protection, and how long
 * they may stay silent.
 *
 * @param plain where plain connections come in
 * @param tls where connections under TLS come in
 * @param startTls whether TLS is offered on plain connections: configured so, and a certificate is
 *     there
 * @param clearTextPasswords who may send a password without TLS where the address has no word of
 *     its own
 * @param beforeLogin from the accept to the first login that is taken up, all in all (rule B6.1)
 * @param idle silence of both sides after login (rule B3.14); the protocol says how short it may be
 */
public record ListenConfig(
    List<ListenAddress> plain,
    List<ListenAddress> tls,
    boolean startTls,
    ClearTextPasswords clearTextPasswords,
    Duration beforeLogin,
    Duration idle) {

  /** Copies the lists. */
  public ListenConfig {
    plain = List.copyOf(plain);
    tls = List.copyOf(tls);
  }

  /** Whether nobody can come in, since no address is configured. */
  public boolean isEmpty() {
    return plain.isEmpty() && tls.isEmpty();
  }
}
