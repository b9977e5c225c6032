package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * How many octets one channel reads at once: few until reads come back full, then more, up to a
 * limit that may be changed while the channel lives.
 *
 * <p>A buffer is taken when octets are there and not before, so that an idle connection holds none.
 * One object belongs to one channel and is used on its event loop.
 */
final class ReadSizes extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int SMALLEST = 1024;
  private static final int FIRST = 2048;
  private static final int LARGEST = 64 * 1024;

  private int limit = LARGEST;

  /** One channel has one, though its configuration asks for another one to look at. */
  private final Sizes sizes = new Sizes();

  /** The read sizes of a channel that a {@link Listener} or a {@link StoreConnector} made. */
  static void limit(Channel channel, int octets) {
    if (channel.config().getRecvByteBufAllocator() instanceof ReadSizes sizes) {
      sizes.limit = octets;
    }
  }

  @Override
  @SuppressWarnings("deprecation") // the type is only deprecated for callers outside an allocator
  public Handle newHandle() {
    return sizes;
  }

  private final class Sizes extends MaxMessageHandle {
    private int size = FIRST;

    @Override
    public int guess() {
      return Math.min(size, limit);
    }

    @Override
    public void readComplete() {
      if (totalBytesRead() >= guess()) {
        size = Math.min(size * 2, limit);
      } else if (totalBytesRead() < size / 4) {
        size = Math.max(size / 2, SMALLEST);
      }
    }
  }
}
