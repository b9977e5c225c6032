package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a store: the connect, TLS, octets in both directions, and its end. Its owner
 * hears what happens and says what is written. On one event loop.
 *
 * @param <K> what its owner knows it by
 */
public final class StoreLink<K> extends ChannelInboundHandlerAdapter implements TlsListener {
  private static final Logger log = LoggerFactory.getLogger(StoreLink.class);

  /** What waits in the socket's send buffer counts as taken by the store, so it is kept small. */
  private static final int SEND_BUFFER_OCTETS = 256 * 1024;

  /** What a connection is made for; the columns are what its end is evidence of. */
  public enum Purpose {
    /** A user's login, whose session may take the connection over: passwords pass here. */
    LOGIN(AttemptOutcome.TEMPORARY_FAILURE, "the connection before its answer"),
    /** Deliveries: what is written in one turn of the event loop leaves together. */
    DELIVERY(AttemptOutcome.UNREACHABLE, "the connection"),
    /** A question whether the store greets again. */
    PROBE(AttemptOutcome.ABANDONED, "the connection to a probe");

    private final AttemptOutcome mistake;
    private final String closed;

    Purpose(AttemptOutcome mistake, String closed) {
      this.mistake = mistake;
      this.closed = closed;
    }
  }

  /** Who hears what happens on a connection, until it leaves it. */
  public interface Owner<K> {
    /** It stands, under TLS if that is implicit. */
    void connected(StoreLink<K> link);

    /** TLS that was begun by {@link #startTls} stands. */
    void secured(StoreLink<K> link);

    /** The store sent something; cut anywhere. */
    void received(StoreLink<K> link, byte[] octets);

    /** It does not stand, or no more; told once, and nothing after it. */
    void lost(StoreLink<K> link, AttemptOutcome outcome, String reason);

    /** Whether it is to be read on, now that what came was heard. */
    default boolean readsOn(StoreLink<K> link) {
      return true;
    }

    /** It takes more again. */
    default void writable(StoreLink<K> link) {}

    /** A mistake of ours came up on its stack after it had been told no more of the store. */
    default void failed(StoreLink<K> link, Throwable bug) {
      log.error("a connection that was left failed", bug);
    }
  }

  private final Purpose purpose;
  private final StoreTarget target;
  private final K key;
  private Owner<K> owner;
  private @Nullable StoreDial dial;
  private @Nullable Channel store;
  private boolean silent;
  private Duration vanished = Duration.ZERO;

  /** A connection that is not begun. */
  public StoreLink(Purpose purpose, StoreTarget target, K key, Owner<K> owner) {
    this.purpose = purpose;
    this.target = target;
    this.key = key;
    this.owner = owner;
  }

  /** Begins to connect; on the loop. */
  public void connect(StoreConnector connector, EventLoop loop) {
    vanished = connector.vanished();
    dial = connector.connect(loop, target, this, this::connected, this::failed);
  }

  /** What its owner knows it by. */
  public K key() {
    return key;
  }

  /** Belongs to that one from now on. */
  public void passTo(Owner<K> other) {
    owner = other;
  }

  /** Belongs to that one from now on, who hears of the store though its first owner does not. */
  public void goOnFor(Owner<K> other) {
    owner = other;
    silent = false;
    readOn();
  }

  /** Reads on, if its owner has not wanted that for a while. */
  public void readOn() {
    if (!silent && store != null) {
      store.read();
    }
  }

  /** Whether its owner hears no more of the store. */
  public boolean isSilent() {
    return silent;
  }

  /** Its owner hears no more of the store, and nothing is read until others read. */
  public void silence() {
    silent = true;
  }

  /** Whether the connection came about. */
  public boolean stands() {
    return store != null;
  }

  /** The connection, for a hand-over. */
  public Channel channel() {
    if (store == null) {
      throw new IllegalStateException("no connection to hand over");
    }
    return store;
  }

  /** Writes what holds no secret. */
  public void send(byte[] octets) {
    ByteBuf copy = store == null ? null : Octets.copied(octets, store);
    if (store != null && copy != null) {
      store.writeAndFlush(copy, store.voidPromise());
    }
  }

  /** Writes a copy of what may hold a secret, and overwrites it: a login's buffers are cleared. */
  public void sendSecret(byte[] octets) {
    if (store != null) {
      Octets.tell(store, octets);
      Arrays.fill(octets, (byte) 0);
    }
  }

  /**
   * Writes buffers, one at the least, which are released; the listener hears when all are out. The
   * owner may hear between them that the store takes more: whatever it sends then comes between.
   */
  public void send(List<ByteBuf> octets, ChannelFutureListener out) {
    if (store == null) {
      octets.forEach(ByteBuf::release);
      return;
    }
    int last = octets.size() - 1;
    for (ByteBuf each : octets.subList(0, last)) {
      store.write(each, store.voidPromise());
    }
    store.writeAndFlush(octets.get(last)).addListener(out).addListener(Octets.NO_GAP);
  }

  /** Whether it takes more now. */
  public boolean isWritable() {
    return store != null && store.isWritable();
  }

  /** A buffer for what is to be sent. */
  public ByteBuf buffer(int octets) {
    return store == null ? Unpooled.buffer(octets) : store.alloc().buffer(octets);
  }

  /** Begins TLS within that limit. */
  public void startTls(Duration limit) {
    if (store != null) {
      TlsUpgrade.ofStore(store, target, limit, this);
    }
  }

  /**
   * Takes leave in these words, whatever the store is doing, and closes; its owner hears no more.
   */
  public void leave(byte[] words) {
    silent = true;
    if (store != null) {
      store.write(Unpooled.wrappedBuffer(words));
      BehindPending.closeInTime(store);
    } else if (dial != null) {
      dial.cancel();
    }
  }

  /**
   * Breaks it off, so that nothing that is still to be sent arrives: it could be the end of a
   * message (rule B5.15). Its owner hears no more.
   */
  public void breakOff() {
    silent = true;
    if (store != null) {
      set(store, ChannelOption.SO_LINGER, 0);
      store.close();
    } else if (dial != null) {
      dial.cancel();
    }
  }

  private void connected(Channel connected) {
    store = connected;
    if (purpose == Purpose.LOGIN) {
      ClearedBuffers.useAt(connected);
    } else if (purpose == Purpose.DELIVERY) {
      set(connected, ChannelOption.SO_SNDBUF, SEND_BUFFER_OCTETS);
      SignsOfLife.keepAlive(connected, vanished);
    }
    owner.connected(this);
    connected.read();
  }

  private void failed(ConnectFailure why) {
    lose(why.outcome(), why.reason());
  }

  @Override
  public void secured() {
    if (!silent && store != null) {
      owner.secured(this);
      if (!silent) {
        store.read();
      }
    }
  }

  @Override
  public void failed(TlsFailure why) {
    lose(why.outcome(), "TLS with " + target.host() + ": " + why.reason());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    if (purpose == Purpose.DELIVERY) {
      Octets.leaveTogether(context);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    byte[] octets = Octets.takenFrom((ByteBuf) message);
    if (!silent) {
      owner.received(this, octets);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!silent && owner.readsOn(this)) {
      context.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!silent && context.channel().isWritable()) {
      owner.writable(this);
    }
  }

  /** Under TLS a store's closing alert may come long before its connection ends. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent
        || event instanceof ChannelInputShutdownReadComplete) {
      closedByStore();
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closedByStore();
  }

  /** A mistake of ours in what this store sent or is ends the attempt, and not the session. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    String doing = "hearing " + target.host();
    if (EventLoops.tellWant(context.channel(), cause, doing)) {
      lose(AttemptOutcome.ABANDONED, doing + " took more than this machine has");
    } else if (cause instanceof IOException || cause instanceof DecoderException) {
      closedByStore();
    } else if (silent) {
      owner.failed(this, cause);
    } else {
      log.error("the connection to {} failed by a mistake", target.host(), cause);
      lose(purpose.mistake, "the connection to " + target.host() + " failed here");
    }
    context.close();
  }

  private void closedByStore() {
    lose(AttemptOutcome.UNREACHABLE, target.host() + " closed " + purpose.closed);
  }

  private void lose(AttemptOutcome outcome, String reason) {
    if (!silent) {
      silent = true;
      owner.lost(this, outcome, reason);
    }
  }

  private static void set(Channel store, ChannelOption<Integer> option, int value) {
    try {
      store.config().setOption(option, value);
    } catch (ChannelException ended) {
      log.debug("{} could not be set: the connection has ended", option, ended);
    }
  }
}
