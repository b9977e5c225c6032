package org.openmmp.storesim.session;

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

/**
 * Gives one connection's lines to the phase that its session is in, one at a time.
 *
 * @param <L> a line of the protocol
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do when these have run
public final class SessionHandler<L> extends SimpleChannelInboundHandler<L> {
  private final StoreNode node;
  private final NodeTls tls;
  private final CommandFramer framer;
  private final FirstPhase<L> first;
  private final Queue<L> waiting = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable SessionPhase<L> phase;
  private boolean busy;
  private boolean mute;

  SessionHandler(
      StoreNode node, NodeTls tls, CommandFramer framer, Class<L> line, FirstPhase<L> first) {
    super(line);
    this.node = node;
    this.tls = tls;
    this.framer = framer;
    this.first = first;
  }

  /**
   * Makes the first phase of a session.
   *
   * @param <L> a line of the protocol
   */
  @FunctionalInterface
  public interface FirstPhase<L> {
    /** The phase that greets the client, made when that is due. */
    SessionPhase<L> of(ChannelHandlerContext ctx, SessionHandler<L> session);
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
  protected void channelRead0(ChannelHandlerContext ctx, L line) {
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

  /** The node that it serves for. */
  public StoreNode node() {
    return node;
  }

  /** Whether a login is taken now, as far as TLS matters. */
  public boolean takesLogins() {
    return tls.loginInClear() || underTls();
  }

  /** Whether the client may begin TLS now. */
  public boolean offersTls() {
    return tls.context() != null && !underTls();
  }

  /** Whether the connection is under TLS. */
  private boolean underTls() {
    return context().pipeline().get(SslHandler.class) != null;
  }

  /** Runs later, if it is still connected then, and takes no line until then. */
  public void later(Duration delay, Runnable task) {
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
              if (context().channel().isActive()) {
                task.run();
                work();
              }
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Runs on the event loop, soon; from any thread. */
  public void soon(Runnable task) {
    context().executor().execute(task);
  }

  /** Goes on with another phase. */
  public void enter(SessionPhase<L> next) {
    phase = next;
    next.begin();
  }

  /** Never says anything again, and stays connected. */
  public void fallSilent() {
    mute = true;
    waiting.clear();
  }

  /**
   * Begins TLS behind what was said; what the client sent in the clear behind STARTTLS is lost.
   *
   * @throws IllegalStateException if none is offered
   */
  public void startTls() {
    SslContext certified = tls.context();
    if (certified == null) {
      throw new IllegalStateException("no TLS here");
    }
    framer.discardUntilTls();
    waiting.clear();
    SslHandler handler = certified.newHandler(context().alloc());
    context().pipeline().addBefore(contextName(), null, handler);
  }

  private String contextName() {
    return context().pipeline().context(framer).name();
  }

  private void greet() {
    later(node.behaviour().greetingDelay(), this::greetNow);
  }

  private void greetNow() {
    enter(first.of(context(), this));
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
