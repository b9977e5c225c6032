package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.transport.EventLoops;

/** What a service manager hears: a socket stands in for it. */
final class SupervisorTest {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long WATCHDOG_MICROS = 200_000;

  @TempDir private Path folder;
  private Socket manager;

  @BeforeEach
  void listen() throws IOException {
    assertTrue(io.netty.channel.epoll.Epoll.isAvailable());
    manager = Socket.newSocketDomainDgram();
    manager.bind(new DomainSocketAddress(folder.resolve("notify").toString()));
  }

  @AfterEach
  void close() throws IOException {
    manager.close();
  }

  private Supervisor supervisor(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("NOTIFY_SOCKET", folder.resolve("notify").toString());
    for (int at = 0; at < more.length; at += 2) {
      environment.put(more[at], more[at + 1]);
    }
    return Supervisor.of(environment);
  }

  /** What came next; null if nothing is there now. */
  private @Nullable String heardNow() throws IOException {
    ByteBuffer octets = ByteBuffer.allocateDirect(4_096);
    var from = manager.recvFromDomainSocket(octets, 0, octets.capacity());
    if (from == null) {
      return null;
    }
    octets.limit(from.receivedAmount());
    return StandardCharsets.UTF_8.decode(octets).toString();
  }

  private String heard() throws IOException {
    long endNanos = System.nanoTime() + LIMIT_NANOS;
    @Nullable String message = heardNow();
    while (message == null && endNanos - System.nanoTime() > 0) {
      Thread.onSpinWait();
      message = heardNow();
    }
    return Objects.requireNonNull(message, "nothing was heard");
  }

  @Test // B8.9
  void startReloadAndEndAreToldInTheWordsOfSdNotify() throws IOException {
    Supervisor supervisor = supervisor();
    assertTrue(supervisor.exists());
    supervisor.waiting("waiting: port in use", Duration.ofSeconds(5));
    assertEquals("EXTEND_TIMEOUT_USEC=20000000\nSTATUS=waiting: port in use", heard());
    supervisor.ready("imap=*:143");
    assertEquals("READY=1\nSTATUS=imap=*:143", heard());
    supervisor.reloading();
    assertTrue(heard().matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=reading the .* again"));
    supervisor.stopping(Duration.ofSeconds(30));
    assertEquals(
        "STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000\nSTATUS=draining for at most 30 s", heard());
  }

  @Test // B8.9
  void aliveIsToldOnlyWhileEveryLoopIs() throws Exception {
    EventLoopGroup loops = new EventLoops(3, "watched", NioIoHandler.newFactory());
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch stuck = new CountDownLatch(1);
    try {
      supervisor("WATCHDOG_USEC", Long.toString(WATCHDOG_MICROS)).watch(loops);
      assertEquals("WATCHDOG=1", heard());
      assertEquals("WATCHDOG=1", heard());
      loops
          .next()
          .execute(
              () -> {
                stuck.countDown();
                await(goOn);
              });
      assertTrue(stuck.await(LIMIT_NANOS, TimeUnit.NANOSECONDS));
      CountDownLatch later = new CountDownLatch(1);
      loops.next().schedule(later::countDown, 4 * WATCHDOG_MICROS, TimeUnit.MICROSECONDS);
      assertTrue(later.await(LIMIT_NANOS, TimeUnit.NANOSECONDS));
      // Of a round in which the stuck loop had had its turn already.
      if (heardNow() != null) {
        assertNull(heardNow());
      }
      goOn.countDown();
      assertEquals("WATCHDOG=1", heard());
    } finally {
      goOn.countDown();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(LIMIT_NANOS, TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test // B8.9
  void nobodyIsToldWhereNobodyListensOrAnotherProcessIsWatched() throws Exception {
    assertFalse(Supervisor.of(Map.of()).exists());
    Supervisor.of(Map.of("WATCHDOG_USEC", "1000")).ready("nobody hears");
    EventLoopGroup loops = new EventLoops(1, "watched", NioIoHandler.newFactory());
    try {
      for (List<String> other :
          List.of(
              List.of("WATCHDOG_USEC", "20000", "WATCHDOG_PID", "1"),
              List.of("WATCHDOG_USEC", "no number"),
              List.of("WATCHDOG_PID", Long.toString(ProcessHandle.current().pid())))) {
        supervisor(other.toArray(String[]::new)).watch(loops);
      }
      Supervisor own =
          supervisor(
              "WATCHDOG_USEC",
              "20000",
              "WATCHDOG_PID",
              Long.toString(ProcessHandle.current().pid()));
      loops.next().submit(() -> {}).sync();
      assertNull(heardNow());
      own.watch(loops);
      assertEquals("WATCHDOG=1", heard());
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
