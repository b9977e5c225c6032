package org.openmmp.storesim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.openmmp.wire.Secret;

/** What one node has seen since it was made; it counts on over restarts. Safe for any thread. */
public final class NodeCounters {
  private final List<Secret> passwords = new ArrayList<>();
  private final List<Map<String, String>> clientIds = new ArrayList<>();
  private int connections;
  private int logins;
  private int referrals;

  NodeCounters() {}

  /** Connections accepted, on all ports. */
  public synchronized int connections() {
    return connections;
  }

  /** Logins that succeeded, with or without a referral. */
  public synchronized int logins() {
    return logins;
  }

  /** Referrals given. */
  public synchronized int referrals() {
    return referrals;
  }

  /** Passwords and tokens received, right or wrong. */
  public synchronized int passwords() {
    return passwords.size();
  }

  /** Whether this password or token was ever received. */
  public synchronized boolean saw(Secret password) {
    return passwords.contains(password);
  }

  /** What each ID or XCLIENT before a login said of the client, names in lower case. */
  public synchronized List<Map<String, String>> clientIds() {
    return List.copyOf(clientIds);
  }

  /**
   * Waits until so many connections were accepted.
   *
   * @throws IllegalStateException after the limit
   */
  public synchronized void awaitConnections(int count, Duration limit) throws InterruptedException {
    await(() -> connections, count, limit, "connections");
  }

  /**
   * Waits until so many logins succeeded.
   *
   * @throws IllegalStateException after the limit
   */
  public synchronized void awaitLogins(int count, Duration limit) throws InterruptedException {
    await(() -> logins, count, limit, "logins");
  }

  /**
   * Waits until so many passwords or tokens were received.
   *
   * @throws IllegalStateException after the limit
   */
  public synchronized void awaitPasswords(int count, Duration limit) throws InterruptedException {
    await(passwords::size, count, limit, "passwords");
  }

  /** An endpoint received a password or token, which stays as it is. */
  public synchronized void passwordSeen(Secret password) {
    passwords.add(Secret.taking(password.copy()));
    notifyAll();
  }

  /** An endpoint was told of a client by ID or XCLIENT. */
  public synchronized void clientIdSeen(Map<String, String> fields) {
    clientIds.add(Map.copyOf(fields));
    notifyAll();
  }

  /** An endpoint accepted a login. */
  public synchronized void loginAccepted() {
    logins++;
    notifyAll();
  }

  /** An endpoint referred somebody elsewhere. */
  public synchronized void referralGiven() {
    referrals++;
    notifyAll();
  }

  synchronized void connectionAccepted() {
    connections++;
    notifyAll();
  }

  private synchronized void await(IntSupplier counter, int count, Duration limit, String what)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (counter.getAsInt() < count) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new IllegalStateException(
            "time is over at " + counter.getAsInt() + " of " + count + " " + what);
      }
      wait(millis);
    }
  }
}
