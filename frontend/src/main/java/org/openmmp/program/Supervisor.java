package org.openmmp.program;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started this process and hears how it is, by the protocol of
 * sd_notify(3). On any thread.
 */
final class Supervisor {
  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  /** Of those who were started otherwise. */
  static final Supervisor NONE = new Supervisor(null, 0);

  /** An end that takes longer than its limit is the supervisor's to cut. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  /** The path of its socket, as octets; null if there is none. */
  private final byte @Nullable [] path;

  private final long watchdogNanos;

  private Supervisor(byte @Nullable [] path, long watchdogNanos) {
    this.path = path;
    this.watchdogNanos = watchdogNanos;
  }

  /** The one that these variables name: {@code NOTIFY_SOCKET} and {@code WATCHDOG_USEC}. */
  static Supervisor of(Map<String, String> environment) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (socket.isEmpty()) {
      return NONE;
    }
    if (!Epoll.isAvailable()) {
      log.error("NOTIFY_SOCKET={} cannot be written to here: use Type=exec", socket);
      return NONE;
    }
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path[0] == '@') {
      path[0] = 0;
    }
    return new Supervisor(path, TimeUnit.MICROSECONDS.toNanos(watchdogMicros(environment)));
  }

  /** None if it is another process that is watched. */
  private static long watchdogMicros(Map<String, String> environment) {
    String process = environment.getOrDefault("WATCHDOG_PID", "");
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean watched =
        micros.matches("[0-9]{1,15}")
            && (process.isEmpty() || process.equals(Long.toString(ProcessHandle.current().pid())));
    return watched ? Long.parseLong(micros) : 0;
  }

  /** Whether there is one. */
  boolean exists() {
    return path != null;
  }

  /** The listeners are open, or a reload has ended. */
  void ready(String status) {
    tell("READY=1", "STATUS=" + status);
  }

  /** The start goes on for so long still. */
  void waiting(String why, Duration time) {
    tell("EXTEND_TIMEOUT_USEC=" + micros(time.plus(GRACE)), "STATUS=" + why);
  }

  /** The configuration is being read again; {@link #ready} ends it. */
  void reloading() {
    tell(
        "RELOADING=1",
        "MONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()),
        "STATUS=reading the configuration again");
  }

  /** No more clients are accepted; the process ends within that limit. */
  void stopping(Duration limit) {
    tell(
        "STOPPING=1",
        "EXTEND_TIMEOUT_USEC=" + micros(limit.plus(GRACE)),
        "STATUS=draining for at most " + limit.toSeconds() + " s");
  }

  /**
   * From now on tells it that all these loops are alive, for as long as each of them is: one that
   * stands still has nothing told any more, and the process is ended for that and started again.
   */
  void watch(EventLoopGroup loops) {
    if (watchdogNanos > 0) {
      List<EventExecutor> all = new ArrayList<>();
      loops.forEach(all::add);
      beat(all);
    }
  }

  private void beat(List<EventExecutor> loops) {
    AtomicInteger silent = new AtomicInteger(loops.size());
    for (EventExecutor each : loops) {
      each.execute(
          () -> {
            if (silent.decrementAndGet() == 0) {
              tell("WATCHDOG=1");
              each.schedule(() -> beat(loops), watchdogNanos / 4, TimeUnit.NANOSECONDS);
            }
          });
    }
  }

  private void tell(String... assignments) {
    if (path == null) {
      return;
    }
    byte[] text = String.join("\n", assignments).getBytes(StandardCharsets.UTF_8);
    ByteBuffer octets = ByteBuffer.allocateDirect(text.length).put(text);
    try {
      Socket socket = Socket.newSocketDomainDgram();
      try {
        socket.sendToDomainSocket(octets, 0, text.length, path);
      } finally {
        socket.close();
      }
    } catch (IOException | RuntimeException untold) {
      log.warn("the service manager cannot be told {}: {}", assignments[0], String.valueOf(untold));
    }
  }

  private static long micros(Duration time) {
    return TimeUnit.NANOSECONDS.toMicros(time.toNanos());
  }
}
