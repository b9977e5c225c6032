package org.openmmp.guard;

/** The turn of one login within the rate of its client network; used by one thread at a time. */
public interface LoginTurn {
  /** It is this login's turn. */
  long NOW = 0;

  /** Too many of its network wait already. */
  long NEVER = -1;

  /** Of a login whose rate nothing limits. */
  LoginTurn UNLIMITED =
      new LoginTurn() {
        @Override
        public long ask(long nowNanos) {
          return NOW;
        }

        @Override
        public void giveWay() {}

        @Override
        public void leave() {}
      };

  /**
   * Whether the login may begin.
   *
   * @return {@link #NOW}, {@link #NEVER}, or nanoseconds after which to ask again
   */
  long ask(long nowNanos);

  /**
   * The client has ended its sending: it may still wait for its answer, or be gone. Those who are
   * certainly there come first.
   */
  void giveWay();

  /** The login does not wait any more; may be called again, and after the turn. */
  void leave();
}
