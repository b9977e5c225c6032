package org.openmmp.transport;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Buffers that are overwritten before their memory is given back, for connections on which a
 * password may pass (rule B6.6): what the socket is read into and written from, what TLS decrypts
 * into and encrypts from.
 *
 * <p>It costs an allocation and a few hundred octets of zeros for each read and write, so it is
 * used up to the end of the login only: a {@link Splice} puts the shared pool in its place.
 */
public final class ClearedBuffers extends AbstractByteBufAllocator {
  private static final ClearedBuffers SHARED = new ClearedBuffers();
  private static final byte[] ZEROS = new byte[4096];

  /** A login reads and writes a few small buffers one after another; this is for one of them. */
  private static final int PIECE_OCTETS = 2048;

  private static final int MOST_SPARE = 16;

  /** Cleared memory of a thread, of {@value #PIECE_OCTETS} octets each. */
  private static final FastThreadLocal<Deque<CleanableDirectBuffer>> SPARE =
      new FastThreadLocal<>() {
        @Override
        protected Deque<CleanableDirectBuffer> initialValue() {
          return new ArrayDeque<>(MOST_SPARE);
        }

        @Override
        protected void onRemoval(Deque<CleanableDirectBuffer> spare) {
          spare.forEach(CleanableDirectBuffer::clean);
        }
      };

  private ClearedBuffers() {
    super(true);
  }

  /** From now on this connection uses such buffers. */
  public static void useAt(Channel channel) {
    channel.config().setAllocator(SHARED);
  }

  /** From now on it uses the pool of all, which nobody clears. */
  static void endAt(Channel channel) {
    channel.config().setAllocator(ByteBufAllocator.DEFAULT);
  }

  /** Yes, or Netty copies what is written into memory of its own first. */
  @Override
  public boolean isDirectBufferPooled() {
    return true;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return new OnHeap(this, initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    return toLeakAwareBuffer(new OffHeap(this, initialCapacity, maxCapacity));
  }

  private static final class OnHeap extends UnpooledHeapByteBuf {
    OnHeap(ByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
      super(allocator, initialCapacity, maxCapacity);
    }

    @Override
    protected void freeArray(byte[] array) {
      Arrays.fill(array, (byte) 0);
      super.freeArray(array);
    }
  }

  private static final class OffHeap extends UnpooledDirectByteBuf {
    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(0);

    /** It grows to its first size, for only what a buffer grows to is taken as it is told below. */
    OffHeap(ByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
      super(allocator, EMPTY, maxCapacity);
      capacity(initialCapacity);
    }

    /** Memory is given back through this, when a buffer grows and when it is released. */
    @Override
    protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
      if (capacity > PIECE_OCTETS) {
        CleanableDirectBuffer taken = super.allocateDirectBuffer(capacity);
        return new Memory(taken, taken.buffer());
      }
      CleanableDirectBuffer spare = SPARE.get().poll();
      CleanableDirectBuffer piece =
          spare == null ? super.allocateDirectBuffer(PIECE_OCTETS) : spare;
      return new Memory(piece, piece.buffer().slice(0, capacity));
    }
  }

  private record Memory(CleanableDirectBuffer taken, ByteBuffer buffer)
      implements CleanableDirectBuffer {
    @Override
    public void clean() {
      ByteBuffer all = buffer.duplicate();
      all.clear();
      while (all.hasRemaining()) {
        all.put(ZEROS, 0, Math.min(all.remaining(), ZEROS.length));
      }
      Deque<CleanableDirectBuffer> spare = SPARE.get();
      if (taken.buffer().capacity() == PIECE_OCTETS && spare.size() < MOST_SPARE) {
        spare.push(taken);
      } else {
        taken.clean();
      }
    }

    @Override
    public boolean hasMemoryAddress() {
      return taken.hasMemoryAddress();
    }

    @Override
    public long memoryAddress() {
      return taken.memoryAddress();
    }
  }
}
