package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * What a session's store owes an answer to: a question of ours, behind the client's back, or one
 * that the client has asked itself (rule B9.4). While ours is open the client's octets are kept:
 * few, since it is read no more.
 */
final class StoreQuestion {
  private final boolean ours;
  private final long patienceNanos;
  private final EventLoop loop;
  private final Runnable silent;
  private final List<ByteBuf> held = new ArrayList<>(0);
  private Deadline deadline;
  private boolean delayed;

  /**
   * Asked now.
   *
   * @param silent done if no answer has come in time, although it would have been read, or one that
   *     is worth nothing
   */
  StoreQuestion(boolean ours, long patienceNanos, EventLoop loop, Runnable silent) {
    this.ours = ours;
    this.patienceNanos = patienceNanos;
    this.loop = loop;
    this.silent = silent;
    this.deadline = Deadline.after(patienceNanos, loop, this::timeOut);
  }

  boolean isOurs() {
    return ours;
  }

  /** Keeps these octets of the client. */
  void hold(ByteBuf octets) {
    held.add(octets);
  }

  /** The store is not read now: its silence means nothing. */
  void delayed() {
    delayed = true;
  }

  /** It was answered in part, and the rest is asked. */
  void goesOn() {
    deadline.cancel();
    deadline = Deadline.after(patienceNanos, loop, this::timeOut);
  }

  /** The answer is worth no more than none. */
  void fail() {
    deadline.cancel();
    silent.run();
  }

  private void timeOut() {
    if (delayed) {
      delayed = false;
      goesOn();
    } else {
      silent.run();
    }
  }

  /** It is over; what was kept is the caller's. */
  List<ByteBuf> leave() {
    deadline.cancel();
    return held;
  }
}
