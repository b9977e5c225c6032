package org.openmmp.it.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients of one front end, {@value #CLIENTS} at a time. */
final class Load implements AutoCloseable {
  static final int CLIENTS = 16;

  /** What a client does once. */
  interface Client {
    void on(Connection connection) throws IOException;
  }

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final double ALMOST = 0.97;

  private final Door door;
  private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
  private final List<Connection> sessions = new ArrayList<>();
  private String behind = "";

  Load(Door door) {
    this.door = door;
  }

  /** Opens a session for each client, which its later work is done in. */
  void begin(Client introduction) throws IOException {
    for (int i = 0; i < CLIENTS; i++) {
      Connection session = door.open();
      sessions.add(session);
      introduction.on(session);
    }
  }

  /** So much work in the open sessions, shared by them. */
  void repeat(int number, Client once) throws Exception {
    List<Callable<Void>> all = new ArrayList<>();
    for (Connection session : sessions) {
      all.add(
          () -> {
            for (int i = 0; i < number / CLIENTS; i++) {
              once.on(session);
            }
            return null;
          });
    }
    inParallel(all);
  }

  /** One login and logout after another. */
  void logins(MailDialect dialect, int number) throws Exception {
    List<Callable<Void>> all = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      all.add(
          () -> {
            for (int i = 0; i < number / CLIENTS; i++) {
              try (Connection proxy = door.open()) {
                dialect.logIn(proxy);
                dialect.leave(proxy);
              }
            }
            return null;
          });
    }
    inParallel(all);
  }

  /** One login and logout of each of these. */
  void logins(MailDialect dialect, List<String> users) throws Exception {
    AtomicInteger next = new AtomicInteger();
    List<Callable<Void>> all = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      all.add(
          () -> {
            for (int i = next.getAndIncrement(); i < users.size(); i = next.getAndIncrement()) {
              try (Connection proxy = door.open()) {
                dialect.logIn(proxy, users.get(i));
                dialect.leave(proxy);
              }
            }
            return null;
          });
    }
    inParallel(all);
  }

  /** So many logins and logouts, at that rate whatever they take. */
  void logins(MailDialect dialect, int number, int perSecond) throws Exception {
    long begin = System.nanoTime();
    AtomicInteger next = new AtomicInteger();
    List<Callable<Void>> all = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      all.add(
          () -> {
            for (int i = next.getAndIncrement(); i < number; i = next.getAndIncrement()) {
              long early = begin + i * NANOS_PER_SECOND / perSecond - System.nanoTime();
              TimeUnit.NANOSECONDS.sleep(Math.max(early, 0));
              try (Connection proxy = door.open()) {
                dialect.logIn(proxy);
                dialect.leave(proxy);
              }
            }
            return null;
          });
    }
    inParallel(all);
    double reached = number * (double) NANOS_PER_SECOND / (System.nanoTime() - begin);
    if (reached < ALMOST * perSecond) {
      behind = String.format(Locale.ROOT, "the load came to %.0f a second only", reached);
    }
  }

  /** Says if the load was not what was asked for; else empty. */
  String behind() {
    return behind;
  }

  /** Opens sessions that have their mailbox open and do nothing. */
  void idle(MailDialect dialect, int number) throws IOException {
    for (int i = 0; i < number; i++) {
      Connection client = door.open();
      sessions.add(client);
      dialect.open(client);
    }
  }

  private void inParallel(List<Callable<Void>> work) throws Exception {
    for (Future<Void> each : threads.invokeAll(work)) {
      each.get();
    }
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    for (Connection session : sessions) {
      session.close();
    }
  }
}
