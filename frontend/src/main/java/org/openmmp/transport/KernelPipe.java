package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A pipe of the kernel; each event loop keeps a few empty ones, which are closed when it ends.
 *
 * <p>Used on one event loop only.
 */
final class KernelPipe {
  private static final int MOST_KEPT = 16;
  private static final FastThreadLocal<Deque<KernelPipe>> EMPTY =
      new FastThreadLocal<>() {
        @Override
        protected Deque<KernelPipe> initialValue() {
          return new ArrayDeque<>(MOST_KEPT);
        }

        @Override
        protected void onRemoval(Deque<KernelPipe> pipes) {
          pipes.forEach(KernelPipe::close);
        }
      };

  private final FileDescriptor exit;
  private final FileDescriptor entry;

  private KernelPipe(FileDescriptor exit, FileDescriptor entry) {
    this.exit = exit;
    this.entry = entry;
  }

  /** An empty pipe; null if the system has none left. */
  static @Nullable KernelPipe take() {
    KernelPipe kept = EMPTY.get().poll();
    if (kept != null) {
      return kept;
    }
    try {
      FileDescriptor[] ends = FileDescriptor.pipe();
      return new KernelPipe(ends[0], ends[1]);
    } catch (IOException e) {
      return null;
    }
  }

  /** Takes back an empty pipe. */
  void giveBack() {
    Deque<KernelPipe> kept = EMPTY.get();
    if (kept.size() < MOST_KEPT) {
      kept.push(this);
    } else {
      close();
    }
  }

  /** Gives up a pipe, with what is in it. */
  void close() {
    closeEnd(entry);
    closeEnd(exit);
  }

  private static void closeEnd(FileDescriptor end) {
    try {
      end.close();
    } catch (IOException e) {
      throw new IllegalStateException("a pipe does not close", e);
    }
  }

  /** Puts octets into it, as many as it takes: they are read from the buffer; how many. */
  int put(ByteBuf octets) throws IOException {
    if (!octets.isReadable()) {
      return 0;
    }
    int taken =
        octets.hasMemoryAddress()
            ? entry.writeAddress(octets.memoryAddress(), octets.readerIndex(), octets.writerIndex())
            : putCopy(octets.internalNioBuffer(octets.readerIndex(), octets.readableBytes()));
    octets.skipBytes(taken);
    return taken;
  }

  private int putCopy(ByteBuffer octets) throws IOException {
    return entry.write(octets, octets.position(), octets.limit());
  }

  int entry() {
    return entry.intValue();
  }

  int exit() {
    return exit.intValue();
  }
}
