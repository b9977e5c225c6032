package org.openmmp.proxy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.LoginAttempt;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.proxy.session.StoreProgress;
import org.openmmp.proxy.session.StoreStep;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.transport.BoundedClose;
import org.openmmp.transport.ClearedBuffers;
import org.openmmp.transport.ConnectFailure;
import org.openmmp.transport.Octets;
import org.openmmp.transport.StoreDial;
import org.openmmp.transport.StoreDialListener;
import org.openmmp.transport.StoreTarget;
import org.openmmp.transport.TlsFailure;
import org.openmmp.transport.TlsListener;
import org.openmmp.transport.TlsUpgrade;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at one store: the connect, the dialogue, and the leave or the hand-over. */
final class StoreLink extends ChannelInboundHandlerAdapter
    implements StoreDialListener, TlsListener {
  private static final Logger log = LoggerFactory.getLogger(StoreLink.class);

  private final SessionDriver driver;
  private final LoginAttempt attempt;
  private final StoreTarget target;
  private @Nullable StoreDial dial;
  private @Nullable Channel store;
  private boolean over;

  StoreLink(SessionDriver driver, LoginAttempt attempt, StoreTarget target) {
    this.driver = driver;
    this.attempt = attempt;
    this.target = target;
  }

  void start(SessionParts parts, Channel client) {
    dial = parts.connector().connect(client.eventLoop(), target, this, this);
  }

  @Override
  public void connected(Channel connected) {
    store = connected;
    ClearedBuffers.useAt(connected);
    driver.progressed(attempt, StoreProgress.CONNECTED);
    connected.read();
  }

  @Override
  public void failed(ConnectFailure why) {
    fail(why.outcome(), why.reason());
  }

  /** Gives the store the client's response to its challenge. */
  void respond(byte[] base64) {
    carryOut(attempt.dialogue().respond(base64));
  }

  /** Takes leave of the store in its protocol's words, whatever it is doing, and closes. */
  void leave() {
    over = true;
    if (store == null) {
      if (dial != null) {
        dial.cancel();
      }
      return;
    }
    store.write(Unpooled.wrappedBuffer(attempt.dialogue().leave()));
    BoundedClose.behindPending(store);
  }

  /** The store's connection, for the hand-over. */
  Channel channel() {
    if (store == null) {
      throw new IllegalStateException("no connection to hand over");
    }
    return store;
  }

  /** What the store sent behind its answer. */
  byte[] leftOver() {
    return attempt.dialogue().leftOver();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    byte[] octets = Octets.takenFrom((ByteBuf) message);
    if (!over) {
      carryOut(attempt.dialogue().onBytes(octets));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!over) {
      context.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent
        || event instanceof ChannelInputShutdownReadComplete) {
      closedEarly();
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closedEarly();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      closedEarly();
      context.close();
    } else if (over) {
      driver.failed(cause);
    } else {
      // A mistake of ours in what this store sent or is: that attempt's failure, not the client's
      // end.
      log.error("the attempt at {} failed by a mistake", target.host(), cause);
      fail(AttemptOutcome.TEMPORARY_FAILURE, "the attempt at " + target.host() + " failed here");
      context.close();
    }
  }

  @Override
  public void secured() {
    if (over || store == null) {
      return;
    }
    carryOut(attempt.dialogue().onTls());
    if (!over) {
      store.read();
    }
  }

  @Override
  public void failed(TlsFailure why) {
    fail(AttemptOutcome.TLS_FAILED, "TLS with " + target.host() + ": " + why.reason());
  }

  private void closedEarly() {
    fail(AttemptOutcome.UNREACHABLE, target.host() + " closed the connection before its answer");
  }

  private void fail(AttemptOutcome outcome, String reason) {
    if (!over) {
      over = true;
      driver.storeAnswered(attempt, StoreAnswer.failed(outcome, reason));
    }
  }

  private void carryOut(List<StoreStep> steps) {
    for (StoreStep step : steps) {
      if (over || store == null) {
        return;
      } else if (step instanceof StoreStep.Send send) {
        send(store, send.octets());
      } else if (step instanceof StoreStep.Greeted) {
        driver.progressed(attempt, StoreProgress.GREETED);
      } else if (step instanceof StoreStep.Named) {
        driver.progressed(attempt, StoreProgress.NAMED);
      } else if (step instanceof StoreStep.StartTls) {
        TlsUpgrade.ofStore(store, target, attempt.access().greetingTimeout(), this);
      } else if (step instanceof StoreStep.Challenge challenge) {
        driver.storeAsks(attempt, challenge.base64());
      } else if (step instanceof StoreStep.Answered last) {
        over = true;
        driver.storeAnswered(attempt, last.answer());
      }
    }
  }

  /** Writes octets that may hold a secret, and overwrites them once they are out. */
  private static void send(Channel store, byte[] octets) {
    store
        .writeAndFlush(Unpooled.wrappedBuffer(octets))
        .addListener(written -> Arrays.fill(octets, (byte) 0));
  }
}
