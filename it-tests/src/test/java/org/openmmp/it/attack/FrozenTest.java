package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.fixture.AdminClient;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;

/**
 * The program is stopped for longer than its limits, and goes on: no store is blamed for that
 * (B2.21).
 */
@Tag("slow")
final class FrozenTest {
  private static final String PASSWORD = "Secret-of-the-frozen-4Rt";
  private static final String ACCEPTED = "a OK [CAPABILITY IMAP4rev1] in";
  private static final List<String> GROUPS = List.of("connect", "greeting", "answer", "healthy");
  private static final int LOGINS = 2;
  private static final Pattern TOLD = Pattern.compile(" standstill seconds=\\d\\d");

  // B2.21
  @Test
  void aStandstillOfThisProcessBlamesNoStore(@TempDir Path workplace) throws IOException {
    LogWatch watch = new LogWatch(List.of(PASSWORD));
    watch.expect("WARN .* standstill seconds=");
    watch.expect("openmmp.limits|ends soon");
    Place place = Place.of(3);
    CountDownLatch go = new CountDownLatch(1);
    AtomicBoolean slow = new AtomicBoolean();
    try (ProgramApart program =
            new ProgramApart(FrozenTest.class, "proxy", watch, List.of(), settings(place));
        FullHost full = new FullHost(place.address(0), place.port())) {
      for (String group : GROUPS) {
        program.user("user-of-" + group, "example.test", PASSWORD, group);
      }
      ScriptedStore greets =
          program.store(
              new Place(List.of(place.address(1)), place.port()),
              0,
              peer -> {
                if (slow.get()) {
                  await(go);
                }
                new ImapScript().play(peer);
              });
      ScriptedStore answers =
          program.store(
              place,
              2,
              new ImapScript()
                  .answer(
                      login -> {
                        if (slow.get() && login.user().startsWith("user-of-answer")) {
                          await(go);
                        }
                        return "%t OK [CAPABILITY IMAP4rev1] in\r\n";
                      }));
      RawClient open = logsIn(program, "healthy");
      assertEquals(ACCEPTED, open.answer("a"));
      assertEquals(ACCEPTED, logsIn(program, "greeting").answer("a"));
      assertEquals(ACCEPTED, logsIn(program, "answer").answer("a"));
      slow.set(true);
      List<RawClient> underWay = new ArrayList<>();
      for (int i = 0; i < LOGINS; i++) {
        for (String group : List.of("greeting", "answer", "connect")) {
          underWay.add(logsIn(program, group));
        }
      }
      Await.until(
          () -> greets.connections() + ", " + answers.connections() + "\n" + program.log(),
          Duration.ofSeconds(10),
          () ->
              greets.connections() > 1
                  && answers.connections() > 2
                  && program.admin(MailProtocol.IMAP).host("connect", "connect.test").underWay()
                      > 0);

      program.freeze();
      // What the stores say meanwhile waits unread.
      go.countDown();
      full.serve();
      open.send("b NOOP\r\n");
      waitForOneThatIsNotFrozen(workplace);
      program.thaw();

      for (RawClient client : underWay) {
        assertEquals(ACCEPTED, client.answer("a"), program::log);
      }
      assertEquals("b OK NOOP", open.answer("b"));
      for (String group : GROUPS) {
        assertEquals(ACCEPTED, logsIn(program, group).answer("a"), program::log);
      }
      AdminClient imap = program.admin(MailProtocol.IMAP);
      for (String group : GROUPS) {
        assertEquals("working", imap.host(group, group + ".test").state(), group);
      }
      assertFalse(program.log().contains(" cool-down "), program::log);
      assertTrue(TOLD.matcher(program.log()).find(), program::log);
    }
  }

  /** Returns when a program that runs on has lost its patience, which is greater, with a store. */
  private static void waitForOneThatIsNotFrozen(Path workplace) {
    Place place = Place.of(1);
    String patience = "openmmp.proxy-defaults.greeting-timeout = 12s\nopenmmp.login.deadline = 12s";
    try (AttackedProxy running = AttackedProxy.start(workplace, place.group("silent"), patience)) {
      running.user("amy", "silent");
      running.store(place, 0, StorePeer::awaitClose);
      String answer = running.client().command("a", AttackedProxy.login("amy"));
      assertTrue(answer.startsWith("a NO [UNAVAILABLE]"), answer);
    }
  }

  private static RawClient logsIn(ProgramApart program, String group) {
    return program
        .client(MailProtocol.IMAP)
        .send("a LOGIN user-of-" + group + "@example.test " + PASSWORD + "\r\n");
  }

  private static String settings(Place place) {
    StringBuilder text =
        new StringBuilder(
            """
            openmmp.proxy-defaults {
              imapport = %d, connect-timeout = 10s, greeting-timeout = 10s
              login-answer-timeout = 10s
            }
            openmmp.login.deadline = 60s
            """
                .formatted(place.port()));
    for (int i = 0; i < GROUPS.size(); i++) {
      String group = GROUPS.get(i);
      String address = place.address(Math.min(i, 2));
      text.append("openmmp.proxy.%1$s.storehostlist = %1$s.test\n".formatted(group));
      text.append("openmmp.resolver.hosts.\"%s.test\" = \"%s\"\n".formatted(group, address));
    }
    return text.toString();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** A host that drops each SYN, for its queue of connections is full, until it begins to serve. */
  private static final class FullHost implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket();
    private final List<Socket> queue = new ArrayList<>();

    FullHost(String address, int port) throws IOException {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getByName(address), port), 1);
      for (int i = 0; i < 2; i++) { // Linux takes one more than it is told
        queue.add(new Socket(address, port));
      }
    }

    /** Serves all who come, from now on. */
    void serve() {
      Thread acceptor =
          new Thread(
              () -> {
                while (!listener.isClosed()) {
                  try {
                    StorePeer peer = new StorePeer(listener.accept());
                    new Thread(() -> play(peer), "store that was full").start();
                  } catch (IOException e) {
                    // Closed: the loop sees it.
                  }
                }
              },
              "accepts again");
      acceptor.setDaemon(true);
      acceptor.start();
    }

    private static void play(StorePeer peer) {
      try (peer) {
        new ImapScript().play(peer);
      } catch (IOException e) {
        // The program left.
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
      for (Socket each : queue) {
        each.close();
      }
    }
  }
}
