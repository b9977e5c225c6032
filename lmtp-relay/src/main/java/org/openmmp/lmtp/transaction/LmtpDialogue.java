package org.openmmp.lmtp.transaction;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.lmtp.protocol.LmtpCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.lmtp.transaction.RelaySession.State;
import org.openmmp.wire.LineFramer;
import org.openmmp.wire.SessionReference;

/**
 * What is said with the client: its octets as commands and messages, and the replies in their
 * order.
 *
 * <p>A command is taken when all before it have their replies, but for RCPT: pipelined recipients
 * are asked about together.
 */
final class LmtpDialogue {
  /** Recipients that are asked about at one time. */
  private static final int MOST_ASKED_ABOUT = 50;

  private static final int LINE_END_OCTETS = 2;

  private final Relay relay;
  private final long openedNanos;
  private final ReplyQueue replies;
  private final MessagePhase message;
  private final ClientCommands commands;
  private final LineFramer lines;
  private @Nullable LmtpCommand held;
  private State state = State.OPENING;
  private long awaitedNanos;
  private boolean heldBack;

  LmtpDialogue(Relay relay, RelayClient client, long nowNanos) {
    this.relay = relay;
    this.openedNanos = nowNanos;
    this.replies = new ReplyQueue(client.sessionId());
    this.message = new MessagePhase(relay.settings().config(), replies);
    this.commands = new ClientCommands(relay, client, replies, message);
    int maxLine = relay.settings().config().bounds().maxLineOctets() - LINE_END_OCTETS;
    this.lines = new LineFramer(maxLine, LineFramer.LineEnd.CRLF);
    allowClient(nowNanos);
  }

  State state() {
    return state;
  }

  @Nullable Transaction transaction() {
    return commands.transaction();
  }

  MessagePhase message() {
    return message;
  }

  /** Whether more octets are wanted now. */
  boolean wantsOctets() {
    return state == State.MESSAGE || (state == State.COMMANDS && held == null);
  }

  /** Whether the client owes something, and has until {@link #awaitedNanos} for it. */
  boolean isAwaited() {
    return switch (state) {
      case OPENING, STARTING_TLS -> true;
      case MESSAGE -> !heldBack;
      case COMMANDS -> replies.waiting() == 0;
      case FINAL_REPLIES, CLOSED -> false;
    };
  }

  long awaitedNanos() {
    return awaitedNanos;
  }

  /**
   * Whether the client is not read because stores take its message slowly: then it owes nothing.
   */
  void holdBack(boolean held, long nowNanos) {
    if (heldBack && !held) {
      allowClient(nowNanos);
    }
    heldBack = held;
  }

  /** Says what is known of every recipient before the session is ended (rule B5.19). */
  void conclude(String reason, Turn turn) {
    Transaction transaction = commands.transaction();
    if (transaction != null && state == State.FINAL_REPLIES) {
      transaction.end(Answers.SHUTTING_DOWN, reason, turn);
    } else if (transaction != null) {
      transaction.refuseWaiting(Answers.SHUTTING_DOWN);
    }
    write(turn);
  }

  /** What the client is told whose session is ended. */
  byte[] lastWords(Farewell why) {
    LmtpReply words = ClientReplies.farewell(why);
    String text = words.text() + SessionReference.behindWords(commands.client().sessionId());
    return why.namesSession()
        ? LmtpReply.of(words.code(), words.status(), text).octets()
        : words.octets();
  }

  void open(Turn turn) {
    relay.listener().opened(commands.client());
    state = State.COMMANDS;
    commands.greet();
    allowClient(turn.nowNanos());
  }

  void octets(ByteBuffer octets, Turn turn) {
    if (state == State.MESSAGE && lines.buffered() == 0) {
      readMessage(octets, turn);
    } else if (state != State.CLOSED) {
      lines.add(copied(octets, 0));
    }
  }

  void secured(Turn turn) {
    if (state == State.STARTING_TLS) {
      lines.clear();
      state = State.COMMANDS;
      commands.underTls(turn);
      allowClient(turn.nowNanos());
    }
  }

  /** Writes what may be written and takes what may be taken, until something is to be awaited. */
  void settle(Turn turn) {
    boolean goesOn = state != State.CLOSED;
    while (goesOn) {
      reply(turn);
      goesOn =
          switch (state) {
            case COMMANDS -> takeCommand(turn);
            case MESSAGE ->
                lines.buffered() > 0 && readMessage(ByteBuffer.wrap(lines.rest()), turn);
            case FINAL_REPLIES -> finish(turn);
            case OPENING, STARTING_TLS, CLOSED -> false;
          };
    }
  }

  /** Writes what is due; the client's time begins when it owes the next word. */
  private void reply(Turn turn) {
    boolean owed = replies.waiting() > 0;
    write(turn);
    if (owed && replies.waiting() == 0) {
      allowClient(turn.nowNanos());
    }
  }

  /** The end, without a word. */
  void close(String reason, Turn turn) {
    if (state == State.CLOSED) {
      return;
    }
    commands.reset(turn);
    replies.clear();
    lines.clear();
    boolean wasOpened = state != State.OPENING;
    state = State.CLOSED;
    if (wasOpened) {
      relay
          .listener()
          .closed(
              commands.client(), commands.transactions(), turn.nowNanos() - openedNanos, reason);
    }
  }

  private boolean takeCommand(Turn turn) {
    LmtpCommand next = held;
    if (next == null) {
      byte[] line = lines.line();
      if (line == null) {
        return lines.tooLong() && leave(ClientReplies.LINE_TOO_LONG, Farewell.PROTOCOL_ABUSE, turn);
      }
      next = LmtpCommand.of(line);
    }
    boolean together = next.verb() == LmtpVerb.RCPT && replies.waiting() < MOST_ASKED_ABOUT;
    if (replies.waiting() > 0 && !together) {
      held = next;
      return false;
    }
    held = null;
    allowClient(turn.nowNanos());
    switch (commands.obey(next, turn)) {
      case NEXT_COMMAND -> followMessage();
      case TLS -> startTls(turn);
      case QUIT -> bye("quit", turn);
      case TOO_MANY_ERRORS -> bye(Farewell.PROTOCOL_ABUSE.cause(), turn);
    }
    return state != State.CLOSED;
  }

  private void startTls(Turn turn) {
    if (lines.buffered() > 0) {
      leave(ClientReplies.INJECTION, Farewell.INJECTION, turn); // T1
      return;
    }
    replies.add(ClientReplies.BEGIN_TLS);
    write(turn);
    state = State.STARTING_TLS;
    turn.want(RelayStep.Simple.START_TLS);
  }

  /** Always true, for what follows the message may be the next command. */
  private boolean readMessage(ByteBuffer octets, Turn turn) {
    allowClient(turn.nowNanos());
    int end = message.onOctets(octets, 0, turn);
    followMessage();
    if (end < octets.limit()) {
      lines.add(copied(octets, end));
    }
    return true;
  }

  private static byte[] copied(ByteBuffer octets, int from) {
    byte[] copy = new byte[octets.limit() - from];
    octets.get(from, copy);
    return copy;
  }

  private void followMessage() {
    state =
        switch (message.mode()) {
          case COMMANDS -> State.COMMANDS;
          case DATA, CHUNK -> State.MESSAGE;
          case FINAL_REPLIES -> State.FINAL_REPLIES;
        };
  }

  private boolean finish(Turn turn) {
    Transaction transaction = commands.transaction();
    if (transaction != null && !transaction.finished()) {
      return false;
    }
    commands.reset(turn);
    state = State.COMMANDS;
    allowClient(turn.nowNanos());
    return true;
  }

  private boolean leave(LmtpReply reply, Farewell why, Turn turn) {
    replies.add(reply);
    bye(why.cause(), turn);
    return false;
  }

  private void bye(String reason, Turn turn) {
    write(turn);
    close(reason, turn);
    turn.want(new RelayStep.Close(reason));
  }

  private void allowClient(long nowNanos) {
    var timeouts = relay.settings().config().timeouts();
    boolean within = state == State.MESSAGE;
    awaitedNanos = nowNanos + (within ? timeouts.body() : timeouts.command()).toNanos();
  }

  /** Writes the replies whose turn it is. */
  private void write(Turn turn) {
    byte[] octets = replies.flush();
    if (octets.length > 0) {
      turn.want(new RelayStep.Reply(octets));
    }
  }
}
