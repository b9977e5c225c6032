package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Event loops that end a crowd's sessions by and by, and close each of their channels before they
 * end themselves.
 *
 * <p>A store that dies ends thousands of sessions in one turn of their loop. Who comes meanwhile
 * would have to wait for all of them: so a few are ended in each turn, and the loop looks between
 * the turns who else wants something (rule B2.29).
 *
 * <p>Those of Netty 4.2.18 look whether they are shut down, and close their channels, before they
 * run their tasks, and look again, to end, behind them: one that is shut down without a quiet
 * period while it runs its tasks ends with its sockets open.
 */
public final class EventLoops extends MultiThreadIoEventLoopGroup {
  private static final Logger log = LoggerFactory.getLogger(EventLoops.class);

  /** So many endings have their place in each turn of a loop. */
  private static final int ENDINGS_IN_TURN = 8;

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
    Duration pause = Duration.ofSeconds(pauseSeconds);
    return regularly(on, pause, pause, task);
  }

  /**
   * The same, the first time after another pause, on any loops or threads.
   *
   * @param first before the first run; zero: at once
   * @param pause from the end of one run to the next
   */
  public static Future<?> regularly(
      EventExecutorGroup on, Duration first, Duration pause, Runnable task) {
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
        first.toNanos(),
        pause.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  /**
   * Does what the end of a session takes: at once if few end in this turn of the channel's loop,
   * else in a later turn, behind those that came before. On any thread.
   *
   * @param ending what it throws goes to the end of the channel's pipeline if it is done later
   */
  static void end(Channel channel, Runnable ending) {
    EventLoop loop = channel.eventLoop();
    if (!loop.inEventLoop()) {
      loop.execute(() -> end(channel, ending));
    } else if (loop instanceof Loop ours && !ours.hasPlaceForEnding()) {
      ours.endLater(channel, ending);
    } else {
      ending.run();
    }
  }

  @Override
  protected IoEventLoop newChild(
      Executor executor, IoHandlerFactory handlers, Object... noneOfThese) {
    return new Loop(this, executor, handlers);
  }

  /** One of them. All but its constructor on its thread. */
  private static final class Loop extends SingleThreadIoEventLoop {
    private final Queue<Runnable> endings = new ArrayDeque<>();

    /** Of this turn. */
    private int ended;

    private int put;
    private int handled;

    Loop(EventLoops parent, Executor executor, IoHandlerFactory handlers) {
      super(parent, executor, handlers);
    }

    @Override
    protected int runIo() {
      ended = 0;
      put = 0;
      handled = super.runIo();
      return handled;
    }

    boolean hasPlaceForEnding() {
      if (isShuttingDown()) {
        endAll();
        return true;
      }
      if (!endings.isEmpty() || ended >= ENDINGS_IN_TURN) {
        return false;
      }
      ended++;
      return true;
    }

    void endLater(Channel channel, Runnable ending) {
      put++;
      if (endings.isEmpty()) {
        laterTurn();
      }
      endings.add(() -> endNow(channel, ending));
    }

    private static void endNow(Channel channel, Runnable ending) {
      try {
        ending.run();
      } catch (RuntimeException bug) {
        channel.pipeline().fireExceptionCaught(bug);
      }
    }

    /** What is to be done at once is done behind the next look at the channels, never before. */
    private void laterTurn() {
      schedule(this::endSome, 0, TimeUnit.NANOSECONDS);
    }

    /** As many as other things were done in this turn: neither waits for the other for long. */
    private void endSome() {
      int most = Math.max(ENDINGS_IN_TURN, handled - put);
      for (; ended < most && !endings.isEmpty(); ended++) {
        endings.remove().run();
      }
      if (!endings.isEmpty()) {
        laterTurn();
      }
    }

    private void endAll() {
      while (!endings.isEmpty()) {
        endings.remove().run();
      }
    }

    @Override
    protected boolean confirmShutdown() {
      if (!isShuttingDown()) {
        return false;
      }
      endAll();
      ioHandler().prepareToDestroy();
      return super.confirmShutdown();
    }
  }
}
