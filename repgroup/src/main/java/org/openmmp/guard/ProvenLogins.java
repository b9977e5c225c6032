package org.openmmp.guard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.KeyedHash.UserKey;
import org.openmmp.wire.Network;
import org.openmmp.wire.Secret;

/**
 * Remembers which names were let in with which credential, and from which network, for 30 days
 * (rules B2.17, B2.10). A refusal as wrong ends a proof.
 *
 * <p>Of a credential no more is kept than 16 bits under a key that only this process has.
 */
public final class ProvenLogins {
  static final Duration LIFETIME = Duration.ofDays(30);

  private final KeyedHash hash;
  private final TagTable credentials;
  private final TagTable networks;

  /**
   * Begins with nothing remembered.
   *
   * @param facts how many credentials, and how many networks, are remembered, about
   * @param key at least 16 random octets, new for each process
   */
  public ProvenLogins(int facts, byte[] key, long nowNanos) {
    hash = new KeyedHash(key);
    credentials = new TagTable(facts, LIFETIME, nowNanos);
    networks = new TagTable(facts, LIFETIME, nowNanos);
  }

  /**
   * What is remembered of one login.
   *
   * @param user whose mailbox it is, in the one spelling that all spellings share
   * @param authcid who authenticates, likewise
   * @param secret password or token; null if it is not seen; read now, not kept
   * @param from the client's network
   */
  public Proof of(String user, String authcid, @Nullable Secret secret, Network from) {
    UserKey name = hash.user(user);
    UserKey who = authcid.equals(user) ? name : hash.user(user + '\0' + authcid);
    return new Proof(
        name.first(),
        secret == null ? null : (short) hash.print(who, secret),
        (short) hash.place(who, from));
  }

  /** One login in the eyes of what is remembered; used by one thread at a time. */
  public final class Proof {
    private final long name;
    private final @Nullable Short credential;
    private final short network;

    private Proof(long name, @Nullable Short credential, short network) {
      this.name = name;
      this.credential = credential;
      this.network = network;
    }

    /** Stands for the user's name; never 0. */
    public long name() {
      return name == 0 ? 1 : name;
    }

    /** Whether the name was let in with this very credential; never so for one that is not seen. */
    public boolean proven(long nowNanos) {
      return credential != null && credentials.has(name, credential, nowNanos);
    }

    /** Whether it is proven, or the name was let in from this network. */
    public boolean known(long nowNanos) {
      return proven(nowNanos) || networks.has(name, network, nowNanos);
    }

    /**
     * The login was let in.
     *
     * @param readOnly whether by a replica, as no master took it: the name is known by that, and
     *     not proven, for whom no master lets in cannot tell that a master lets nobody in
     */
    public void accepted(boolean readOnly, long nowNanos) {
      if (credential != null && !readOnly) {
        credentials.add(name, credential, nowNanos);
      }
      networks.add(name, network, nowNanos);
    }

    /** The credential was refused as wrong, which ends its proof; says whether it had one. */
    public boolean refused(long nowNanos) {
      return credential != null && credentials.remove(name, credential, nowNanos);
    }
  }
}
