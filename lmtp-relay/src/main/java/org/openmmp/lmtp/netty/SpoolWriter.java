package org.openmmp.lmtp.netty;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.spool.AppendResult;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.transaction.RelayStep;

/**
 * Appends a message to its spool in order: on the event loop as long as it fits into memory, else
 * by the workers. On the event loop of its session.
 */
final class SpoolWriter {
  /** What is kept at hand of a message besides its spool; it may come in many small pieces. */
  private static final int MOST_RECENT_OCTETS = 256 * 1024;

  private static final int MOST_RECENT_PIECES = 64;

  /** What may wait for the disk; the client is not read while more does. */
  private static final int MOST_WAITING_OCTETS = 512 * 1024;

  private final MessageSpool spool;
  private final EventLoop loop;
  private final Executor workers;
  private final Runnable grown;
  private final Consumer<String> failing;
  private List<RelayStep.Spool> waiting = new ArrayList<>();

  /** What came last, for stores that keep up: they need not read it from the spool. */
  private final Deque<RelayStep.Spool> recent = new ArrayDeque<>();

  /** Where in the message the recent octets begin. */
  private long recentFrom;

  private long waitingOctets;
  private long octets;
  private boolean writing;
  private boolean ended;
  private boolean failed;

  /**
   * Nothing is spooled yet.
   *
   * @param grown runs when more is in the file, or all of it spooled
   * @param failing hears that the message cannot be kept: what is wrong with the spool, or an empty
   *     text if that is in order
   */
  SpoolWriter(
      MessageSpool spool,
      EventLoop loop,
      Executor workers,
      Runnable grown,
      Consumer<String> failing) {
    this.spool = spool;
    this.loop = loop;
    this.workers = workers;
    this.grown = grown;
    this.failing = failing;
  }

  MessageSpool spool() {
    return spool;
  }

  /** How many octets were given to it. */
  long octets() {
    return octets;
  }

  void append(RelayStep.Spool piece) {
    int count = piece.count();
    if (failed) {
      return;
    }
    octets += count;
    recent.add(piece);
    while (recent.size() > MOST_RECENT_PIECES || octets - recentFrom > MOST_RECENT_OCTETS) {
      recentFrom += recent.remove().count();
    }
    if (waitingOctets == 0 && spool.fitsMemory(count)) {
      AppendResult result = append(List.of(piece));
      if (result != AppendResult.STORED) {
        written(result);
      }
      return;
    }
    waiting.add(piece);
    waitingOctets += count;
    writeMore();
  }

  /** The octets from that position on, if they came lately; null if they have to be read. */
  RelayStep.@Nullable Spool recentAt(long position) {
    if (failed || position < recentFrom || position >= octets) {
      return null;
    }
    long behind = octets;
    for (Iterator<RelayStep.Spool> last = recent.descendingIterator(); last.hasNext(); ) {
      RelayStep.Spool piece = last.next();
      long from = behind - piece.count();
      if (position >= from) {
        int skipped = (int) (position - from);
        return skipped == 0
            ? piece
            : new RelayStep.Spool(
                piece.octets(), piece.from() + skipped, piece.to(), piece.cutAtDots());
      }
      behind = from;
    }
    return null;
  }

  /** There will be no more. */
  void end() {
    ended = true;
    if (waitingOctets == 0) {
      grown.run();
    }
  }

  /** Whether all of the message is spooled. */
  boolean complete() {
    return ended && waitingOctets == 0 && !failed;
  }

  /** Whether more may be appended now; what cannot be kept takes no room. */
  boolean hasRoom() {
    return failed || waitingOctets < MOST_WAITING_OCTETS;
  }

  /** Frees everything. */
  void close() {
    failed = true;
    waiting.clear();
    recent.clear();
    spool.close();
  }

  private void writeMore() {
    if (writing || waiting.isEmpty()) {
      return;
    }
    writing = true;
    List<RelayStep.Spool> batch = waiting;
    waiting = new ArrayList<>();
    workers.execute(
        () -> {
          AppendResult result = append(batch);
          loop.execute(() -> batchWritten(batch, result));
        });
  }

  private void batchWritten(List<RelayStep.Spool> batch, AppendResult result) {
    writing = false;
    batch.forEach(each -> waitingOctets -= each.count());
    if (!failed) {
      written(result);
      writeMore();
    }
  }

  private void written(AppendResult result) {
    switch (result) {
      case STORED -> grown.run();
      case OVER_LIMIT, NO_ROOM, CLOSED -> {
        failed = true;
        failing.accept(spool.trouble());
      }
    }
  }

  private AppendResult append(List<RelayStep.Spool> batch) {
    for (RelayStep.Spool each : batch) {
      AppendResult result = spool.append(each.octets(), each.from(), each.to());
      if (result != AppendResult.STORED) {
        return result;
      }
    }
    return AppendResult.STORED;
  }
}
