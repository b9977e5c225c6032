package org.openmmp.guard;

import org.jspecify.annotations.Nullable;

/** The turn of one login within the rate of its client network; used by one thread at a time. */
public final class LoginTurn {
  /** It is this login's turn. */
  public static final long NOW = 0;

  /** Too many of its network wait already. */
  public static final long NEVER = -1;

  /** Of a login whose rate nothing limits. */
  static final LoginTurn UNLIMITED = new LoginTurn(null, false);

  /** The rest is its bucket's business, and guarded by it. */
  final boolean proven;

  boolean yields;
  boolean waits;
  long sinceNanos;

  private final LoginRate.@Nullable Bucket bucket;

  LoginTurn(LoginRate.@Nullable Bucket bucket, boolean proven) {
    this.bucket = bucket;
    this.proven = proven;
  }

  /**
   * Whether the login may begin.
   *
   * @return {@link #NOW}, {@link #NEVER}, or nanoseconds after which to ask again
   */
  public long ask(long nowNanos) {
    return bucket == null ? NOW : bucket.ask(this, nowNanos);
  }

  /**
   * The client has ended its sending: it may still wait for its answer, or be gone. Those who are
   * certainly there come first.
   */
  public void giveWay() {
    if (bucket != null) {
      bucket.giveWay(this);
    }
  }

  /** The login does not wait any more; may be called again, and after the turn. */
  public void leave() {
    if (bucket != null) {
      bucket.leave(this);
    }
  }
}
