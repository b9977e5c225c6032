package org.openmmp.lmtp.netty;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.openmmp.lmtp.spool.AppendResult;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.transaction.RelayStep;

/**
 * Appends a message to its spool in order: on the event loop as long as it fits into memory, else
 * by the workers. On the event loop of its session.
 */
final class SpoolWriter {
  /** What may wait for the disk; the client is not read while more does. */
  private static final int MOST_WAITING_OCTETS = 512 * 1024;

  private final MessageSpool spool;
  private final EventLoop loop;
  private final Executor workers;
  private final Runnable grown;
  private final Consumer<String> failing;
  private List<RelayStep.Spool> waiting = new ArrayList<>();
  private long waitingOctets;
  private long octets;
  private boolean writing;
  private boolean ended;
  private boolean failed;

  /**
   * Nothing is spooled yet.
   *
   * @param grown runs when more is spooled, or all of it
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
    int count = piece.to() - piece.from();
    if (failed) {
      return;
    }
    octets += count;
    if (waitingOctets == 0 && spool.fitsMemory(count)) {
      written(append(List.of(piece)));
      return;
    }
    waiting.add(piece);
    waitingOctets += count;
    writeMore();
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
    batch.forEach(each -> waitingOctets -= each.to() - each.from());
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
