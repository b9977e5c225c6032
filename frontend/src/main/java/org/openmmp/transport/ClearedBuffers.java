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
import org.jspecify.annotations.Nullable;

/**
 * Buffers that are overwritten before their memory is given back, for connections on which a
 * password may pass (rule B6.6): what the socket is read into and written from, what TLS decrypts
 * into and encrypts from.
 *
 * <p>It costs some octets of zeros for each read and write, so it is used up to the end of the
 * login only: a {@link Splice} puts the shared pool in its place.
 */
public final class ClearedBuffers extends AbstractByteBufAllocator {
  private static final ClearedBuffers SHARED = new ClearedBuffers();
  private static final byte[] ZEROS = new byte[4096];

  /** A login reads and writes a few small buffers one after another; this is for one of them. */
  private static final int PIECE_OCTETS = 2048;

  private static final int MOST_SPARE = 16;

  /** Cleared buffers of a thread, of {@value #PIECE_OCTETS} octets each, that nobody has. */
  private static final FastThreadLocal<Deque<OffHeap>> SPARE =
      new FastThreadLocal<>() {
        @Override
        protected Deque<OffHeap> initialValue() {
          return new ArrayDeque<>(MOST_SPARE);
        }

        @Override
        protected void onRemoval(Deque<OffHeap> spare) {
          spare.forEach(OffHeap::free);
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
    return toLeakAwareBuffer(OffHeap.of(this, initialCapacity, maxCapacity));
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

    private @Nullable Memory memory;

    /** It grows to its first size, for only what a buffer grows to is taken as it is told below. */
    private OffHeap(ByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
      super(allocator, EMPTY, maxCapacity);
      capacity(initialCapacity);
    }

    static OffHeap of(ByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
      if (initialCapacity > PIECE_OCTETS || maxCapacity < PIECE_OCTETS) {
        return new OffHeap(allocator, initialCapacity, maxCapacity);
      }
      OffHeap spare = SPARE.get().poll();
      if (spare == null) {
        return new OffHeap(allocator, PIECE_OCTETS, maxCapacity);
      }
      spare.resetRefCnt();
      spare.maxCapacity(maxCapacity);
      spare.setIndex(0, 0);
      return spare;
    }

    @Override
    protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
      Memory taken = new Memory(super.allocateDirectBuffer(capacity));
      memory = taken;
      return taken;
    }

    @Override
    protected void deallocate() {
      Deque<OffHeap> spare = SPARE.get();
      if (memory != null && capacity() == PIECE_OCTETS && spare.size() < MOST_SPARE) {
        memory.clear();
        spare.push(this);
      } else {
        free();
      }
    }

    private void free() {
      super.deallocate();
    }
  }

  /** What a buffer has; it is given back when the buffer grows, and when that is freed. */
  private record Memory(CleanableDirectBuffer taken) implements CleanableDirectBuffer {
    void clear() {
      ByteBuffer all = taken.buffer();
      for (int at = 0; at < all.capacity(); at += ZEROS.length) {
        all.put(at, ZEROS, 0, Math.min(all.capacity() - at, ZEROS.length));
      }
    }

    @Override
    public ByteBuffer buffer() {
      return taken.buffer();
    }

    @Override
    public void clean() {
      clear();
      taken.clean();
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
