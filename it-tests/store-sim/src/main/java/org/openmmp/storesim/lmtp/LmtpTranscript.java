package org.openmmp.storesim.lmtp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What one node heard over LMTP since it was made. Safe for any thread. */
public final class LmtpTranscript {
  private final List<Command> commands = new ArrayList<>();
  private final List<ReceivedMessage> deliveries = new ArrayList<>();
  private int connections;
  private long messageOctets;

  LmtpTranscript() {}

  /**
   * A command as it came.
   *
   * @param connection counted from 1
   */
  public record Command(int connection, String line) {}

  /** All commands of all connections. */
  public synchronized List<Command> commands() {
    return List.copyOf(commands);
  }

  /** The command lines that begin so, of all connections. */
  public synchronized List<String> lines(String beginning) {
    return commands.stream().map(Command::line).filter(l -> l.startsWith(beginning)).toList();
  }

  /** The messages that were read to their end. */
  public synchronized List<ReceivedMessage> deliveries() {
    return List.copyOf(deliveries);
  }

  /** Octets of messages that were read, of those that never ended too. */
  public synchronized long messageOctets() {
    return messageOctets;
  }

  /** Connections that were greeted. */
  public synchronized int connections() {
    return connections;
  }

  /**
   * Waits until the transcript is so.
   *
   * @throws IllegalStateException after the limit
   */
  public synchronized void await(Predicate<LmtpTranscript> wanted, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!wanted.test(this)) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new IllegalStateException("time is over at " + commands + " and " + deliveries);
      }
      wait(millis);
    }
  }

  synchronized int connected() {
    notifyAll();
    return ++connections;
  }

  synchronized void heard(int connection, String line) {
    commands.add(new Command(connection, line));
    notifyAll();
  }

  synchronized void read(int octets) {
    messageOctets += octets;
    notifyAll();
  }

  synchronized void delivered(ReceivedMessage delivery) {
    deliveries.add(delivery);
    notifyAll();
  }
}
