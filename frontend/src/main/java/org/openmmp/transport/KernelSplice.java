package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.util.function.Consumer;
import org.openmmp.wire.SafePoints;

/**
 * Moves bulk data from one TCP connection to another inside the kernel, through a pipe (splice(2)),
 * without a copy to this process.
 *
 * <p>Small reads cost less when copied, so the beginning of each burst is; only where a large read
 * came back full is the rest moved like this. Where all of an answer fits into the pipe, what was
 * read goes into it as well, in front of the rest: one packet more costs more than a copy. A pipe
 * is held only while octets are in it.
 */
final class KernelSplice {
  /** A read of so many octets that came back full is followed by a move, whatever they are. */
  private static final int WORTHWHILE = 16 * 1024;

  /** The rest of a literal is worth a move from so many octets on. */
  private static final int LEAST_LITERAL = 4 * 1024;

  /** What fits into a pipe of 16 pages, wherever in a page it begins, and leaves room for more. */
  private static final int FITS_INTO_PIPE = 52 * 1024;

  private static final int LARGEST_STEP = 1024 * 1024;
  private static final int MOST_IN_ONE_GO = 2 * 1024 * 1024;

  /** So few octets are put into a pipe whole or not at all. */
  private static final int MOST_BEHIND = 4 * 1024;

  private static final FastThreadLocal<ByteBuf> BEHIND =
      new FastThreadLocal<>() {
        @Override
        protected ByteBuf initialValue() {
          return Unpooled.directBuffer(MOST_BEHIND, MOST_BEHIND);
        }

        @Override
        protected void onRemoval(ByteBuf behind) {
          behind.release();
        }
      };

  private KernelSplice() {}

  /** Whether the kernel can move octets between them, as it will: both are plain TCP on epoll. */
  static boolean serves(Channel one, Channel other) {
    if (one instanceof EpollSocketChannel
        && other instanceof EpollSocketChannel
        && one.pipeline().get(SslHandler.class) == null
        && other.pipeline().get(SslHandler.class) == null) {
      ReadSizes.limit(one, WORTHWHILE);
      ReadSizes.limit(other, WORTHWHILE);
      return true;
    }
    return false;
  }

  private static FileDescriptor socketOf(Channel channel) {
    return ((EpollSocketChannel) channel).fd();
  }

  /**
   * Whether a move is worthwhile behind these octets, which were read and shown.
   *
   * @param literalLeft how many of the next octets need not be shown
   */
  static boolean isWorthwhile(ByteBuf octets, long literalLeft) {
    return !octets.isWritable()
        && literalLeft >= LEAST_LITERAL
        && (octets.readableBytes() >= WORTHWHILE || fit(octets, literalLeft));
  }

  /** Whether nothing that was flushed waits to leave by that channel, in memory or in a pipe. */
  static boolean isDrained(Channel target) {
    ChannelOutboundBuffer out = target.unsafe().outboundBuffer();
    return out == null || out.isEmpty();
  }

  private static boolean fit(ByteBuf first, long literalLeft) {
    return literalLeft <= FITS_INTO_PIPE - first.readableBytes();
  }

  /**
   * Moves octets that were read, and behind them what waits of a literal, bounded, so that other
   * sessions of the loop have their turn. What the target does not take at once stays in the pipe
   * and is left with the target's pending writes.
   *
   * <p>What follows the literal is read and shown, and put behind it into the pipe.
   *
   * @param first not used by the caller any more
   * @param source where they came from
   * @param target nothing is pending for it
   * @param following knows how many octets need not be shown
   * @param progress told whenever octets left later
   * @param heldBack is given what must not be passed on yet of what follows a literal
   * @return octets taken from the source
   * @throws IOException if the source is broken
   */
  static long move(
      ByteBuf first,
      Channel source,
      Channel target,
      SafePoints.Direction following,
      Runnable progress,
      Consumer<ByteBuf> heldBack)
      throws IOException {
    FileDescriptor from = socketOf(source);
    int to = socketOf(target).intValue();
    KernelPipe pipe = KernelPipe.take();
    if (pipe == null) {
      target.writeAndFlush(first, target.voidPromise());
      return 0;
    }
    int held = 0;
    boolean ours = true;
    try {
      if (fit(first, following.literalLeft())) {
        held = pipe.put(first);
      }
      if (!first.isReadable()) {
        first.release();
      } else {
        if (held > 0) { // the system gives smaller pipes than usual
          ours = leave(new PipedOctets(pipe, held, to, progress), target);
          held = 0;
        }
        target.writeAndFlush(first, target.voidPromise());
        if (!ours || !isDrained(target)) {
          return 0;
        }
      }
      IOException broken = null;
      long moved = 0;
      int taken;
      do {
        long literal = following.literalLeft();
        try {
          long most = Math.min(LARGEST_STEP, literal);
          taken = Native.splice(from.intValue(), -1, pipe.entry(), -1, most);
        } catch (IOException e) { // what was read leaves first
          broken = e;
          taken = 0;
        }
        following.passed(taken);
        held += taken;
        ByteBuf behind = taken == literal ? readBehind(from, following) : Unpooled.EMPTY_BUFFER;
        int keep = following.heldBack();
        if (keep > 0) {
          keep = Math.min(keep, behind.readableBytes());
          behind.writerIndex(behind.writerIndex() - keep);
          heldBack.accept(
              Unpooled.copiedBuffer(behind.internalNioBuffer(behind.writerIndex(), keep)));
        }
        moved += taken + behind.readableBytes();
        held += pipe.put(behind);
        if (held > 0) {
          ours = leave(new PipedOctets(pipe, held, to, progress), target);
          held = 0;
        }
        if (behind.isReadable()) {
          target.writeAndFlush(Unpooled.copiedBuffer(behind), target.voidPromise());
          break;
        }
      } while (ours
          && taken > 0
          && moved < MOST_IN_ONE_GO
          && following.literalLeft() >= LEAST_LITERAL);
      if (broken != null) {
        throw broken;
      }
      return moved;
    } finally {
      if (ours && held == 0) {
        pipe.giveBack();
      } else if (ours) {
        pipe.close(); // a mistake came up: what is in it is nobody else's
      }
    }
  }

  /** Whether all of them left at once; else the pipe is their own, and the target's to empty. */
  private static boolean leave(PipedOctets octets, Channel target) {
    if (octets.leaveAtOnce()) {
      return true;
    }
    target.writeAndFlush(octets, target.voidPromise());
    return false;
  }

  /** What has come behind the end of a literal, shown to whoever follows. */
  private static ByteBuf readBehind(FileDescriptor from, SafePoints.Direction following) {
    ByteBuf behind = BEHIND.get().clear();
    int read = 0;
    try {
      read =
          behind.hasMemoryAddress()
              ? from.readAddress(behind.memoryAddress(), 0, behind.capacity())
              : from.read(behind.internalNioBuffer(0, behind.capacity()), 0, behind.capacity());
    } catch (IOException e) {
      // The channel will meet it when it reads on, behind what is passed on now.
    }
    behind.writerIndex(Math.max(0, read));
    following.sent(behind.internalNioBuffer(0, behind.writerIndex()));
    return behind;
  }
}
