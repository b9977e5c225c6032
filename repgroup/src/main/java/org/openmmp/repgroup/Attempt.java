package org.openmmp.repgroup;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a walk: what was known when it began, how far it has come, and how it ended. It
 * belongs to its walk, and to the walk's thread.
 */
final class Attempt {
  private final StoreHost host;
  private final Reason reason;
  private final boolean readOnly;
  private final long beganNanos;
  private final long turn;
  private final long generation;
  private final boolean strayed;
  private final Map<StoreHost, Long> left;
  private final @Nullable Long leavesNanos;
  private AttemptStage stage = AttemptStage.CONNECTING;
  private boolean greeted;
  private boolean holdsPlace = true;
  private boolean kept;
  private boolean warm;
  private long connectedNanos;
  private long lateNanos;
  private @Nullable AttemptOutcome outcome;

  /**
   * An attempt that begins.
   *
   * @param candidate where, and why there
   * @param readOnly whether the session would stay at a replica
   * @param strayed whether the login went on by itself, past a host that only it had trouble with
   * @param left the hosts that the login left before their time, with their turns then
   * @param leavesNanos when it is left if the host has not come through the opening; null: not
   *     before its time
   * @param known what is remembered of the group
   */
  Attempt(
      Candidate candidate,
      boolean readOnly,
      boolean strayed,
      Map<StoreHost, Long> left,
      @Nullable Long leavesNanos,
      GroupHealth known,
      long nowNanos) {
    this.host = candidate.host();
    this.reason = candidate.reason();
    this.readOnly = readOnly;
    this.strayed = strayed;
    this.left = left;
    this.leavesNanos = leavesNanos;
    this.beganNanos = nowNanos;
    this.turn = known.host(host).turn();
    this.generation = known.generation();
  }

  StoreHost host() {
    return host;
  }

  Reason reason() {
    return reason;
  }

  boolean readOnly() {
    return readOnly;
  }

  boolean strayed() {
    return strayed;
  }

  /** Whether the login left that host before its time, and nobody came through there since. */
  boolean silentSinceLeft(StoreHost other, GroupHealth now) {
    Long turnThen = left.get(other);
    return turnThen != null && turnThen == now.host(other).turn();
  }

  /** When it is left although the host may have time; null: it is not, or not any more. */
  @Nullable Long leavesNanos() {
    return stage == AttemptStage.NAMED ? null : leavesNanos;
  }

  long beganNanos() {
    return beganNanos;
  }

  /** The host's {@linkplain HostHealth#turn turn} when it began. */
  long turn() {
    return turn;
  }

  /** The group's {@linkplain GroupHealth#generation generation} when it began. */
  long generation() {
    return generation;
  }

  AttemptStage stage() {
    return stage;
  }

  /** Whether the host greeted, or others wait for its greeting no longer. */
  boolean greeted() {
    return greeted;
  }

  /** Whether it counts among the attempts under way at the host. */
  boolean holdsPlace() {
    return holdsPlace;
  }

  /** Whether its connection is an older one. */
  boolean kept() {
    return kept;
  }

  /** How it ended; null while it is under way. */
  @Nullable AttemptOutcome outcome() {
    return outcome;
  }

  /** Whether its connection was begun before it was. */
  boolean warm() {
    return warm;
  }

  /** When its connection came about; means nothing before. */
  long connectedNanos() {
    return connectedNanos;
  }

  /** Whether nothing was heard on its new connection yet, and the host knows of no client. */
  boolean awaitsGreeting() {
    return !greeted && (stage == AttemptStage.CONNECTING || stage == AttemptStage.GREETING);
  }

  /** For so long since it began the caller had no time for it; it only grows. */
  void wasLate(long nanos) {
    lateNanos = Math.max(lateNanos, nanos);
  }

  /** For how long that was. */
  long lateNanos() {
    return lateNanos;
  }

  /** What it took of the host's time until then. */
  long tookNanos(long nowNanos) {
    return Math.max(0, nowNanos - beganNanos - lateNanos);
  }

  /** Its connection came about. */
  void connect(long nowNanos) {
    stage = AttemptStage.GREETING;
    connectedNanos = nowNanos;
  }

  /** It goes on over a connection that was begun before. */
  void useWarmConnection() {
    warm = true;
  }

  void reach(AttemptStage reached) {
    stage = reached;
  }

  /** The host has greeted, or is not waited for any longer. */
  void greet(AttemptStage reached) {
    greeted = true;
    stage = reached;
  }

  /** It gives its place back and goes on. */
  void giveUpPlace() {
    holdsPlace = false;
  }

  /** It goes on over a connection that stands for long, and has heard names. */
  void useKeptConnection() {
    kept = true;
    stage = AttemptStage.NAMED;
  }

  /** It begins again, with a new connection. */
  void useNewConnection() {
    kept = false;
    stage = AttemptStage.CONNECTING;
  }

  void end(AttemptOutcome how) {
    outcome = how;
  }
}
