package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.it.fixture.Await;

/** IMAP logins of amy at a steady pace, while something is done to the front end. */
final class LoginLoad implements AutoCloseable {
  private final ScheduledExecutorService people;
  private final Duration limit;
  private final List<String> failed = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger logins = new AtomicInteger();

  /**
   * None yet.
   *
   * @param atOnce how many logins may be under way
   * @param limit how long some of them may take at the most
   */
  LoginLoad(int atOnce, Duration limit) {
    people = Executors.newScheduledThreadPool(atOnce);
    this.limit = limit;
  }

  /** From now on somebody logs in at that port so often. */
  void begin(int port, int everyMillis) {
    people.scheduleAtFixedRate(() -> login(port), 0, everyMillis, TimeUnit.MILLISECONDS);
  }

  /** Waits until so many more have had their answer. */
  void await(int more) {
    int before = logins.get();
    Await.until(failed::toString, limit, () -> logins.get() >= before + more);
  }

  /** Lets those under way end; none of all may have failed. */
  void endWithoutAFailure() throws InterruptedException {
    people.shutdown();
    assertTrue(people.awaitTermination(limit.toSeconds(), TimeUnit.SECONDS));
    assertEquals(List.of(), failed);
  }

  private void login(int port) {
    try (RawClient client =
        new RawClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      String greeting = String.valueOf(client.line());
      String answer =
          greeting.startsWith("* OK ") ? client.command("a", AttackedProxy.login("amy")) : greeting;
      if (!answer.startsWith("a OK ")) {
        failed.add(answer);
      }
    } catch (RuntimeException | AssertionError e) {
      failed.add(String.valueOf(e));
    }
    logins.incrementAndGet();
  }

  @Override
  public void close() {
    people.shutdownNow();
  }
}
