package org.openmmp.lmtp.transaction;

import java.time.Duration;
import java.util.List;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.store.IdleStores;
import org.openmmp.lmtp.store.StoreCommand;
import org.openmmp.lmtp.store.StoreCommand.Kind;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.store.StoreEvent;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.transaction.RelayStep.Act;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.routing.StoreSearch;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.Timeline;

/**
 * One attempt to deliver to some recipients at one store, from the connect, or from a connection
 * that was kept, to the store's last word. Once it has ended nothing more is heard of it.
 */
final class StoreAttempt {
  private final Relay relay;
  private final StoreSearch search;
  private final StoreConversation store;
  private final boolean reused;
  private final Timeline<DeliveryStage> timeline;
  private final Bulkheads.Berth berth;
  private final AttemptEnding ending;
  private final StoreTransaction transaction;
  private DeliveryStage stage = DeliveryStage.CONNECTING;
  private long deadlineNanos;
  private long begunNanos;
  private boolean bodyPending;
  private boolean refused;
  private boolean broken;
  private boolean over;

  /**
   * An attempt that has not begun.
   *
   * @param search told how far it comes
   * @param reused whether the connection served another transaction before
   * @param berth told of each word of the store
   */
  StoreAttempt(
      Relay relay,
      StoreSearch search,
      StoreConversation store,
      boolean reused,
      EnvelopeCommand mail,
      Timeline<DeliveryStage> timeline,
      Bulkheads.Berth berth,
      AttemptEnding ending) {
    this.relay = relay;
    this.search = search;
    this.store = store;
    this.reused = reused;
    this.timeline = timeline;
    this.berth = berth;
    this.ending = ending;
    this.transaction = new StoreTransaction(this, mail, ending);
  }

  StoreConversation store() {
    return store;
  }

  /** Whether the connection may have died before this attempt began. */
  boolean mayBeStale() {
    return reused && stage.compareTo(DeliveryStage.MAIL) <= 0;
  }

  DeliveryStage stage() {
    return stage;
  }

  boolean over() {
    return over;
  }

  /** Whether the store owes something, and has until {@link #deadlineNanos} for it. */
  boolean timed() {
    return switch (stage) {
      case RCPT -> transaction.awaitsRecipients();
      case BODY -> bodyPending;
      case CONNECTING, GREETING, MAIL, DATA, END_OF_DATA, FINAL_REPLIES -> true;
    };
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /** Begins, on a new connection or on one that was kept. */
  void begin(Turn turn) {
    var access = store.place().access();
    begunNanos = turn.nowNanos();
    if (reused) {
      search.keptConnection(turn.nowNanos());
      turn.want(new RelayStep.AtStore(Act.ADOPT, store.key()));
      if (store.settled()) {
        transaction.open(turn);
      }
      // Its silence must not last longer than that of a host that is asked anew.
      allow(access.greetingTimeout(), turn);
    } else {
      turn.want(new RelayStep.AtStore(Act.CONNECT, store.key()));
      allow(access.connectTimeout().plus(access.greetingTimeout()), turn);
    }
  }

  /** When it began. */
  long begunNanos() {
    return begunNanos;
  }

  /** Whether the store has not yet said that this connection may be used. */
  boolean opening() {
    return !reused && stage.compareTo(DeliveryStage.GREETING) <= 0;
  }

  /** What is said of the message: its recipients, and its body. */
  StoreTransaction transaction() {
    return transaction;
  }

  /** The connection stands, under TLS if that is implicit. */
  void onConnected(Turn turn) {
    enter(DeliveryStage.GREETING, turn);
    search.reached(store.place().access().stageOnceConnected(), turn.nowNanos());
    allow(store.place().access().greetingTimeout(), turn);
  }

  /** The end of the message is about to be sent. */
  void onEndOfData(Turn turn) {
    enter(DeliveryStage.END_OF_DATA, turn);
    transaction.onEndOfData();
    allow(timeouts().stall(), turn);
  }

  /** Whether the store has taken the message and its end, so that only its word is awaited. */
  boolean hasAll() {
    return stage == DeliveryStage.FINAL_REPLIES;
  }

  /**
   * The store took some of the message, or was given some.
   *
   * @param pendingOctets what it was given and has not taken
   */
  void onBodyProgress(long pendingOctets, Turn turn) {
    berth.heard(turn.nowNanos());
    bodyPending = pendingOctets > 0;
    if (stage == DeliveryStage.BODY || stage == DeliveryStage.END_OF_DATA) {
      allow(timeouts().stall(), turn);
    }
  }

  /** All of the message is out. */
  void onBodySent(Turn turn) {
    if (!over) {
      enter(DeliveryStage.FINAL_REPLIES, turn);
      allow(timeouts().finalReplies(), turn);
    }
  }

  /** The connection is lost, or of no use any more, or the store is silent for too long. */
  void onLost(AttemptOutcome outcome, String reason, Turn turn) {
    if (over) {
      return;
    }
    over = true;
    broken = true;
    if (stage.mayHaveDelivered() || (mixedUp(outcome) && !mayBeStale())) {
      ending.lost(reason, turn);
    } else {
      ending.failed(outcome, reason, turn);
    }
  }

  /** A reply that nobody waited for: nobody knows which of the others were meant (rule B5.14). */
  private boolean mixedUp(AttemptOutcome outcome) {
    return outcome == AttemptOutcome.PROTOCOL_VIOLATION && stage.compareTo(DeliveryStage.MAIL) >= 0;
  }

  /** Ends the attempt on a connection that the store has not opened, without a word. */
  void breakOff(Turn turn) {
    broken = true;
    abandon(turn);
  }

  /** Ends the attempt: the store has delivered nothing unless the end of the message was sent. */
  void abandon(Turn turn) {
    over = true;
    leave(turn);
  }

  /** Gives the connection back if it is known what the store thinks of it, and else closes it. */
  void leave(Turn turn) {
    boolean between = stage == DeliveryStage.MAIL || stage == DeliveryStage.RCPT || refused;
    boolean through = stage == DeliveryStage.FINAL_REPLIES && store.settled();
    if (!broken && store.mayServeAgain() && (between || through) && mayBeKept()) {
      keep(turn);
    } else {
      // Within a message any word would be part of it.
      boolean politely = between || through || stage == DeliveryStage.GREETING;
      Act parting = politely && !broken ? Act.QUIT : Act.BREAK_OFF;
      turn.want(new RelayStep.AtStore(parting, store.key()));
    }
  }

  /** Whether the host is still in use: else the connection ends with this transaction. */
  private boolean mayBeKept() {
    return relay.selector().keeps(store.place().group(), store.place().host());
  }

  /** The connection may serve again once RSET is answered, and nothing but that (rule B5.14). */
  private void keep(Turn turn) {
    IdleStores idle = relay.idle();
    if (!relay.capacity().keep(store.key(), idle.closing(store.key()), turn.nowNanos())) {
      turn.want(new RelayStep.AtStore(Act.QUIT, store.key()));
      return;
    }
    store.enqueue(StoreCommand.of(Kind.RSET, "RSET"));
    flush(turn);
    turn.want(new RelayStep.AtStore(Act.KEEP, store.key()));
    for (StoreKey tooMany : idle.keep(store, turn.nowNanos())) {
      turn.want(new RelayStep.AtStore(Act.QUIT, tooMany));
    }
  }

  /** The transaction is through. */
  void complete(Turn turn) {
    over = true;
    ending.completed(turn);
  }

  /**
   * All of it is refused by this relay's own judgement of what the store takes.
   *
   * @param within whether the store is in the middle of the message, or about to be
   */
  void turnDown(LmtpReply reply, boolean within, Turn turn) {
    over = true;
    refused = !within;
    broken = within;
    ending.refused(reply, turn);
  }

  /**
   * MAIL, DATA or the message as a whole was not taken.
   *
   * @param within whether the store is in the middle of the message
   */
  void refuse(LmtpReply reply, boolean within, Turn turn) {
    over = true;
    refused = !within;
    broken = within;
    DeliveryStage.Meaning meaning = reply.isPermanent() ? stage.permanent() : stage.temporary();
    switch (meaning) {
      case NEXT_HOST -> {
        String said = store + " answered " + stage.words() + " with " + reply;
        ending.failed(AttemptOutcome.TEMPORARY_FAILURE, said, turn);
      }
      case THE_ANSWER -> ending.refused(reply, turn);
      case FATE_UNKNOWN -> throw new IllegalStateException("a reply tells the fate");
    }
  }

  void enter(DeliveryStage next, Turn turn) {
    if (next.compareTo(stage) < 0) {
      throw new IllegalStateException("back from " + stage + " to " + next);
    }
    stage = next;
    timeline.enter(next, turn.nowNanos());
    if (next == DeliveryStage.MAIL || next == DeliveryStage.DATA) {
      relay.capacity().asked(store.key(), turn.nowNanos());
    }
  }

  /** The store has so long for its next word, or for taking some of the message. */
  void allow(Duration limit, Turn turn) {
    deadlineNanos = turn.nowNanos() + limit.toNanos();
  }

  /** The store has as long as it has for any answer. */
  void allowAnswer(Turn turn) {
    allow(store.place().access().answerTimeout(), turn);
  }

  void flush(Turn turn) {
    byte[] octets = store.flush();
    if (octets.length > 0) {
      turn.want(new RelayStep.AtStore(Act.SEND, store.key(), octets));
    }
  }

  /** Does what follows from what the store sent; the begin of a reply is no answer yet. */
  void obey(List<StoreStep> events, Turn turn) {
    if (events.isEmpty()) {
      return;
    }
    berth.heard(turn.nowNanos());
    relay.capacity().heard(store.key(), turn.nowNanos());
    for (StoreStep event : events) {
      if (over) {
        return;
      } else if (event instanceof StoreStep.Send send) {
        turn.want(new RelayStep.AtStore(Act.SEND, store.key(), send.octets()));
      } else if (event instanceof StoreEvent.Answered answered) {
        onAnswer(answered, turn);
      } else if (event == StoreStep.Simple.GREETED) {
        allow(store.place().access().greetingTimeout(), turn);
        greeted(turn);
      } else if (event instanceof StoreEvent.Referred referred) {
        ending.referred(referred.referral(), turn);
      } else if (event == StoreStep.Simple.NAMED) {
        search.reached(AttemptStage.NAMED, turn.nowNanos());
        allowAnswer(turn);
      } else if (event == StoreStep.Simple.START_TLS) {
        turn.want(new RelayStep.AtStore(Act.START_TLS, store.key()));
      } else if (event == StoreStep.Simple.READY) {
        relay.capacity().greeted(store.key(), turn.nowNanos());
        relay.heard().heard(store.place().host(), store.extensions(), turn.nowNanos());
        search.reached(AttemptStage.NAMED, turn.nowNanos());
        transaction.open(turn);
        allowAnswer(turn);
      } else if (event instanceof StoreEvent.Failed failed) {
        onLost(failed.outcome(), failed.reason(), turn);
      }
    }
  }

  /** The store gave a sign of life: a good greeting, or its answer to MAIL; may be told twice. */
  void greeted(Turn turn) {
    search.reached(AttemptStage.OPENING, turn.nowNanos());
  }

  /** What is said where this store takes no addresses in UTF-8. */
  LmtpReply withoutSmtpUtf8(Turn turn) {
    return relay.heard().withoutSmtpUtf8(search.group(), turn.nowNanos());
  }

  /** What is said where it takes no message of that length. */
  LmtpReply tooLong(long octets, Turn turn) {
    return relay.heard().tooLong(search.group(), octets, turn.nowNanos());
  }

  private LmtpConfig.Timeouts timeouts() {
    return relay.settings().config().timeouts();
  }

  private void onAnswer(StoreEvent.Answered answered, Turn turn) {
    if (answered.reply().code() == LmtpReply.CLOSING) {
      String said = store + " left at " + stage.words() + " with " + answered.reply();
      onLost(AttemptOutcome.TEMPORARY_FAILURE, said, turn);
    } else if (answered.command().kind() == StoreCommand.Kind.RSET) {
      onReset(answered.reply(), turn);
    } else {
      transaction.onAnswer(answered.command(), answered.reply(), turn);
    }
  }

  /** The connection that was kept may be used from here on, if nothing else is in the pipe. */
  private void onReset(LmtpReply reply, Turn turn) {
    if (reply.isPositive() && store.settled()) {
      transaction.open(turn);
    } else {
      onLost(AttemptOutcome.PROTOCOL_VIOLATION, store + " answered RSET with " + reply, turn);
    }
  }
}
