package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session after its login: every octet passes unchanged from one connection to the other, in both
 * directions, until both are closed (rule B3.11).
 *
 * <p>One side is read only while the other takes what is written to it, so what waits in memory is
 * bounded. A side's end of data is passed on behind what is pending and ends nothing else: the
 * other direction goes on until its own end, or until nothing moves for the idle limit (rule
 * B3.17). An idle session has one handler on each connection, one timer, and no buffer.
 */
public final class Splice {
  /** How long it is looked at whether the client asks to leave. */
  private static final long WATCHED_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final SpliceSide client;
  private final SpliceSide store;
  private final SpliceSettings settings;
  private final Consumer<SpliceEnd> listener;
  private long beganNanos;
  private long lastActivityNanos;
  private long pendingAtLastCheck;
  private SpliceEnd.@Nullable Reason reason;
  private @Nullable Deadline timer;
  private boolean closing;
  private int channelsOpen = 2;
  private @Nullable LeaveWatch leaving = new LeaveWatch();
  private boolean askedToLeave;

  private Splice(
      Channel client, Channel store, SpliceSettings settings, Consumer<SpliceEnd> listener) {
    this.settings = settings;
    this.listener = listener;
    this.client =
        new SpliceSide(
            this, client, store, SpliceEnd.Reason.CLIENT_CLOSED, SpliceEnd.Reason.CLIENT_RESET);
    this.store =
        new SpliceSide(
            this, store, client, SpliceEnd.Reason.STORE_CLOSED, SpliceEnd.Reason.STORE_RESET);
  }

  /**
   * Joins two connections of one event loop and begins to serve them. Every handler but TLS leaves
   * both pipelines; what a decoder among them still holds follows the left-over bytes given here.
   *
   * @param forStore what the client sent behind its login; not used by the caller any more
   * @param forClient what the client must still get: the answer to its login and what the store
   *     sent behind it; likewise
   * @param listener hears the end
   * @throws IllegalArgumentException if the channels do not share an event loop
   */
  public static Splice join(
      Channel client,
      Channel store,
      byte[] forStore,
      byte[] forClient,
      SpliceSettings settings,
      Consumer<SpliceEnd> listener) {
    if (client.eventLoop() != store.eventLoop()) {
      throw new IllegalArgumentException("two channels of two event loops cannot be joined");
    }
    Splice splice = new Splice(client, store, settings, listener);
    splice.begin(forStore, forClient);
    return splice;
  }

  private void begin(byte[] forStore, byte[] forClient) {
    touch();
    beganNanos = now();
    schedule(settings.idleLimit().toNanos());
    clientSays(Unpooled.wrappedBuffer(forStore));
    client.passOn(Unpooled.wrappedBuffer(forStore));
    store.passOn(Unpooled.wrappedBuffer(forClient));
    install(client);
    install(store);
    client.start(kernelSplice(client, store));
    store.start(kernelSplice(store, client));
  }

  private @Nullable KernelSplice kernelSplice(SpliceSide from, SpliceSide to) {
    return settings.kernelSplice() ? KernelSplice.between(from.channel(), to.channel()) : null;
  }

  private void install(SpliceSide side) {
    Channel channel = side.channel();
    channel.config().setAutoRead(false);
    ClearedBuffers.endAt(channel);
    if (channel.config() instanceof DuplexChannelConfig duplex) {
      duplex.setAllowHalfClosure(true);
    }
    channel
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(settings.lowWaterMark(), settings.highWaterMark()));
    channel.pipeline().addLast(side);
    // From the last to the first: a decoder's rest must not go to a handler that leaves as well.
    List<ChannelHandler> leaving = new ArrayList<>(channel.pipeline().toMap().values());
    Collections.reverse(leaving);
    for (ChannelHandler handler : leaving) {
      if (handler != side && !(handler instanceof SslHandler || handler instanceof TlsDirections)) {
        channel.pipeline().remove(handler);
      }
    }
  }

  /**
   * Ends the splice: what is pending leaves first, bounded by the closing limit, then both
   * connections are closed.
   *
   * @param lastWords for the client, behind all that the store sent; may be empty. They are said
   *     only where they cannot become part of something: no command came since the login, and the
   *     store has ended its line. Else the client may be within a message, and takes them for its
   *     text.
   */
  public void end(byte[] lastWords) {
    if (lastWords.length > 0 && client.octets() == 0 && store.endedItsLine()) {
      client.channel().write(Unpooled.wrappedBuffer(lastWords), client.channel().voidPromise());
    }
    end(SpliceEnd.Reason.ENDED);
  }

  /** Octets that the client sent so far. */
  public long octetsToStore() {
    return client.octets();
  }

  /** Octets that the store sent so far. */
  public long octetsToClient() {
    return store.octets();
  }

  /**
   * Whether the client asked its store to end the session, as far as that was looked at: only the
   * begin of a session is.
   */
  public boolean clientAskedToLeave() {
    return askedToLeave;
  }

  /** A side has read octets, which are about to be passed on. */
  void reads(SpliceSide side, ByteBuf octets) {
    if (side == client) {
      clientSays(octets);
    }
  }

  private void clientSays(ByteBuf octets) {
    LeaveWatch watch = leaving;
    if (watch == null) {
      return;
    }
    askedToLeave |= watch.sees(octets);
    if (askedToLeave || now() - beganNanos > WATCHED_NANOS) {
      leaving = null;
    }
  }

  /** Octets of that side passed that nobody looked at. */
  void passedUnseen(SpliceSide side) {
    askedToLeave |= side == client && leaving != null;
  }

  SpliceSide otherThan(SpliceSide side) {
    return side == client ? store : client;
  }

  void touch() {
    lastActivityNanos = now();
  }

  private long now() {
    return client.channel().eventLoop().ticker().nanoTime();
  }

  /** Remembers what came first. */
  void ending(SpliceEnd.Reason why) {
    if (reason == null) {
      reason = why;
    }
  }

  /** Closes both channels once what is pending for them has left; standstill is borne less long. */
  void end(SpliceEnd.Reason why) {
    ending(why);
    if (!closing) {
      closing = true;
      touch();
      schedule(Math.min(settings.closingLimit().toNanos(), settings.idleLimit().toNanos()));
    }
    client.stop();
    store.stop();
    BehindPending.close(client.channel());
    BehindPending.close(store.channel());
  }

  void channelClosed(SpliceEnd.Reason why) {
    channelsOpen--;
    if (channelsOpen > 0) {
      end(why);
      return;
    }
    ending(why);
    if (timer != null) {
      timer.cancel();
    }
    SpliceEnd.Reason first = reason;
    listener.accept(new SpliceEnd(first == null ? why : first, client.octets(), store.octets()));
  }

  private void schedule(long nanos) {
    if (timer != null) {
      timer.cancel();
    }
    timer = Deadline.after(nanos, client.channel().eventLoop(), this::checkIdle);
  }

  private void checkIdle() {
    long limit = (closing ? settings.closingLimit() : settings.idleLimit()).toNanos();
    long pending = client.pendingOctets() + store.pendingOctets();
    if (pending != pendingAtLastCheck) {
      pendingAtLastCheck = pending;
      touch();
    }
    long left = limit - (now() - lastActivityNanos);
    if (left > 0) {
      schedule(left);
      return;
    }
    ending(SpliceEnd.Reason.IDLE);
    client.channel().close();
    store.channel().close();
  }
}
