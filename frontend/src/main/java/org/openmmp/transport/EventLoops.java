package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Event loops that close each of their channels before they end.
 *
 * <p>Those of Netty 4.2.18 look whether they are shut down, and close their channels, before they
 * run their tasks, and look again, to end, behind them: one that is shut down without a quiet
 * period while it runs its tasks ends with its sockets open.
 */
public final class EventLoops extends MultiThreadIoEventLoopGroup {
  private static final Logger log = LoggerFactory.getLogger(EventLoops.class);

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

  /**
   * Runs a task again and again on one of these loops, the first time after a pause, until it is
   * cancelled or the loops end. A mistake in it costs one run and is told in the log, once for as
   * long as it stays the same; with {@link EventExecutorGroup#scheduleWithFixedDelay} nothing would
   * run any more, and nobody would know.
   *
   * @param pauseSeconds from the end of one run to the next
   */
  public static Future<?> regularly(EventExecutorGroup on, long pauseSeconds, Runnable task) {
    AtomicReference<String> told = new AtomicReference<>("");
    return on.scheduleWithFixedDelay(
        () -> {
          try {
            task.run();
            told.setPlain("");
          } catch (RuntimeException mistake) {
            String text = mistake.toString();
            if (!text.equals(told.getPlain())) {
              told.setPlain(text);
              log.error("what is done regularly failed once, and is done again", mistake);
            }
          }
        },
        pauseSeconds,
        pauseSeconds,
        TimeUnit.SECONDS);
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
