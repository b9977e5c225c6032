package org.openmmp.guard;

import org.jspecify.annotations.Nullable;

/** One login in the eyes of {@link ProvenLogins}; used by one thread at a time. */
public final class LoginProof {
  private final ProvenLogins logins;
  private final long name;
  private final @Nullable Short credential;
  private final short network;

  LoginProof(ProvenLogins logins, long name, @Nullable Short credential, short network) {
    this.logins = logins;
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
    return credential != null && logins.hasCredential(name, credential, nowNanos);
  }

  /** Whether it is proven, or the name was let in from this network. */
  public boolean known(long nowNanos) {
    return proven(nowNanos) || logins.hasNetwork(name, network, nowNanos);
  }

  /** The login was let in. */
  public void accepted(long nowNanos) {
    logins.remember(name, credential, network, nowNanos);
  }

  /** The credential was refused as wrong, which ends its proof; says whether it had one. */
  public boolean refused(long nowNanos) {
    return credential != null && logins.endCredential(name, credential, nowNanos);
  }
}
