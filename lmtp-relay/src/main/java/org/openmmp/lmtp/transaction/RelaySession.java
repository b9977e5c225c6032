package org.openmmp.lmtp.transaction;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.Farewell;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * One LMTP client from accept to close.
 *
 * <pre>
 * OPENING  → COMMANDS → STARTING_TLS → COMMANDS
 * COMMANDS → MESSAGE → FINAL_REPLIES → COMMANDS
 * any      → CLOSED
 * </pre>
 *
 * <p>Events give steps, which the adapter carries out in order; then it asks {@link #deadline} and
 * calls {@link #onTick} at that time. Events that come too late are ignored.
 */
public final class RelaySession {
  /** What a session waits for. */
  public enum State {
    /** That its greeting is made. */
    OPENING,
    /** The client's next command, or the reply to one. */
    COMMANDS,
    /** The client's TLS handshake. */
    STARTING_TLS,
    /** The rest of the client's message. */
    MESSAGE,
    /** The stores' last words. */
    FINAL_REPLIES,
    /** Nothing. */
    CLOSED
  }

  private final LmtpDialogue dialogue;

  /** A session for a client that was just accepted. */
  public RelaySession(Relay relay, RelayClient client, long nowNanos) {
    this.dialogue = new LmtpDialogue(relay, client, nowNanos);
  }

  /** The connection stands. */
  public List<RelayStep> onOpen(long nowNanos) {
    Turn turn = new Turn(nowNanos, 0);
    dialogue.open(turn);
    return settled(turn);
  }

  /**
   * Octets from the client.
   *
   * @param octets from index 0 to the limit
   */
  public List<RelayStep> onClientOctets(ByteBuffer octets, long nowNanos, double random) {
    Turn turn = new Turn(nowNanos, random);
    dialogue.octets(octets, turn);
    return settled(turn);
  }

  /** The client's TLS handshake is done. */
  public List<RelayStep> onClientTls(long nowNanos) {
    Turn turn = new Turn(nowNanos, 0);
    dialogue.secured(turn);
    return settled(turn);
  }

  /** The directory answered for the recipient of that key. */
  public List<RelayStep> onLookup(
      int recipient, LookupResult result, long nowNanos, double random) {
    Turn turn = new Turn(nowNanos, random);
    Transaction transaction = dialogue.transaction();
    if (transaction != null) {
      transaction.onLookup(recipient, result, turn);
    }
    return settled(turn);
  }

  /** Something changed that was awaited. */
  public List<RelayStep> onWake(Object what, long nowNanos, double random) {
    Turn turn = new Turn(nowNanos, random);
    Transaction transaction = dialogue.transaction();
    if (transaction != null) {
      transaction.deliveries().forEach(each -> each.onWake(what, turn));
    }
    return settled(turn);
  }

  /** The connection to the store stands. */
  public List<RelayStep> onStoreConnected(StoreKey store, long nowNanos) {
    return atStore(store, nowNanos, 0, StoreAttempt::onConnected);
  }

  /** Octets from a store. */
  public List<RelayStep> onStoreOctets(
      StoreKey store, byte[] octets, long nowNanos, double random) {
    return atStore(
        store,
        nowNanos,
        random,
        (attempt, turn) -> attempt.obey(attempt.store().onOctets(octets), turn));
  }

  /** TLS with a store stands. */
  public List<RelayStep> onStoreTls(StoreKey store, long nowNanos) {
    return atStore(
        store, nowNanos, 0, (attempt, turn) -> attempt.obey(attempt.store().onTls(), turn));
  }

  /** There is no connection to a store, or no more. */
  public List<RelayStep> onStoreLost(
      StoreKey store, AttemptOutcome outcome, String reason, long nowNanos, double random) {
    return atStore(
        store, nowNanos, random, (attempt, turn) -> attempt.onLost(outcome, reason, turn));
  }

  /** A store is about to be sent a chunk that is not the last, and owes a reply to it. */
  public List<RelayStep> onChunk(StoreKey store, long nowNanos) {
    return atStore(store, nowNanos, 0, (attempt, turn) -> attempt.transaction().onChunk());
  }

  /** A store was given some of the message, or took some; so much is still on its way. */
  public List<RelayStep> onBodyProgress(StoreKey store, long pendingOctets, long nowNanos) {
    return atStore(
        store, nowNanos, 0, (attempt, turn) -> attempt.onBodyProgress(pendingOctets, turn));
  }

  /** A store is about to be sent the end of the message: call before any octet of it leaves. */
  public List<RelayStep> onEndOfData(StoreKey store, long nowNanos) {
    return atStore(store, nowNanos, 0, StoreAttempt::onEndOfData);
  }

  /**
   * Whether a store may be sent more of a message, or its end, now; if not, ask again after its
   * next reply.
   */
  public boolean maySend(StoreKey store, boolean end) {
    StoreAttempt attempt = attemptAt(store);
    return attempt != null && attempt.transaction().maySend(end);
  }

  /** How many stores have not got all of the message yet, or have not answered for it. */
  public int openDeliveries() {
    Transaction transaction = dialogue.transaction();
    return transaction == null ? 0 : transaction.openDeliveries();
  }

  /** Whether the client is not read now, for stores take its message too slowly. */
  public void holdBack(boolean held, long nowNanos) {
    dialogue.holdBack(held, nowNanos);
  }

  /** Whether a store may still be sent the end of a message: else another may get it. */
  public boolean delivers(StoreKey store) {
    return attemptAt(store) != null;
  }

  /** A store was sent all of the message. */
  public List<RelayStep> onBodySent(StoreKey store, long nowNanos) {
    return atStore(store, nowNanos, 0, StoreAttempt::onBodySent);
  }

  /** The message cannot be kept, or not be read again. */
  public List<RelayStep> onSpoolFailed(long nowNanos, double random) {
    Turn turn = new Turn(nowNanos, random);
    dialogue.message().onSpoolFailed(turn);
    return settled(turn);
  }

  /** When to call {@link #onTick}; null: not at all. */
  public @Nullable Long deadline() {
    Long next = dialogue.isAwaited() ? dialogue.awaitedNanos() : null;
    Transaction transaction = dialogue.transaction();
    if (transaction != null) {
      for (GroupDelivery delivery : transaction.deliveries()) {
        next = delivery.earliest(next);
      }
    }
    return next;
  }

  /** Whether the client's time is over, so that {@link #onTick} would end the session. */
  public boolean endsByDeadline(long nowNanos) {
    return dialogue.isAwaited() && nowNanos - dialogue.awaitedNanos() >= 0;
  }

  /** A deadline may have passed. */
  public List<RelayStep> onTick(long nowNanos, double random) {
    if (endsByDeadline(nowNanos)) {
      return end(Farewell.IDLE, nowNanos);
    }
    Turn turn = new Turn(nowNanos, random);
    Transaction transaction = dialogue.transaction();
    if (transaction != null) {
      transaction.deliveries().forEach(each -> each.onTick(turn));
    }
    return settled(turn);
  }

  /** The client went away. */
  public List<RelayStep> onClientClosed(String reason, long nowNanos) {
    Turn turn = new Turn(nowNanos, 0);
    dialogue.close(reason, turn);
    return turn.steps();
  }

  /** Ends the session with last words. */
  public List<RelayStep> end(Farewell why, long nowNanos) {
    Turn turn = new Turn(nowNanos, 0);
    if (state() != State.CLOSED) {
      String reason = why.cause();
      dialogue.conclude(reason, turn);
      turn.want(new RelayStep.Reply(dialogue.lastWords(why)));
      dialogue.close(reason, turn);
      turn.want(new RelayStep.Close(reason));
    }
    return turn.steps();
  }

  /** What a client is told whose session is ended, or never begins. */
  public static byte[] lastWords(Farewell why) {
    return ClientReplies.farewell(why).octets();
  }

  /** Whether more of the client's octets are wanted now. */
  public boolean wantsClientOctets() {
    return dialogue.wantsOctets();
  }

  /** Whether it is the client's turn. */
  public boolean awaitsClient() {
    return dialogue.isAwaited();
  }

  /** Whether the session is between transactions. */
  public boolean idle() {
    return state() == State.COMMANDS && dialogue.transaction() == null;
  }

  /** What the session waits for. */
  public State state() {
    return dialogue.state();
  }

  private List<RelayStep> atStore(
      StoreKey store, long nowNanos, double random, BiConsumer<StoreAttempt, Turn> event) {
    Turn turn = new Turn(nowNanos, random);
    StoreAttempt attempt = attemptAt(store);
    if (attempt != null) {
      event.accept(attempt, turn);
    }
    return settled(turn);
  }

  private @Nullable StoreAttempt attemptAt(StoreKey store) {
    Transaction transaction = dialogue.transaction();
    return transaction == null ? null : transaction.attemptAt(store);
  }

  private List<RelayStep> settled(Turn turn) {
    dialogue.settle(turn);
    Transaction transaction = dialogue.transaction();
    if (transaction != null) {
      transaction.deliveries().forEach(each -> each.settle(turn));
    }
    return turn.steps();
  }
}
