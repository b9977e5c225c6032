package org.openmmp.proxy.identity;

import java.util.function.UnaryOperator;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

/**
 * What a client logs in with. Free of CR, LF and NUL in both names: a dialogue refuses those before
 * it makes one.
 *
 * @param mechanism how it was presented
 * @param authcid the authentication identity, whose secret it is, as the client wrote it, octets in
 *     UTF-8 decoded
 * @param authzid the authorization identity, whose mailbox is wanted, likewise; empty if none was
 *     given or it is the authcid
 * @param secret password or token; for {@link Mechanism.Proof#EXCHANGE} the client's first message
 *     as it came; empty for {@link Mechanism#EXTERNAL}
 * @param utf8 whether the session shall be in UTF-8, as a POP3 client asks before its login (RFC
 *     6856 section 2)
 */
public record Credentials(
    Mechanism mechanism, String authcid, String authzid, Secret secret, boolean utf8) {

  /** Credentials for a session in no particular encoding. */
  public Credentials(Mechanism mechanism, String authcid, String authzid, Secret secret) {
    this(mechanism, authcid, authzid, secret, false);
  }

  /** The name whose mailbox is wanted: it is looked up, limited and logged. */
  public String loginName() {
    return forAnother() ? authzid : authcid;
  }

  /**
   * Whether who authenticates wants the mailbox of somebody else. The owner of a certificate never
   * does: no store could judge that, since only the administrator logs in there.
   */
  public boolean forAnother() {
    return !authzid.isEmpty() && mechanism.proof() != Mechanism.Proof.CERTIFICATE;
  }

  /** The same for a session in UTF-8, or not. */
  public Credentials inUtf8(boolean wanted) {
    return new Credentials(mechanism, authcid, authzid, secret, wanted);
  }

  /**
   * The same as the site understands it: a name in the master user's form is two, and an
   * authorization identity that is another spelling of the authcid is none. A name that is part of
   * a proof, or that a token belongs to, stays as it is.
   *
   * @param masterUserSeparator such as {@code *} in {@code user*master}; empty: there is no such
   *     form
   * @param identity the one spelling of all those that lead to the same user
   */
  public Credentials asMeant(String masterUserSeparator, UnaryOperator<String> identity) {
    if (mechanism.proof() != Mechanism.Proof.PASSWORD) {
      return this;
    }
    if (!authzid.isEmpty()) {
      boolean itself = identity.apply(authzid).equals(identity.apply(authcid));
      return itself ? named(authcid, "") : this;
    }
    int at = masterUserSeparator.isEmpty() ? -1 : authcid.indexOf(masterUserSeparator);
    String master = at < 1 ? "" : authcid.substring(at + masterUserSeparator.length());
    return master.isEmpty() ? this : named(master, authcid.substring(0, at)).asMeant("", identity);
  }

  private Credentials named(String who, String asWhom) {
    return new Credentials(mechanism, who, asWhom, secret, utf8);
  }
}
