package org.openmmp.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.SafePoints;

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

  /** So few octets are put into a pipe whole or not at all. */
  private static final int MOST_BEHIND = 4 * 1024;

  private static final FastThreadLocal<ByteBuffer> BEHIND =
      new FastThreadLocal<>() {
        @Override
        protected ByteBuffer initialValue() {
          return ByteBuffer.allocateDirect(MOST_BEHIND);
        }
      };
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final FileDescriptor from;
  private final int to;

  private KernelSplice(FileDescriptor from, int to) {
    this.from = from;
    this.to = to;
  }

  /** The way from one channel to the other; null unless both are plain TCP on epoll. */
  static @Nullable KernelSplice between(Channel from, Channel to) {
    return from instanceof EpollSocketChannel source
            && to instanceof EpollSocketChannel sink
            && from.pipeline().get(SslHandler.class) == null
            && to.pipeline().get(SslHandler.class) == null
        ? new KernelSplice(source.fd(), sink.fd().intValue())
        : null;
  }

  /**
   * Moves what waits of a literal, bounded, so that other sessions of the loop have their turn.
   * What the target does not take at once stays in the pipe and is left with the target's pending
   * writes.
   *
   * <p>What follows the literal is read and shown, and put behind it into the pipe: both leave
   * together, for one packet more costs more than all of the rest.
   *
   * @param target nothing is pending for it
   * @param following knows how many octets need not be shown
   * @param progress told whenever octets left later
   * @return octets taken from the source
   * @throws IOException if the source is broken
   */
  long move(Channel target, SafePoints.Direction following, Runnable progress) throws IOException {
    if (following.literalLeft() < WORTHWHILE) {
      return 0;
    }
    long moved = 0;
    KernelPipe pipe = KernelPipe.take();
    if (pipe == null) {
      return 0;
    }
    boolean leftBehind = false;
    boolean empty = true;
    try {
      while (moved < MOST_IN_ONE_GO) {
        long literal = following.literalLeft();
        int taken =
            Native.splice(from.intValue(), -1, pipe.entry(), -1, Math.min(LARGEST_STEP, literal));
        if (taken == 0) {
          break;
        }
        empty = false;
        following.passed(taken);
        ByteBuffer behind = taken == literal ? readBehind(following) : NOTHING;
        int joined = behind.limit() == 0 ? 0 : pipe.put(behind);
        moved += taken + behind.limit();
        PipedOctets octets = new PipedOctets(pipe, taken + joined, to, progress);
        boolean left = octets.leaveAtOnce();
        empty = left;
        if (!left) {
          leftBehind = true; // it is the octets' own now
          target.write(octets, target.voidPromise());
        }
        if (joined < behind.limit()) {
          target.write(Unpooled.copiedBuffer(behind), target.voidPromise());
          left = false;
        }
        if (!left) {
          target.flush();
          break;
        }
        if (following.literalLeft() < WORTHWHILE) {
          break;
        }
      }
      return moved;
    } finally {
      if (empty) {
        pipe.giveBack();
      } else if (!leftBehind) {
        pipe.close(); // a mistake came up: what is in it is nobody else's
      }
    }
  }

  /** What has come behind the end of a literal, shown to whoever follows. */
  private ByteBuffer readBehind(SafePoints.Direction following) {
    ByteBuffer behind = BEHIND.get();
    behind.clear();
    int read = 0;
    try {
      read = from.read(behind, 0, behind.capacity());
    } catch (IOException broken) {
      // The channel will meet it when it reads on, behind what is passed on now.
    }
    behind.limit(Math.max(0, read));
    following.sent(behind);
    behind.position(0);
    return behind;
  }
}
