package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Moves bulk data from one TCP connection to another inside the kernel, through a pipe (splice(2)),
 * without a copy to this process.
 *
 * <p>Small reads cost less when copied, so the beginning of each burst is; only where a large read
 * came back full is the rest moved like this. A pipe is held only while octets are in it.
 */
final class KernelSplice {
  /** A read of so many octets that came back full is followed by a move. */
  static final int WORTHWHILE = 16 * 1024;

  private static final int LARGEST_STEP = 1024 * 1024;
  private static final int MOST_IN_ONE_GO = 2 * 1024 * 1024;

  private final int from;
  private final int to;

  private KernelSplice(int from, int to) {
    this.from = from;
    this.to = to;
  }

  /** The way from one channel to the other; null unless both are plain TCP on epoll. */
  static @Nullable KernelSplice between(Channel from, Channel to) {
    return from instanceof EpollSocketChannel source
            && to instanceof EpollSocketChannel sink
            && from.pipeline().get(SslHandler.class) == null
            && to.pipeline().get(SslHandler.class) == null
        ? new KernelSplice(source.fd().intValue(), sink.fd().intValue())
        : null;
  }

  /**
   * Moves what waits, bounded, so that other sessions of the loop have their turn. What the target
   * does not take at once stays in the pipe and is left with the target's pending writes.
   *
   * @param target nothing is pending for it
   * @param progress told whenever octets left later
   * @return octets taken from the source
   * @throws IOException if the source is broken
   */
  long move(Channel target, Runnable progress) throws IOException {
    long moved = 0;
    KernelPipe pipe = KernelPipe.take();
    if (pipe == null) {
      return 0;
    }
    try {
      while (moved < MOST_IN_ONE_GO) {
        int taken = Native.splice(from, -1, pipe.entry(), -1, LARGEST_STEP);
        if (taken == 0) {
          break;
        }
        moved += taken;
        PipedOctets octets = new PipedOctets(pipe, taken, to, progress);
        if (!octets.leaveAtOnce()) {
          pipe = null;
          target.writeAndFlush(octets, target.voidPromise());
          break;
        }
      }
      return moved;
    } finally {
      if (pipe != null) {
        pipe.giveBack();
      }
    }
  }
}
