package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/**
 * Event loops that close each of their channels before they end.
 *
 * <p>Those of Netty 4.2.18 look whether they are shut down, and close their channels, before they
 * run their tasks, and look again, to end, behind them: one that is shut down without a quiet
 * period while it runs its tasks ends with its sockets open.
 */
public final class EventLoops extends MultiThreadIoEventLoopGroup {
  private final BiConsumer<OwnWant, String> wants;

  /**
   * Starts them.
   *
   * @param threads how many, one thread each
   * @param name what the threads' names begin with; they are daemons
   */
  public EventLoops(int threads, String name, IoHandlerFactory handlers) {
    this(threads, name, handlers, (want, doing) -> {});
  }

  /**
   * The same.
   *
   * @param wants hears what their channels lack here, as {@link Transports#open} says
   */
  EventLoops(
      int threads, String name, IoHandlerFactory handlers, BiConsumer<OwnWant, String> wants) {
    super(threads, new DefaultThreadFactory(name, true), handlers);
    this.wants = wants;
  }

  /**
   * Tells if it is something of our own that a channel lacked; says whether it was (rule B2.22). On
   * the channel's loop.
   */
  static boolean tellWant(Channel channel, Throwable failure, String doing) {
    OwnWant want = OwnWant.of(failure);
    if (want != null && channel.eventLoop().parent() instanceof EventLoops loops) {
      loops.wants.accept(want, doing);
    }
    return want != null;
  }

  @Override
  protected IoEventLoop newChild(
      Executor executor, IoHandlerFactory handlers, Object... noneOfThese) {
    return new SingleThreadIoEventLoop(this, executor, handlers) {
      @Override
      protected boolean confirmShutdown() {
        if (!isShuttingDown()) {
          return false;
        }
        ioHandler().prepareToDestroy();
        return super.confirmShutdown();
      }
    };
  }
}
