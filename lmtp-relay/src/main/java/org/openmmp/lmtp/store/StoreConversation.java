package org.openmmp.lmtp.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.LmtpReplyReader;
import org.openmmp.lmtp.store.StoreCommand.Kind;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreStep;

/**
 * What is said on one connection to a store, from its greeting to its end: commands go in, and the
 * store's octets; octets to send come out, and what was answered.
 *
 * <p>Commands are sent together where the store has PIPELINING, else one after another. The same
 * conversation serves several transactions, one at a time.
 */
public final class StoreConversation {
  private final StoreKey key;
  private final StoreOpening opening;
  private final int mostTransactions;
  private final LmtpReplyReader replies = new LmtpReplyReader();
  private final Deque<StoreCommand> unsent = new ArrayDeque<>();
  private final Deque<StoreCommand> awaited = new ArrayDeque<>();
  private int transactions;
  private boolean failed;

  /** A conversation on a connection that is not there yet. */
  public StoreConversation(StoreKey key, StoreIntroduction introduction) {
    this.key = key;
    this.opening = new StoreOpening(key.place(), introduction);
    this.mostTransactions = introduction.mostTransactions();
    awaited.add(StoreCommand.of(Kind.GREETING, ""));
  }

  /** Where it is held. */
  public StorePlace place() {
    return key.place();
  }

  /** The connection that it is held on. */
  public StoreKey key() {
    return key;
  }

  /** What the store offered. */
  public Extensions extensions() {
    return opening.extensions();
  }

  /** Octets of the store, in order, cut anywhere. */
  public List<StoreStep> onOctets(byte[] octets) {
    List<StoreStep> events = new ArrayList<>(2);
    if (failed) {
      return events;
    }
    replies.add(octets);
    readOn(events);
    return events;
  }

  /** TLS stands. */
  public List<StoreStep> onTls() {
    List<StoreStep> events = new ArrayList<>(1);
    obey(opening.onTls(), events);
    return events;
  }

  /** Takes the greeting as it is, though a referral stood in it. */
  public List<StoreStep> goOn() {
    List<StoreStep> events = new ArrayList<>(2);
    obey(opening.goOn(), events);
    readOn(events);
    return events;
  }

  /** Will be sent as soon as that may be. */
  public void enqueue(StoreCommand command) {
    if (command.kind() == Kind.MAIL) {
      transactions++;
    }
    unsent.add(command);
  }

  /** A reply will come that no command of its own asks for. */
  public void expect(StoreCommand command) {
    awaited.add(command);
  }

  /** The commands that may be sent now, in octets; none if they have to wait for a reply. */
  public byte[] flush() {
    StringBuilder lines = new StringBuilder();
    boolean pipelining = extensions().has(Extension.PIPELINING);
    while (!unsent.isEmpty() && (pipelining || awaited.isEmpty())) {
      StoreCommand next = unsent.remove();
      lines.append(next.line()).append("\r\n");
      awaited.add(next);
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether nothing is to be sent and nothing to be answered: the next transaction may begin. */
  public boolean settled() {
    return opening.done() && quiet();
  }

  /** Whether it owes the answer to RSET and nothing else: then it will be settled. */
  boolean resetting() {
    StoreCommand owed = awaited.peek();
    return !failed
        && awaited.size() == 1
        && unsent.isEmpty()
        && owed != null
        && owed.kind() == Kind.RSET
        && !replies.hasRest();
  }

  /** Whether all that was sent is answered, and nothing else is in the pipe. */
  public boolean quiet() {
    return !failed && awaited.isEmpty() && unsent.isEmpty() && !replies.hasRest();
  }

  /** Whether another transaction may follow, of another client perhaps. */
  public boolean mayServeAgain() {
    // What was announced by a PROXY header holds for the whole connection.
    return place().access().clientId() != StoreAccess.ClientId.PROXY_V2
        && transactions < mostTransactions;
  }

  private void readOn(List<StoreStep> events) {
    while (!failed && !opening.paused()) {
      LmtpReply reply = replies.next();
      if (reply == null) {
        LmtpReplyReader.Violation violation = replies.violation();
        if (violation != null) {
          fail(AttemptOutcome.PROTOCOL_VIOLATION, "said no reply: " + violation, events);
        }
        return;
      }
      answered(awaited.poll(), reply, events);
      send(events);
    }
  }

  private void answered(@Nullable StoreCommand command, LmtpReply reply, List<StoreStep> events) {
    if (command == null) {
      boolean leaves = reply.code() == LmtpReply.CLOSING;
      fail(
          leaves ? AttemptOutcome.TEMPORARY_FAILURE : AttemptOutcome.PROTOCOL_VIOLATION,
          "said unasked " + reply,
          events);
    } else if (opening.done()) {
      events.add(new StoreEvent.Answered(command, reply));
    } else {
      obey(opening.onReply(command.kind(), reply, replies.hasRest()), events);
    }
  }

  private void obey(StoreOpening.Next next, List<StoreStep> events) {
    StoreStep event = next.event();
    if (event instanceof StoreEvent.Failed) {
      failed = true;
    }
    if (event != null) {
      events.add(event);
    }
    StoreCommand command = next.command();
    if (command != null) {
      unsent.addFirst(command);
      send(events);
    }
  }

  private void send(List<StoreStep> events) {
    byte[] octets = flush();
    if (octets.length > 0) {
      events.add(new StoreStep.Send(octets));
    }
  }

  private void fail(AttemptOutcome outcome, String what, List<StoreStep> events) {
    failed = true;
    events.add(new StoreEvent.Failed(outcome, place().host() + " " + what));
  }

  @Override
  public String toString() {
    return Objects.toString(place().host());
  }
}
