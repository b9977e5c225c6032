package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.openmmp.lmtp.spool.MessageSpool;

/**
 * Keeps a message: what came last in the buffers that it came in, which are sent to stores that
 * keep up as they are; what is too long for memory in the spool's file, which the workers write. On
 * the event loop of its session.
 */
final class SpoolWriter {
  /** What is kept at hand for stores that keep up though it is in the file. */
  private static final int MOST_RECENT_OCTETS = 256 * 1024;

  /** How much more than may stay in memory may wait for the disk; then the client is not read. */
  private static final int MOST_WAITING_OCTETS = 512 * 1024;

  /** Small pieces are copied into buffers of so many octets, so that none holds a large one. */
  private static final int COPIES_OCTETS = 4096;

  private static final int SMALL_OCTETS = 512;

  private final MessageSpool spool;
  private final int memoryOctets;
  private final EventLoop loop;
  private final Executor workers;
  private final Runnable grown;
  private final Consumer<String> failing;
  private final Deque<Piece> held = new ArrayDeque<>();

  /** Where in the message the pieces begin. */
  private long heldFrom;

  /** How much of the message is in the file. */
  private long written;

  private long octets;
  private boolean writing;
  private boolean ended;
  private boolean failed;

  /** A run of the message in a buffer; one that copies go to may grow at its end. */
  private static final class Piece {
    private final ByteBuf buffer;
    private final int from;
    private final boolean copies;
    private int to;

    private Piece(ByteBuf buffer, int from, int to, boolean copies) {
      this.buffer = buffer;
      this.from = from;
      this.to = to;
      this.copies = copies;
    }

    private int count() {
      return to - from;
    }
  }

  /**
   * Nothing is spooled yet.
   *
   * @param memoryOctets what may stay in memory
   * @param grown runs when more is in the file, or all of it there
   * @param failing hears that the message cannot be kept: what is wrong with the spool, or an empty
   *     text if that is in order
   */
  SpoolWriter(
      MessageSpool spool,
      int memoryOctets,
      EventLoop loop,
      Executor workers,
      Runnable grown,
      Consumer<String> failing) {
    this.spool = spool;
    this.memoryOctets = memoryOctets;
    this.loop = loop;
    this.workers = workers;
    this.grown = grown;
    this.failing = failing;
  }

  /** Where octets before {@link #heldFrom} are. */
  MessageSpool file() {
    return spool;
  }

  /** How many octets were given to it. */
  long octets() {
    return octets;
  }

  /** From where on the message is in memory. */
  long heldFrom() {
    return heldFrom;
  }

  /** Adds that many octets of a buffer, which stays the caller's. */
  void append(ByteBuf from, int index, int count) {
    if (failed) {
      return;
    }
    if (count >= Math.max(SMALL_OCTETS, from.capacity() / 2)) {
      held.add(new Piece(from.retain(), index, index + count, false));
    } else {
      copy(from, index, count);
    }
    octets += count;
    dropWritten();
    writeMore();
  }

  private void copy(ByteBuf from, int index, int count) {
    Piece last = held.peekLast();
    if (last == null || !last.copies || last.buffer.maxWritableBytes() < count) {
      int room = Math.max(count, COPIES_OCTETS);
      last = new Piece(from.alloc().buffer(room, room), 0, 0, true);
      held.add(last);
    }
    last.buffer.writeBytes(from, index, count);
    last.to += count;
  }

  /** Those octets from a position on that are held, about as many as are wanted, to be released. */
  List<ByteBuf> held(long position, int wanted) {
    Deque<ByteBuf> found = new ArrayDeque<>(4);
    long behind = octets;
    for (Iterator<Piece> last = held.descendingIterator(); last.hasNext() && behind > position; ) {
      Piece piece = last.next();
      long from = behind - piece.count();
      if (from < position + wanted) {
        int skipped = (int) Math.max(0, position - from);
        found.push(piece.buffer.retainedSlice(piece.from + skipped, piece.count() - skipped));
      }
      behind = from;
    }
    return new ArrayList<>(found);
  }

  /** There will be no more. */
  void end() {
    ended = true;
    if (!writing) {
      grown.run();
    }
  }

  /** Whether all of the message is there, and stays there. */
  boolean complete() {
    return ended && !writing && !failed;
  }

  /** Whether more may be appended now; what cannot be kept takes no room. */
  boolean hasRoom() {
    return failed || octets - written < (long) memoryOctets + MOST_WAITING_OCTETS;
  }

  /** Frees everything. */
  void close() {
    failed = true;
    held.forEach(each -> each.buffer.release());
    held.clear();
    spool.close();
  }

  /** Lets go of what the file has, but for the last of it. */
  private void dropWritten() {
    Piece first = held.peek();
    while (first != null
        && heldFrom + first.count() <= written
        && octets - heldFrom > MOST_RECENT_OCTETS) {
      heldFrom += first.count();
      held.remove().buffer.release();
      first = held.peek();
    }
  }

  /** All goes to the file that is not there, once that is more than may stay in memory. */
  private void writeMore() {
    if (writing || ended || octets - written <= memoryOctets) {
      return;
    }
    writing = true;
    List<ByteBuf> batch = held(written, Integer.MAX_VALUE);
    long to = octets;
    workers.execute(
        () -> {
          boolean stored =
              spool.append(batch.stream().map(ByteBuf::nioBuffer).toArray(ByteBuffer[]::new));
          loop.execute(() -> batchWritten(batch, to, stored));
        });
  }

  private void batchWritten(List<ByteBuf> batch, long to, boolean stored) {
    batch.forEach(ByteBuf::release);
    writing = false;
    if (failed) {
      return;
    }
    if (stored) {
      written = to;
      dropWritten();
      writeMore();
      grown.run();
    } else {
      failed = true;
      failing.accept(spool.trouble());
    }
  }
}
