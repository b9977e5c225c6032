package org.openmmp.lmtp.netty;

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
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.transport.BoundedClose;
import org.openmmp.transport.ConnectFailure;
import org.openmmp.transport.Octets;
import org.openmmp.transport.StoreConnector;
import org.openmmp.transport.StoreDial;
import org.openmmp.transport.StoreDialListener;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.TlsFailure;
import org.openmmp.transport.TlsListener;
import org.openmmp.transport.TlsUpgrade;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to a store, in the hands of a session or of the pool. */
final class DeliveryLink extends ChannelInboundHandlerAdapter
    implements StoreDialListener, TlsListener {
  private static final Logger log = LoggerFactory.getLogger(DeliveryLink.class);
  private static final byte[] QUIT = "QUIT\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int SEND_BUFFER_OCTETS = 256 * 1024;

  private final StoreConversation conversation;
  private final StoreTarget target;
  private @Nullable DeliveryLinkOwner owner;
  private @Nullable StoreDial dial;
  private @Nullable Channel store;

  DeliveryLink(StoreConversation conversation, StoreTarget target, DeliveryLinkOwner owner) {
    this.conversation = conversation;
    this.target = target;
    this.owner = owner;
  }

  void connect(StoreConnector connector, EventLoop loop) {
    dial = connector.connect(loop, target, this, this);
  }

  /** What is said here. */
  StoreConversation conversation() {
    return conversation;
  }

  /** Belongs to that one from now on. */
  void passTo(DeliveryLinkOwner other) {
    owner = other;
  }

  /** Writes commands. */
  void send(byte[] octets) {
    if (store != null) {
      store.writeAndFlush(Unpooled.wrappedBuffer(octets), store.voidPromise());
    }
  }

  /** Writes some of a message; the listener hears when it is out. */
  void send(ByteBuf octets, ChannelFutureListener out) {
    if (store == null) {
      octets.release();
    } else {
      store.writeAndFlush(octets).addListener(out);
    }
  }

  /** Whether it takes more of a message now. */
  boolean isWritable() {
    return store != null && store.isWritable();
  }

  /** A buffer for some of a message. */
  ByteBuf buffer(int octets) {
    return store == null ? Unpooled.buffer(octets) : store.alloc().buffer(octets);
  }

  /** Begins TLS. */
  void startTls() {
    if (store != null) {
      var limit = conversation.place().access().greetingTimeout();
      TlsUpgrade.ofStore(store, target, limit, this);
    }
  }

  /**
   * Ends the connection; its owner hears nothing more.
   *
   * @param politely with QUIT, which must not stand within a message
   */
  void hangUp(boolean politely) {
    owner = null;
    if (store == null) {
      if (dial != null) {
        dial.cancel();
      }
    } else if (politely) {
      store.write(Unpooled.wrappedBuffer(QUIT), store.voidPromise());
      BoundedClose.behindPending(store);
    } else {
      // What the socket still holds must not arrive: it could be the end of a message (rule B5.15).
      set(store, ChannelOption.SO_LINGER, 0);
      store.close();
    }
  }

  @Override
  public void connected(Channel connected) {
    store = connected;
    // What is written counts as taken by the store, so that little of it may wait in the socket.
    set(connected, ChannelOption.SO_SNDBUF, SEND_BUFFER_OCTETS);
    if (owner == null) {
      connected.close();
      return;
    }
    owner.connected(this);
    connected.read();
  }

  @Override
  public void failed(ConnectFailure why) {
    lose(why.outcome(), why.reason());
  }

  @Override
  public void secured() {
    if (owner != null && store != null) {
      owner.secured(this);
      store.read();
    }
  }

  @Override
  public void failed(TlsFailure why) {
    lose(AttemptOutcome.TLS_FAILED, "TLS with " + target.host() + ": " + why.reason());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    JoinedWrites.before(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    byte[] octets = Octets.takenFrom((ByteBuf) message);
    if (owner != null) {
      owner.received(this, octets);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (owner != null) {
      context.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (owner != null && context.channel().isWritable()) {
      owner.writable(this);
    }
  }

  /** Under TLS a store's closing alert may come long before its connection ends. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    lose(AttemptOutcome.UNREACHABLE, target.host() + " closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException || cause instanceof DecoderException)) {
      log.error("a connection to {} failed", target.host(), cause);
    }
    context.close();
    lose(AttemptOutcome.UNREACHABLE, "the connection to " + target.host() + " broke");
  }

  private static void set(Channel store, ChannelOption<Integer> option, int value) {
    try {
      store.config().setOption(option, value);
    } catch (ChannelException ended) {
      log.debug("{} could not be set: the connection has ended", option, ended);
    }
  }

  private void lose(AttemptOutcome outcome, String reason) {
    DeliveryLinkOwner hears = owner;
    owner = null;
    if (hears != null) {
      hears.lost(this, outcome, reason);
    }
  }
}
