package org.openmmp.proxy.session;

import org.openmmp.wire.Secret;

/**
 * What a client logs in with. Free of CR, LF and NUL in name and authorization identity: a dialogue
 * refuses those before it makes one.
 *
 * @param mechanism how it was presented
 * @param loginName the authentication identity as the client typed it, octets in UTF-8 decoded
 * @param authzid the authorization identity, empty if none was given or it is the login name
 * @param secret password or token; for {@link Mechanism.Proof#EXCHANGE} the client's first message
 *     as it came; empty for {@link Mechanism#EXTERNAL}
 * @param utf8 whether the session shall be in UTF-8, as a POP3 client asks before its login (RFC
 *     6856 section 2)
 */
public record Credentials(
    Mechanism mechanism, String loginName, String authzid, Secret secret, boolean utf8) {

  /** Credentials for a session in no particular encoding. */
  public Credentials(Mechanism mechanism, String loginName, String authzid, Secret secret) {
    this(mechanism, loginName, authzid, secret, false);
  }

  /** The same for a session in UTF-8, or not. */
  Credentials inUtf8(boolean wanted) {
    return new Credentials(mechanism, loginName, authzid, secret, wanted);
  }
}
