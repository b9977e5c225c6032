package org.openmmp.transport;

import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * What an administrator follows on the wire for a while: a user, or one client's address (rule
 * B8.10). It ends by a word, or when it has told too much. On any thread.
 */
public final class WireTrace {
  private static final long MOST_OCTETS = 8L * 1024 * 1024;

  private final @Nullable InetAddress address;
  private final BiPredicate<String, String> user;
  private final ToIntBiFunction<String, Map<String, Object>> reader;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final AtomicLong lines = new AtomicLong();
  private final AtomicLong octets = new AtomicLong();
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();

  /**
   * One that has told nothing.
   *
   * @param address whose sessions are followed; null: those of a user
   * @param user whether a whole login name in its one spelling, or the distinguished name of an
   *     entry, is that user's
   * @param reader is given each line as text and as a JSON object, and says how many octets it took
   */
  public WireTrace(
      @Nullable InetAddress address,
      BiPredicate<String, String> user,
      ToIntBiFunction<String, Map<String, Object>> reader) {
    this.address = address;
    this.user = user;
    this.reader = reader;
  }

  /** Ends it; false if it had ended. */
  public boolean end(String why) {
    return ended.complete(why);
  }

  /** Tells why it has ended. */
  public CompletionStage<String> ended() {
    return ended;
  }

  /** How many lines it has told. */
  public long lines() {
    return lines.get();
  }

  /** Of how many sessions. */
  public int sessions() {
    return sessions.size();
  }

  boolean over() {
    return ended.isDone();
  }

  /** Whether it follows users, who are known only at their login. */
  boolean byUser() {
    return address == null;
  }

  boolean follows(InetAddress client) {
    return client.equals(address);
  }

  boolean follows(String login, String entry) {
    return address == null && user.test(login, entry);
  }

  /**
   * A line of one of its sessions.
   *
   * @param session what was known of it when it began
   * @param peer {@code client}, or a store's name
   * @param toPeer whether it was sent to that peer; else the peer sent it
   * @param line masked, and safe to print
   */
  void tell(SessionFacts session, Instant at, String peer, boolean toPeer, String line) {
    if (over()) {
      return;
    }
    String time = at.truncatedTo(ChronoUnit.MILLIS).toString();
    String way = toPeer ? "to" : "from";
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("at", time);
    tree.put("session", session.id());
    tree.put("service", session.service());
    tree.put("client", session.network().toString());
    tree.put("peer", SafeText.of(peer));
    tree.put("way", way);
    tree.put("line", line);
    String text =
        String.join(" ", time, session.id(), session.service(), way, SafeText.of(peer) + ":", line);
    int taken = reader.applyAsInt(text, tree);
    if (taken > 0) {
      sessions.add(session.id());
      lines.incrementAndGet();
    }
    if (octets.addAndGet(taken) > MOST_OCTETS) {
      end("size");
    }
  }
}
