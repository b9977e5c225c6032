package org.openmmp.it.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients of one front end, {@value #CLIENTS} at a time. */
final class Load {
  private static final int CLIENTS = 16;

  /** What one client does. */
  private interface Client {
    void on(Connection connection) throws IOException;
  }

  private final Door door;

  Load(Door door) {
    this.door = door;
  }

  /** One login and logout after another. */
  void logins(MailDialect dialect, int number) throws Exception {
    inParallel(
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

  /** Reads so many messages of that size. */
  void fetches(MailDialect dialect, int number, int octets) throws Exception {
    loggedIn(dialect, number, proxy -> dialect.fetch(proxy, octets));
  }

  /** Short commands. */
  void noops(MailDialect dialect, int number) throws Exception {
    loggedIn(dialect, number, dialect::idle);
  }

  /** Delivers so many messages, each to so many recipients. */
  void deliveries(int number, BulkLetter letter) throws Exception {
    inParallel(
        () -> {
          try (Connection relay = door.open()) {
            letter.introduce(relay);
            for (int i = 0; i < number / CLIENTS; i++) {
              letter.deliver(relay);
            }
          }
          return null;
        });
  }

  /** Sessions that are logged in and do nothing. */
  List<Connection> idle(MailDialect dialect, int number) throws IOException {
    List<Connection> clients = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Connection client = door.open();
      dialect.logIn(client);
      clients.add(client);
    }
    return clients;
  }

  private void loggedIn(MailDialect dialect, int number, Client once) throws Exception {
    inParallel(
        () -> {
          try (Connection proxy = door.open()) {
            dialect.logIn(proxy);
            for (int i = 0; i < number / CLIENTS; i++) {
              once.on(proxy);
            }
          }
          return null;
        });
  }

  private static void inParallel(Callable<Void> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<Void>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        all.add(work);
      }
      for (Future<Void> each : threads.invokeAll(all)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
