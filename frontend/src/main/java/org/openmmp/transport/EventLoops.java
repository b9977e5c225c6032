package org.openmmp.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;

/**
 * Event loops that close each of their channels before they end.
 *
 * <p>Those of Netty 4.2.18 look whether they are shut down, and close their channels, before they
 * run their tasks, and look again, to end, behind them: one that is shut down without a quiet
 * period while it runs its tasks ends with its sockets open.
 */
public final class EventLoops extends MultiThreadIoEventLoopGroup {
  /**
   * Starts them.
   *
   * @param threads how many, one thread each
   * @param name what the threads' names begin with; they are daemons
   */
  public EventLoops(int threads, String name, IoHandlerFactory handlers) {
    super(threads, new DefaultThreadFactory(name, true), handlers);
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
