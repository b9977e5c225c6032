package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.storesim.EmbeddedDirectory;

/** What systemd hears of a running program: a socket stands in for it. */
final class ServiceManagerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final LogWatch watch = new LogWatch(List.of());
  private final List<String> heard = new ArrayList<>();
  private RunDirectory run;
  private EmbeddedDirectory directory;
  private Socket manager;
  private Path workplace;

  @BeforeEach
  void listen() throws Exception {
    assertTrue(Epoll.isAvailable());
    run = RunDirectory.of(ServiceManagerTest.class);
    directory = EmbeddedDirectory.start();
    workplace = run.create("workplace");
    manager = Socket.newSocketDomainDgram();
    manager.bind(new DomainSocketAddress(workplace.resolve("notify").toString()));
    watch.expect("openmmp.tls: the certificate .* ends soon");
    watch.expect("openmmp.limits.max-connections is");
  }

  @AfterEach
  void close() throws Exception {
    manager.close();
    directory.close();
    run.close();
  }

  private ProxyProcess start(String settings) throws IOException {
    Path written =
        AttackConfig.write(
            workplace,
            directory.url(),
            Place.of(1).group("g") + "openmmp.admin.listen = null\n" + settings);
    return new ProxyProcess(
        run,
        "served",
        "proxy",
        "include file(\"" + written + "\")\n",
        workplace.resolve("ca.pem"),
        watch,
        List.of("env", "NOTIFY_SOCKET=" + workplace.resolve("notify"), "WATCHDOG_USEC=2000000"));
  }

  /** Waits for a message that begins so behind those that were waited for before. */
  private void awaitMessage(String beginning) {
    Await.until(
        () -> beginning + " among " + heard,
        LIMIT,
        () -> {
          while (receive()) {
            if (heard.get(heard.size() - 1).startsWith(beginning)) {
              return true;
            }
          }
          return false;
        });
  }

  private boolean receive() {
    try {
      ByteBuffer octets = ByteBuffer.allocateDirect(4_096);
      var from = manager.recvFromDomainSocket(octets, 0, octets.capacity());
      if (from != null) {
        octets.limit(from.receivedAmount());
        heard.add(StandardCharsets.UTF_8.decode(octets).toString());
      }
      return from != null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test // B8.9, B7.3, B8.1
  void systemdHearsOfStartLifeReloadAndEnd() throws Exception {
    try (ProxyProcess program = start("")) {
      awaitMessage("READY=1\nSTATUS=imap=127.0.0.1:");
      awaitMessage("WATCHDOG=1");
      awaitMessage("WATCHDOG=1");
      Command.run("kill", "-HUP", Long.toString(program.process().pid())).succeeded();
      awaitMessage("RELOADING=1\nMONOTONIC_USEC=");
      awaitMessage("READY=1\nSTATUS=reloaded: ");
    }
    awaitMessage("STOPPING=1\nEXTEND_TIMEOUT_USEC=");
  }

  @Test // B8.9, B7.8
  void portThatIsInUseIsWaitedForWhereStartsAreCounted() throws Exception {
    watch.expect("not started yet, tried again in");
    ServerSocket inTheWay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    try {
      CompletableFuture<ProxyProcess> started =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return start(
                      "openmmp.imap.listen = [\"127.0.0.1:" + inTheWay.getLocalPort() + "\"]\n");
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      awaitMessage("EXTEND_TIMEOUT_USEC=20000000\nSTATUS=waiting: ");
      inTheWay.close();
      try (ProxyProcess program = started.get(LIMIT.toSeconds() + 20, TimeUnit.SECONDS)) {
        assertTrue(program.process().isAlive());
        awaitMessage("READY=1");
      }
    } finally {
      inTheWay.close();
    }
  }
}
