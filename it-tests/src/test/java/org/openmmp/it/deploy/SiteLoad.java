package org.openmmp.it.deploy;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;

/**
 * People who read their mail: some come and go, some stay until they are told goodbye and come
 * back. Nobody's login may fail, and no session may end otherwise than with a goodbye.
 */
final class SiteLoad implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int PAUSE_MILLIS = 300;

  private final List<Endpoint> doors;
  private final MailUser user;
  private final ExecutorService people = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
  private final AtomicInteger logins = new AtomicInteger();
  private final AtomicInteger goodbyes = new AtomicInteger();

  /**
   * Begins.
   *
   * @param doors where they come in, each as many people
   * @param each how many come and go at a door, and how many stay
   */
  SiteLoad(List<Endpoint> doors, MailUser user, int each) {
    this.doors = doors;
    this.user = user;
    for (Endpoint door : this.doors) {
      for (int count = 0; count < each; count++) {
        people.execute(() -> live(door, 1));
        people.execute(() -> live(door, Integer.MAX_VALUE));
      }
    }
  }

  /** Waits until so many more have logged in. */
  void await(int more) {
    int before = logins.get();
    Await.until(
        () -> this + " " + troubles,
        LIMIT,
        () -> logins.get() >= before + more || !troubles.isEmpty());
  }

  /** Ends it; what went wrong for anybody. */
  List<String> end() throws InterruptedException {
    over.countDown();
    people.shutdown();
    if (!people.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      troubles.add("somebody waits for an answer for " + LIMIT);
    }
    return List.copyOf(troubles);
  }

  /** One session of so many commands after the other. */
  private void live(Endpoint door, int commands) {
    while (over.getCount() > 0 && troubles.size() < 20) {
      try (MailConnection connection = door.protocol().connect(door)) {
        String answer = connection.answerToLogin(user);
        if (!answer.startsWith(door.protocol().accepted())) {
          troubles.add(door + ": no login: " + answer);
        }
        logins.incrementAndGet();
        stay(door, connection, commands);
      } catch (UncheckedIOException | AssertionError cut) {
        troubles.add(door + ": cut: " + cut);
      }
    }
  }

  private void stay(Endpoint door, MailConnection connection, int commands) {
    for (int count = 0; count < commands && over.getCount() > 0; count++) {
      if (!isAnswered(door, connection, "NOOP")) {
        goodbyes.incrementAndGet();
        return;
      }
      rest();
    }
    isAnswered(door, connection, door.protocol() == MailProtocol.IMAP ? "LOGOUT" : "QUIT");
  }

  /** Whether a command is carried out; the other answer is a goodbye. */
  private static boolean isAnswered(Endpoint door, MailConnection connection, String command) {
    if (door.protocol() == MailProtocol.POP3) {
      connection.send(command + "\r\n");
      return connection.line().startsWith("+OK");
    }
    connection.send("x " + command + "\r\n");
    String line = connection.line();
    while (!line.startsWith("x ") && !line.startsWith("* BYE ")) {
      line = connection.line();
    }
    if (line.startsWith("x ") && !line.startsWith("x OK ")) {
      throw new AssertionError(line);
    }
    return line.startsWith("x ");
  }

  private void rest() {
    try {
      if (over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "%d logins, %d sessions told goodbye".formatted(logins.get(), goodbyes.get());
  }

  int goodbyes() {
    return goodbyes.get();
  }

  @Override
  public void close() {
    over.countDown();
    people.shutdownNow();
  }
}
