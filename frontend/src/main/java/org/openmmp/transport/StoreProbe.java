package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.ProbeDialogue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One probe of one store: the connect, the dialogue up to where a login would begin, and a polite
 * end (rule B2.9). On one event loop.
 */
public final class StoreProbe extends ChannelInboundHandlerAdapter
    implements StoreDialListener, TlsListener {
  private static final Logger log = LoggerFactory.getLogger(StoreProbe.class);

  private final EventLoop loop;
  private final StoreTarget target;
  private final ProbeDialogue dialogue;
  private final Duration patience;
  private final Consumer<ProbeDialogue.End> whenOver;
  private @Nullable Channel store;
  private @Nullable Future<?> limit;
  private boolean over;

  private StoreProbe(
      EventLoop loop,
      StoreTarget target,
      ProbeDialogue dialogue,
      Duration patience,
      Consumer<ProbeDialogue.End> whenOver) {
    this.loop = loop;
    this.target = target;
    this.dialogue = dialogue;
    this.patience = patience;
    this.whenOver = whenOver;
  }

  /**
   * Begins a probe.
   *
   * @param patience for the greeting, and for each answer behind it
   * @param whenOver hears how it ended, exactly once, on the loop
   */
  public static void begin(
      StoreConnector connector,
      EventLoop loop,
      StoreTarget target,
      ProbeDialogue dialogue,
      Duration patience,
      Consumer<ProbeDialogue.End> whenOver) {
    StoreProbe probe = new StoreProbe(loop, target, dialogue, patience, whenOver);
    try {
      connector.connect(loop, target, probe, probe);
    } catch (RuntimeException bug) {
      probe.failed(bug);
    }
  }

  @Override
  public void connected(Channel connected) {
    store = connected;
    allow("greeting");
    connected.read();
  }

  @Override
  public void failed(ConnectFailure why) {
    end(why.outcome(), why.reason());
  }

  @Override
  public void secured() {
    if (!over && store != null) {
      obey(dialogue.onTls());
      store.read();
    }
  }

  @Override
  public void failed(TlsFailure why) {
    end(AttemptOutcome.TLS_FAILED, "TLS with " + target.host() + ": " + why.reason());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    byte[] octets = Octets.takenFrom((ByteBuf) message);
    if (!over) {
      obey(dialogue.onBytes(octets));
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
    if (event == ChannelInputShutdownReadComplete.INSTANCE) {
      closedEarly();
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
    } else {
      failed(cause);
    }
  }

  /** A mistake of ours says nothing of the store. */
  private void failed(Throwable bug) {
    log.error("a probe of {}:{} failed", target.host(), target.port(), bug);
    end(AttemptOutcome.ABANDONED, "the probe failed: " + bug);
  }

  private void closedEarly() {
    end(AttemptOutcome.UNREACHABLE, target.host() + " closed the connection to a probe");
  }

  private void obey(ProbeDialogue.Step step) {
    Channel to = store;
    if (to == null) {
      return;
    }
    if (step.send().length > 0) {
      to.writeAndFlush(Unpooled.wrappedBuffer(step.send()), to.voidPromise());
      allow("answer");
    }
    if (step.end() != null) {
      end(step.end().outcome(), step.end().reason());
    } else if (step.startTls()) {
      TlsUpgrade.ofStore(to, target, patience, this);
    }
  }

  private void allow(String awaited) {
    stopWaiting();
    limit =
        loop.schedule(
            () -> end(AttemptOutcome.UNREACHABLE, "no " + awaited + " of " + target.host()),
            patience.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void stopWaiting() {
    if (limit != null) {
      limit.cancel(false);
    }
  }

  private void end(AttemptOutcome outcome, String reason) {
    if (over) {
      return;
    }
    over = true;
    stopWaiting();
    if (store != null) {
      store.write(Unpooled.wrappedBuffer(dialogue.leave()), store.voidPromise());
      BoundedClose.behindPending(store);
    }
    whenOver.accept(new ProbeDialogue.End(outcome, reason));
  }
}
