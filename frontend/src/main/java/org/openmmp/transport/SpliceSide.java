package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.SafePoints;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One direction of a {@link Splice}: what this channel reads is written to the other, and nothing
 * is read while the other has too much to write.
 *
 * <p>Auto-read stays off. A read is asked for when the other side can take its octets, and the
 * other side is flushed once for each burst.
 */
final class SpliceSide extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(SpliceSide.class);
  private static final int TCP_CLOSE_WAIT = 8;

  private final Splice splice;
  private final Channel channel;
  private final SafePoints.Direction following;
  private long octets;

  /** Octets of the other side that this one's peer is known to have acknowledged. */
  private long acknowledged;

  private int readsInBurst;
  private boolean byKernel;
  private boolean awaitsDrain;
  private boolean heldBack;
  private boolean stopped;
  private boolean dropping;
  private boolean atEnd;
  private boolean gone;

  /** Whether the session has parted with this connection: what comes of it concerns nobody. */
  private boolean parted;

  /** What may be a goodbye that the other side need not hear. */
  private @Nullable ByteBuf heldOctets;

  /** Whether nothing more is held back: it was, and the other side has to hear it. */
  private boolean holdsNothing;

  /** Hears what this side sends instead of the other side. */
  private @Nullable Consumer<byte[]> diversion;

  /** How many octets may be read for it. */
  private int divertible;

  SpliceSide(Splice splice, Channel channel, SafePoints.Direction following) {
    this(splice, channel, following, 0);
  }

  /**
   * One side.
   *
   * @param before octets that others have sent in its place
   */
  SpliceSide(Splice splice, Channel channel, SafePoints.Direction following, long before) {
    this.splice = splice;
    this.channel = channel;
    this.following = following;
    this.octets = before;
  }

  Channel channel() {
    return channel;
  }

  private Channel target() {
    return splice.otherThan(this).channel;
  }

  long octets() {
    return octets;
  }

  boolean atEnd() {
    return atEnd;
  }

  /** Whether this connection is closed. */
  boolean isGone() {
    return gone;
  }

  /** Octets that were written to this channel and have not left. */
  long pendingOctets() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out == null ? 0 : out.totalPendingWriteBytes();
  }

  /** Writes octets to the other side, to be flushed later. */
  void passOn(ByteBuf buffer) {
    if (!buffer.isReadable()) {
      buffer.release();
      return;
    }
    octets += buffer.readableBytes();
    Channel target = target();
    target.write(buffer, target.voidPromise());
  }

  /** Begins to read, with the kernel's help where it serves. */
  void start(boolean withKernel) {
    byKernel = withKernel;
    target().flush();
    if (!channel.isActive()) {
      channelGone();
    } else if ((channel instanceof DuplexChannel duplex && duplex.isInputShutdown())
        || TlsDirections.cameAt(channel)) {
      onEndOfData(); // it came before the splice, and does not come again
    } else {
      resume();
    }
  }

  /**
   * Ends the session if this connection's peer acknowledges nothing of what is under way to it, for
   * so long. Nothing is asked of the system while everything was acknowledged.
   */
  void look(Duration limit) {
    long written = splice.otherThan(this).octets;
    if (gone || written == acknowledged) {
      return;
    }
    long unanswered = SignsOfLife.unansweredNanos(channel);
    if (unanswered < 0 && pendingOctets() == 0) {
      acknowledged = written;
    } else if (unanswered > limit.toNanos()) {
      EventLoops.end(channel, this::vanished);
    }
  }

  private void vanished() {
    if (!gone && !splice.outlives(this, splice.vanishedBy(this))) {
      splice.ending(splice.vanishedBy(this));
      channel.close();
    }
  }

  /** Reads no more. */
  void stop() {
    stopped = true;
  }

  /**
   * Gives what comes from now on to that one, and not to the other side.
   *
   * @param most octets that are read until {@link #divertMore}; what comes behind them waits in the
   *     kernel
   */
  void divertTo(Consumer<byte[]> instead, int most) {
    diversion = instead;
    divertMore(most);
  }

  /** What comes from now on is for the other side again. */
  void divertNoMore() {
    diversion = null;
  }

  /** Whether the session has parted with it. */
  boolean isParted() {
    return parted;
  }

  /** Whoever hears what comes here takes so much more. */
  void divertMore(int octets) {
    divertible = octets;
    resume();
  }

  /** The session goes on without this connection, behind these words to its peer. */
  void part(byte[] words) {
    parted = true;
    stopped = true;
    gone = true;
    if (heldOctets != null) {
      heldOctets.release();
      heldOctets = null;
    }
    if (words.length > 0 && channel.isActive()) {
      channel.write(Unpooled.wrappedBuffer(words), channel.voidPromise());
      BehindPending.closeInTime(channel);
    } else {
      channel.close();
    }
  }

  /** Whether the other side hears everything from now on, a goodbye too. */
  boolean holdsNothing() {
    return holdsNothing;
  }

  /** The other side hears everything, what was held back first. */
  private void holdNothing() {
    holdsNothing = true;
    ByteBuf held = heldOctets;
    heldOctets = null;
    if (held != null) {
      passOn(held);
      target().flush();
    }
  }

  /** Passes on what came and what was held back, but for so many octets at its end. */
  private void passOnBut(int last, ByteBuf buffer) {
    if (holdsNothing || (last == 0 && heldOctets == null)) {
      passOn(buffer);
      return;
    }
    ByteBuf all = heldOctets == null ? buffer : Unpooled.wrappedBuffer(heldOctets, buffer);
    int keep = Math.min(last, all.readableBytes());
    passOn(all.readRetainedSlice(all.readableBytes() - keep));
    heldOctets = keep == 0 ? null : Unpooled.copiedBuffer(all);
    all.release();
    hearGoodbye();
  }

  /** The session may outlive a store that says goodbye; else the client hears it. */
  private void hearGoodbye() {
    if (!holdsNothing
        && splice.safePoints().storeLeaves()
        && !splice.outlives(this, splice.closedBy(this))) {
      holdNothing();
    }
  }

  /** Passes nothing on any more, and reads until the peer ends. */
  void drop() {
    dropping = true;
    if (atEnd) {
      BehindPending.close(channel);
    } else {
      if (channel.config() instanceof DuplexChannelConfig duplex) {
        duplex.setAllowHalfClosure(true);
      }
      channel.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf buffer = (ByteBuf) message;
    if (stopped || dropping) {
      buffer.release();
      return;
    }
    if (splice.isHeld()) {
      buffer.release();
      splice.heldClientHears();
      return;
    }
    readsInBurst++;
    if (diversion != null) {
      divertible -= buffer.readableBytes();
      diversion.accept(Octets.takenFrom(buffer));
      return;
    }
    if (splice.question() != null) {
      readDuring(splice.question(), buffer);
    } else {
      following.sent(view(buffer));
      int last = following.heldBack();
      if (last > 0 || heldOctets != null) {
        passOnBut(last, buffer);
      } else if (!moveByKernel(buffer)) {
        passOn(buffer);
      } else {
        hearGoodbye();
      }
    }
    if (readsInBurst > 1 && (!target().isWritable() || splice.holds(this))) {
      holdBack();
    }
  }

  private static ByteBuffer view(ByteBuf buffer) {
    return buffer.nioBufferCount() == 1
        ? buffer.internalNioBuffer(buffer.readerIndex(), buffer.readableBytes())
        : buffer.nioBuffer();
  }

  /** Reads while the store owes an answer: ours is left out, and the client waits behind it. */
  private void readDuring(StoreQuestion question, ByteBuf buffer) {
    if (splice.holds(this)) {
      question.hold(buffer);
    } else if (!question.isOurs()) {
      passOnSeen(buffer);
      splice.heard(this);
    } else {
      ByteBuf rest = Unpooled.copiedBuffer(splice.withoutAnswer(view(buffer)));
      buffer.release();
      passOnBut(following.heldBack(), rest);
      splice.heard(this);
    }
  }

  /** Passes on what nobody has followed yet. */
  void passOnSeen(ByteBuf buffer) {
    following.sent(view(buffer));
    passOnBut(following.heldBack(), buffer);
  }

  /** Goes on where it was kept from reading. */
  void goOn() {
    target().flush();
    if (atEnd && !splice.otherThan(this).atEnd()) {
      BehindPending.endOutput(target());
    }
    resume();
  }

  /** Whether it is read as soon as something comes. */
  boolean mayBeRead() {
    return !stopped && !awaitsDrain && target().isWritable();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (dropping) {
      channel.read();
      return;
    }
    boolean moved = readsInBurst > 0; // a peer's end alone is read as a burst of nothing
    readsInBurst = 0;
    if (parted) {
      return;
    }
    if (moved) {
      splice.touch();
    }
    target().flush();
    splice.endIfSafe();
    splice.tookLeave();
    resume();
  }

  /** This channel takes more, or no more: that concerns what the other side reads. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable() && !parted) {
      splice.touch();
      splice.otherThan(this).resume();
    }
  }

  private void resume() {
    if (stopped || dropping || atEnd || gone || splice.holds(this)) {
      return;
    }
    if (diversion != null) {
      if (divertible > 0 && splice.takesDiverted(this)) {
        channel.read();
      }
      return;
    }
    Channel target = target();
    if (byKernel && !KernelSplice.isDrained(target)) {
      splice.notRead(this);
      awaitDrain();
    } else if (!target.isWritable()) {
      splice.notRead(this);
    } else {
      if (heldBack && channel instanceof EpollSocketChannel epoll) {
        epoll.config().setAllowHalfClosure(true);
      }
      channel.read();
    }
  }

  /** Whether the kernel moves these octets, and what has come behind them. */
  private boolean moveByKernel(ByteBuf first) {
    if (!byKernel
        || readsInBurst > 1 // what was read before is not flushed
        || !KernelSplice.isWorthwhile(first, following.literalLeft())
        || atEnd
        || !channel.isActive()
        || !target().isActive()
        || !KernelSplice.isDrained(target())) {
      return false;
    }
    octets += first.readableBytes();
    try {
      octets +=
          KernelSplice.move(
              first, channel, target(), following, splice::touch, last -> heldOctets = last);
    } catch (IOException e) {
      channel.pipeline().fireExceptionCaught(e);
    }
    return true;
  }

  /** Reads on once the other side has written everything: an empty write tells when. */
  private void awaitDrain() {
    if (awaitsDrain) {
      return;
    }
    awaitsDrain = true;
    target()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              awaitsDrain = false;
              if (written.isSuccess()) {
                resume();
              }
            });
  }

  /**
   * Stops a read loop that no water mark stops: once the peer has sent its end of data, Netty's
   * epoll channel reads all that the kernel holds, which may be many MiB. It breaks off where input
   * is shut down and half-closure is not allowed; octets that the kernel holds can still be read
   * later.
   */
  private void holdBack() {
    if (channel instanceof EpollSocketChannel epoll
        && epoll.isActive()
        && epoll.tcpInfo().state() == TCP_CLOSE_WAIT) {
      epoll.shutdownInput();
      epoll.config().setAllowHalfClosure(false);
      heldBack = true;
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent
        || event instanceof ChannelInputShutdownReadComplete) {
      EventLoops.end(channel, this::onEndOfData);
    }
  }

  private void onEndOfData() {
    if (atEnd || splice.outlives(this, splice.closedBy(this))) {
      return;
    }
    atEnd = true;
    holdNothing();
    splice.ending(splice.closedBy(this));
    splice.storeEnded(this);
    if (dropping) {
      BehindPending.close(channel);
    } else if (splice.endsHold(this)) {
      splice.end(splice.closedBy(this));
    } else if (splice.keepsFrom(this)) {
      target().flush();
    } else if (diversion != null || splice.otherThan(this).atEnd() || splice.tookLeave()) {
      splice.end(splice.closedBy(this));
    } else if (!splice.holds(this)) {
      BehindPending.endOutput(target());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    EventLoops.end(channel, this::channelGone);
  }

  private void channelGone() {
    if (!gone && !splice.outlives(this, splice.closedBy(this))) {
      gone = true;
      holdNothing();
      splice.channelClosed(splice.closedBy(this));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    boolean want = EventLoops.tellWant(ctx.channel(), cause, "relaying a session");
    if (!want && !(cause instanceof IOException) && !(cause instanceof DecoderException)) {
      log.error("a splice ends because of an internal error", cause);
    }
    SpliceEnd.Reason how =
        want
            ? SpliceEnd.Reason.ENDED
            : SignsOfLife.isMissing(cause) ? splice.vanishedBy(this) : splice.resetBy(this);
    EventLoops.end(
        channel,
        () -> {
          if (want || !splice.outlives(this, how)) {
            splice.ending(how);
          }
          channel.close();
        });
  }
}
