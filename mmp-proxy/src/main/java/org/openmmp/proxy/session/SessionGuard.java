package org.openmmp.proxy.session;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Admission;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.LoginTry;
import org.openmmp.guard.Permit;
import org.openmmp.wire.AddressLiteral;

/** Limits and penalties as one session meets them (rules B6.3, B6.4). */
final class SessionGuard {
  private final Guards guards;
  private InetAddress client = InetAddress.getLoopbackAddress();
  private @Nullable LoginTry login;
  private @Nullable Permit sessionOfUser;
  private long lookedUpNanos;
  private boolean unseen;

  SessionGuard(Guards guards) {
    this.guards = guards;
  }

  /**
   * A login begins.
   *
   * @param seenAs the client, or who a trusted proxy in front says it is
   * @return nanoseconds to wait before anybody is asked, or -1 if it is over the login rate
   */
  long begin(Credentials credentials, ClientFacts seenAs, long nowNanos) {
    client = Objects.requireNonNull(AddressLiteral.parse(seenAs.clientIp()), "not an address");
    unseen = credentials.mechanism().proof() == Mechanism.Proof.EXCHANGE;
    LoginPenalty penalty = guards.penalty();
    LoginTry begun =
        unseen
            ? penalty.beginUnseen(client, credentials.loginName())
            : penalty.begin(client, credentials.loginName(), credentials.secret());
    login = begun;
    if (!guards.limits().admitLogin(client, begun.proven(), nowNanos)) {
      login = null;
      return -1;
    }
    return begun.delayBefore(nowNanos).toNanos();
  }

  /** The directory answered. */
  void lookedUp(long nowNanos) {
    lookedUpNanos = nowNanos;
  }

  /** Whether the user may have one session more; asked before each attempt. */
  boolean hasRoomFor(String user) {
    return guards.limits().hasRoomFor(client, user);
  }

  /** Takes the place of the user's session that a store accepted; false if others were faster. */
  boolean takesSession(String user) {
    Admission admission = guards.limits().admitSession(client, user);
    if (admission.admitted()) {
      sessionOfUser = admission.permit();
    }
    return admission.admitted();
  }

  /** The login was accepted. */
  void accepted() {
    if (login != null) {
      login.accepted();
      login = null;
    }
  }

  /**
   * The credentials were refused.
   *
   * @param byStore whether a store said so; else the answer is held back as long as one would take,
   *     so that an unknown user looks like a wrong password
   * @return nanoseconds to wait before the answer
   */
  long rejected(boolean byStore, long nowNanos, double random) {
    if (login == null) {
      return 0;
    }
    long pace = 0;
    if (!byStore) {
      pace = guards.pace().delay(random).toNanos();
    } else if (!unseen) { // else the client's own time would be learnt
      guards.pace().learn(nowNanos - lookedUpNanos);
    }
    long penalty = login.rejected(nowNanos).toNanos();
    login = null;
    return pace + penalty;
  }

  /** The login is over without a session, or the session is over. */
  void release() {
    login = null;
    if (sessionOfUser != null) {
      sessionOfUser.close();
      sessionOfUser = null;
    }
  }
}
