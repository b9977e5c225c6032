package org.openmmp.lmtp.transaction;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.protocol.BdatCommand;
import org.openmmp.lmtp.protocol.LmtpReply;

/**
 * The message of a transaction: from DATA or the first BDAT to its end. What cannot be taken is
 * read to its end all the same, for only there the client listens.
 */
final class MessagePhase {
  /** What comes next. */
  enum Mode {
    /** Commands; perhaps BDAT for the rest of the message. */
    COMMANDS,
    /** Octets up to the end of data. */
    DATA,
    /** Octets of a chunk. */
    CHUNK,
    /** The stores' last words. */
    FINAL_REPLIES
  }

  private final LmtpConfig config;
  private final ReplyQueue replies;
  private @Nullable MessageIntake message;
  private @Nullable Transaction transaction;
  private BdatCommand chunk = new BdatCommand(0, false);
  private long chunkLeft;
  private boolean faultTold;
  private Mode mode = Mode.COMMANDS;

  MessagePhase(LmtpConfig config, ReplyQueue replies) {
    this.config = config;
    this.replies = replies;
  }

  Mode mode() {
    return mode;
  }

  /** Whether a message has begun and has not come to its end, be it that its next chunk is due. */
  boolean begun() {
    return message != null;
  }

  /** DATA: the recipients wait for the message. */
  void beginData(Transaction of, Turn turn) {
    begin(of, false, turn);
    mode = Mode.DATA;
    replies.add(LmtpReply.of(354, "", "Go ahead, end with CR LF dot CR LF"));
  }

  /**
   * BDAT.
   *
   * @param of whose message it is; null if there is nobody to take it: it is read over
   */
  void beginChunk(BdatCommand command, @Nullable Transaction of, Turn turn) {
    if (of != null && message == null) {
      begin(of, true, turn);
    }
    chunk = command;
    chunkLeft = command.octets();
    mode = Mode.CHUNK;
    if (chunkLeft == 0) {
      endChunk(turn);
    }
  }

  /**
   * Octets from the client.
   *
   * @return behind the last that belongs to the message
   */
  int onOctets(ByteBuffer octets, int from, Turn turn) {
    if (mode == Mode.CHUNK) {
      int to = (int) Math.min(octets.limit(), from + chunkLeft);
      chunkLeft -= to - from;
      if (message != null) {
        message.chunk(octets, from, to, turn);
        tellFault(turn);
      }
      if (chunkLeft == 0) {
        endChunk(turn);
      }
      return to;
    }
    MessageIntake incoming = Objects.requireNonNull(message, "no message is coming in");
    int end = incoming.data(octets, from, octets.limit(), turn);
    tellFault(turn);
    if (incoming.dataEnded()) {
      complete(turn);
    }
    return end;
  }

  /** The message cannot be kept. */
  void onSpoolFailed(Turn turn) {
    if (message != null) {
      message.fail(ClientReplies.NO_SPACE);
      tellFault(turn);
    }
  }

  /** The transaction is over, whatever came of its message. */
  void reset(Turn turn) {
    if (message != null) {
      turn.want(RelayStep.Simple.DROP_SPOOL);
    }
    message = null;
    transaction = null;
    faultTold = false;
    mode = Mode.COMMANDS;
  }

  /** Octets of the message. */
  long octets() {
    return message == null ? 0 : message.octets();
  }

  /** The client's name for the message; empty if it is not known. */
  String queueId() {
    return message == null ? "" : message.queueId();
  }

  private void begin(Transaction of, boolean chunked, Turn turn) {
    message =
        new MessageIntake(
            config.spool().maxMessageOctets(),
            config.bareNewlines() == LmtpConfig.BareNewlines.REFUSE,
            of::onBareNewline);
    transaction = of;
    turn.want(chunked ? RelayStep.Simple.OPEN_SPOOL : RelayStep.Simple.OPEN_DATA_SPOOL);
    of.beginMessage(chunked, turn);
  }

  /** Ends the deliveries at the first fault: none of them may come to the end of the message. */
  private void tellFault(Turn turn) {
    LmtpReply fault = message == null ? null : message.fault();
    if (fault != null && transaction != null && !faultTold) {
      faultTold = true;
      transaction.end(fault, fault.text(), turn);
    }
  }

  private void endChunk(Turn turn) {
    mode = Mode.COMMANDS;
    MessageIntake incoming = message;
    if (incoming == null) {
      replies.add(ClientReplies.OUT_OF_ORDER);
    } else if (chunk.last()) {
      incoming.end(turn);
      tellFault(turn);
      complete(turn);
    } else {
      LmtpReply fault = incoming.fault();
      replies.add(
          fault == null ? LmtpReply.of(250, "2.0.0", chunk.octets() + " octets received") : fault);
    }
  }

  private void complete(Turn turn) {
    mode = Mode.FINAL_REPLIES;
    MessageIntake complete = Objects.requireNonNull(message, "no message came in");
    if (complete.fault() == null) {
      turn.want(RelayStep.Simple.END_SPOOL);
    }
    Objects.requireNonNull(transaction, "no transaction")
        .completeMessage(complete.octets(), replies, turn);
  }
}
