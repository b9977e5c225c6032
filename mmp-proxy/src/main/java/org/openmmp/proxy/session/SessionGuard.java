package org.openmmp.proxy.session;

import java.net.InetAddress;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Blocks;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.LoginTurn;
import org.openmmp.guard.Permit;
import org.openmmp.guard.ProvenLogins;
import org.openmmp.guard.RejectionPace;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.repgroup.Caller;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Network;

/** Limits and penalties as one session meets them (rules B6.3, B6.4). */
public final class SessionGuard {
  /** Who found a name or a password wrong. */
  enum Judge {
    /** Nobody was asked to check it: there is no such user, or there cannot be. */
    NOBODY,
    /** The directory checked the password. */
    DIRECTORY,
    /** A store did. */
    STORE
  }

  private final ConnectionLimits limits;
  private final LoginPenalty penalty;
  private final ProvenLogins provenLogins;
  private final RejectionPace rejections;
  private InetAddress client = InetAddress.getLoopbackAddress();
  private Caller caller = Caller.UNKNOWN;
  private LoginPenalty.@Nullable Judgement login;
  private ProvenLogins.@Nullable Proof proof;
  private @Nullable LoginTurn turn;
  private @Nullable Permit sessionOfUser;
  private long askedNanos;
  private String userName = "";
  private String authenticates = "";
  private boolean unseen;
  private boolean clientAnswered;

  /**
   * For one session.
   *
   * @param limits of connections, sessions and login rate; shared by all services
   * @param penalty for wrong passwords; shared by all services
   * @param provenLogins who was let in with what; shared by all services
   * @param rejections how long refusals of this service last
   */
  public SessionGuard(
      ConnectionLimits limits,
      LoginPenalty penalty,
      ProvenLogins provenLogins,
      RejectionPace rejections) {
    this.limits = limits;
    this.penalty = penalty;
    this.provenLogins = provenLogins;
    this.rejections = rejections;
  }

  /**
   * A login begins; {@link #holdBack} is next.
   *
   * @param seenAs the client, or who a trusted proxy in front says it is
   * @param identity the one spelling of all those that lead to the same user
   */
  void begin(
      Credentials credentials, ClientFacts seenAs, UnaryOperator<String> identity, long nowNanos) {
    client = Objects.requireNonNull(AddressLiteral.parse(seenAs.clientIp()), "not an address");
    Mechanism.Proof shown = credentials.mechanism().proof();
    unseen = shown == Mechanism.Proof.EXCHANGE;
    clientAnswered = unseen;
    String authcid = identity.apply(credentials.authcid());
    String user = credentials.forAnother() ? identity.apply(credentials.authzid()) : authcid;
    userName = user;
    authenticates = authcid;
    LoginPenalty.Judgement begun =
        unseen
            ? penalty.beginUnseen(client, authcid)
            : penalty.begin(client, authcid, credentials.secret());
    Network network = Network.ofSite(client);
    boolean secret = shown == Mechanism.Proof.PASSWORD || shown == Mechanism.Proof.TOKEN;
    ProvenLogins.Proof itsProof =
        provenLogins.of(user, authcid, secret ? credentials.secret() : null, network);
    // A token is soon another one: that it was accepted makes it known, and proves nothing.
    boolean proven = shown == Mechanism.Proof.PASSWORD && itsProof.proven(nowNanos);
    boolean known = itsProof.known(nowNanos);
    caller = new Caller(itsProof.name(), proven, known, known ? "" : network.toString());
    login = begun;
    proof = itsProof;
    turn = limits.turnOf(client, begun.proven());
  }

  /**
   * The session goes on at another store: whom it is for is known, and nothing is counted again.
   *
   * @param user its identity
   */
  void goesOn(String user, ClientFacts seenAs, long nowNanos) {
    client = Objects.requireNonNull(AddressLiteral.parse(seenAs.clientIp()), "not an address");
    userName = user;
    authenticates = user;
    Network network = Network.ofSite(client);
    ProvenLogins.Proof its = provenLogins.of(user, user, null, network);
    caller = new Caller(its.name(), false, true, "");
  }

  /** Who or what an administrator keeps out, if that is this login; else an empty text. */
  String blocked(long nowNanos) {
    Blocks blocks = limits.blocks();
    if (blocks.blocks(userName, nowNanos)) {
      return userName;
    }
    if (blocks.blocks(authenticates, nowNanos)) {
      return authenticates;
    }
    return blocks.blocks(client, nowNanos) ? "the client's network" : "";
  }

  /** Whether an administrator keeps that user out, by whatever name (rule B8.5). */
  boolean blocksEntry(String entry, long nowNanos) {
    return limits.blocks().blocksEntry(entry, nowNanos);
  }

  /** The login that begins, as the choice of a store shall know of it. */
  Caller caller() {
    return caller;
  }

  /**
   * How long the login has to wait before anybody is asked, in nanoseconds; 0: it may begin; -1: it
   * is over the login rate. To be asked again after that time.
   */
  long holdBack(long nowNanos) {
    LoginTurn waiting = turn;
    if (waiting == null || login == null) {
      return 0;
    }
    long wait = waiting.ask(nowNanos);
    if (wait == LoginTurn.NOW) {
      turn = null;
      return login.delayBefore(nowNanos).toNanos();
    }
    if (wait == LoginTurn.NEVER) {
      release();
    }
    return wait;
  }

  /** The client has ended its sending, and may be gone. */
  void clientFinished() {
    if (turn != null) {
      turn.giveWay();
    }
  }

  /** The first question about the login is asked. */
  void asks(long nowNanos) {
    askedNanos = nowNanos;
  }

  /** Whether the user may have one session more; asked before each attempt. */
  boolean hasRoomFor(String user) {
    return limits.hasRoomFor(client, user);
  }

  /** Takes the place of the user's session that a store accepted; false if others were faster. */
  boolean takesSession(String user) {
    sessionOfUser = limits.admitSession(client, user);
    return sessionOfUser != null;
  }

  /** A store asks the client, whose time is then part of the login's. */
  void asked() {
    clientAnswered = true;
  }

  /**
   * The client gave up what its store had asked. A store asks behind a token when that is refused;
   * in an exchange it has refused nothing yet.
   */
  void gaveUp(long nowNanos) {
    if (login != null && !unseen) {
      login.rejected(nowNanos);
      login = null;
    }
    if (proof != null && !unseen) {
      proof.refused(nowNanos);
      proof = null;
    }
  }

  /**
   * The login was accepted.
   *
   * @param readOnly whether by a replica, as no master took it
   */
  void accepted(boolean readOnly, long nowNanos) {
    if (login != null) {
      login.accepted();
      login = null;
    }
    if (proof != null) {
      proof.accepted(readOnly, nowNanos);
      proof = null;
    }
    client = InetAddress.getLoopbackAddress(); // nobody asks any more who logged in
    caller = Caller.UNKNOWN;
    userName = "";
    authenticates = "";
  }

  /**
   * The credentials were refused.
   *
   * @param by who found them wrong
   * @return nanoseconds to wait before the answer, which lasts the same whoever it was
   */
  long rejected(Judge by, long nowNanos) {
    if (login == null) {
      return 0;
    }
    long tookNanos = nowNanos - askedNanos;
    long pace = 0;
    if (!(clientAnswered && by == Judge.STORE)) { // whose time is the client's own
      if (by != Judge.NOBODY) {
        rejections.learn(tookNanos, nowNanos);
      }
      pace = rejections.left(tookNanos).toNanos();
    }
    long punished = login.rejected(nowNanos).toNanos();
    login = null;
    if (proof != null) {
      proof.refused(nowNanos);
      proof = null;
    }
    return pace + punished;
  }

  /** The login is over without a session, or the session is over. */
  void release() {
    login = null;
    proof = null;
    if (turn != null) {
      turn.leave();
      turn = null;
    }
    if (sessionOfUser != null) {
      sessionOfUser.close();
      sessionOfUser = null;
    }
  }
}
