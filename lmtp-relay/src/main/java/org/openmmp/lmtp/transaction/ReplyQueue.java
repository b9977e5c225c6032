package org.openmmp.lmtp.transaction;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.wire.SessionReference;

/** The replies to a client in the order of what they answer, however their contents come. */
final class ReplyQueue {
  private static final byte[] NONE = {};
  private static final int USUAL_OCTETS = 64;

  private final Deque<Slot> slots = new ArrayDeque<>();
  private final String reference;

  /** Replies to the client of that session, which is named where this relay has no answer yet. */
  ReplyQueue(String session) {
    this.reference = SessionReference.behindWords(session);
  }

  /** The place of one reply. */
  static final class Slot {
    private @Nullable LmtpReply reply;

    /** Puts the reply there. */
    void fill(LmtpReply answer) {
      reply = answer;
    }
  }

  /** A place behind all others. */
  Slot open() {
    Slot slot = new Slot();
    slots.add(slot);
    return slot;
  }

  /** Adds a reply behind all others. */
  void add(LmtpReply reply) {
    open().fill(reply);
  }

  /** How many wait, for their contents or for those before them. */
  int waiting() {
    return slots.size();
  }

  /** Forgets those that wait. */
  void clear() {
    slots.clear();
  }

  /** Takes those whose turn it is, in octets; none if the first still waits. */
  byte[] flush() {
    Slot next = slots.peek();
    if (next == null || next.reply == null) {
      return NONE;
    }
    StringBuilder wire = new StringBuilder(USUAL_OCTETS);
    for (; next != null; next = slots.peek()) {
      LmtpReply reply = next.reply;
      if (reply == null) {
        break;
      }
      Answers.withReference(reply, reference).appendTo(wire);
      slots.remove();
    }
    return wire.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
