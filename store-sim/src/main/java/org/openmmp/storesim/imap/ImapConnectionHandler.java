package org.openmmp.storesim.imap;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.StoreNode;

/** Gives one connection's lines to the phase that its session is in, one at a time. */
@SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do when these have run
final class ImapConnectionHandler extends SimpleChannelInboundHandler<ImapLine> {
  private final StoreNode node;
  private final String service;
  private final StoreTls tls;
  private final ImapLineFramer framer;
  private final Queue<ImapLine> waiting = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable ImapPhase phase;
  private boolean busy;
  private boolean mute;

  ImapConnectionHandler(StoreNode node, String service, StoreTls tls, ImapLineFramer framer) {
    this.node = node;
    this.service = service;
    this.tls = tls;
    this.framer = framer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!tls.implicit()) {
      greet();
    }
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      if (tls.implicit()) {
        greet();
      } else {
        framer.onTls();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ImapLine line) {
    waiting.add(line);
    work();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (phase != null) {
      phase.onClosed();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  /** Whether the connection is under TLS. */
  boolean underTls() {
    return context().pipeline().get(SslHandler.class) != null;
  }

  /** Runs later, and takes no line until then. */
  void later(Duration delay, Runnable task) {
    if (delay.isZero()) {
      task.run();
      return;
    }
    busy = true;
    context()
        .executor()
        .schedule(
            () -> {
              busy = false;
              task.run();
              work();
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Runs on the event loop, soon; from any thread. */
  void soon(Runnable task) {
    context().executor().execute(task);
  }

  /** Goes on with another phase. */
  void enter(ImapPhase next) {
    phase = next;
  }

  /** Never says anything again, and stays connected. */
  void fallSilent() {
    mute = true;
    waiting.clear();
  }

  /** Begins TLS behind what was said; what the client sent in the clear behind STARTTLS is lost. */
  void startTls(SslContext sslContext) {
    framer.discardUntilTls();
    waiting.clear();
    SslHandler handler = sslContext.newHandler(context().alloc());
    context().pipeline().addBefore(contextName(), null, handler);
  }

  private String contextName() {
    return context().pipeline().context(framer).name();
  }

  private void greet() {
    later(node.behaviour().greetingDelay(), this::greetNow);
  }

  private void greetNow() {
    ImapLoginPhase login = new ImapLoginPhase(node, service, tls, new ImapOutput(context()), this);
    phase = login;
    login.greet();
    if (node.behaviour().fault() == Fault.HANG_AFTER_GREETING) {
      fallSilent();
    }
  }

  private void work() {
    while (!busy && !mute && phase != null && !waiting.isEmpty()) {
      phase.onLine(waiting.remove());
    }
    if (mute) {
      waiting.clear();
    }
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return context;
  }
}
