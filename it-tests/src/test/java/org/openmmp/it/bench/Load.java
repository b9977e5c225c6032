package org.openmmp.it.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients of one front end, {@value #CLIENTS} at a time. */
final class Load implements AutoCloseable {
  static final int CLIENTS = 16;

  /** What a client does once. */
  interface Client {
    void on(Connection connection) throws IOException;
  }

  private final Door door;
  private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
  private final List<Connection> sessions = new ArrayList<>();

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
