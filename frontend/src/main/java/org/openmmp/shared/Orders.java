package org.openmmp.shared;

import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What administrators want of all front ends: the orders given here, until they are answered, and
 * those of the others, each of which is carried out once. How old one is, is said by the engine's
 * clock. But for {@link #give} of the site's thread.
 */
final class Orders {
  private static final long ANSWERS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final int MOST = 1_000;
  private static final int MOST_GIVEN = 200;
  private static final int ANSWERS_KEPT_SECONDS = 600;

  /** Where an entry of a stream stands. */
  private static final String PLACE = "\\d{1,18}-\\d{1,18}";

  /** One that was given here and waits for its answers. */
  private record Pending(
      Order order,
      CompletableFuture<List<NodeAnswer>> answers,
      Map<String, NodeAnswer> came,
      long untilNanos) {}

  private final String node;
  private final String field;
  private final String keys;
  private final Seal seal;
  private final FrontEndOfSite own;
  private final Consumer<List<Engine.Ask>> answering;
  private final Queue<Pending> given = new ConcurrentLinkedQueue<>();
  private final List<Pending> fresh = new ArrayList<>();
  private final List<Pending> pending = new CopyOnWriteArrayList<>();
  private final Set<String> done = new HashSet<>();
  private String newest = "";
  private boolean read;

  /**
   * None yet.
   *
   * @param answering is told, on any thread, what the engine has to be told
   */
  Orders(
      String node,
      String field,
      String keys,
      Seal seal,
      FrontEndOfSite own,
      Consumer<List<Engine.Ask>> answering) {
    this.node = node;
    this.field = field;
    this.keys = keys;
    this.seal = seal;
    this.own = own;
    this.answering = answering;
  }

  String key() {
    return keys + "orders";
  }

  /** Has it told with the next round. On any thread; null: too many wait. */
  @Nullable CompletableFuture<List<NodeAnswer>> give(String path, String query) {
    if (given.size() >= MOST_GIVEN) {
      return null;
    }
    byte[] id = new byte[16];
    new SecureRandom().nextBytes(id);
    Pending one =
        new Pending(
            new Order(
                HexFormat.of().formatHex(id), node, path, query, Instant.now().getEpochSecond()),
            new CompletableFuture<>(),
            new TreeMap<>(),
            System.nanoTime() + ANSWERS_WITHIN_NANOS);
    given.add(one);
    return one.answers();
  }

  /** Whether answers are waited for. */
  boolean waiting() {
    return !pending.isEmpty();
  }

  /** Nobody can be told any more: that is the answer to all. */
  void end(List<NodeAnswer> untold) {
    stop(untold);
    pending.clear();
  }

  /** The same, where there will be no further round. On any thread. */
  void stop(List<NodeAnswer> untold) {
    pending.forEach(each -> each.answers().complete(untold));
    for (Pending each = given.poll(); each != null; each = given.poll()) {
      each.answers().complete(untold);
    }
  }

  /** What the engine is told of those that were given. */
  List<Engine.Ask> told() {
    List<Engine.Ask> asks = new ArrayList<>();
    for (Pending each = given.poll(); each != null; each = given.poll()) {
      done.add(each.order().id());
      fresh.add(each);
      asks.add(
          Engine.Ask.of(
              CommandType.XADD,
              key(),
              "MAXLEN",
              "~",
              Integer.toString(MOST),
              "*",
              "o",
              seal.close("order", each.order().packed())));
    }
    return asks;
  }

  /** How the newest is asked for, and then the answers to each that waits for some. */
  List<Engine.Ask> asked() {
    List<Engine.Ask> asks = new ArrayList<>();
    asks.add(Engine.Ask.of(CommandType.XREVRANGE, key(), "+", "-", "COUNT", "1"));
    pending.addAll(fresh);
    for (Pending each : pending) {
      asks.add(Engine.Ask.of(CommandType.HGETALL, keys + "answers:" + each.order().id()));
    }
    return asks;
  }

  /** Whether what was told has arrived; a second time does no harm. */
  void arrived(boolean certainly) {
    if (!certainly) {
      pending.removeAll(fresh);
      given.addAll(fresh);
    }
    fresh.clear();
  }

  /** Answers, in the order in which they were asked for. */
  void readAnswers(List<List<byte[]>> rows, Map<Beacon, Long> others, long now) {
    for (int i = 0; i < rows.size(); i++) {
      Pending one = pending.get(i);
      List<byte[]> row = rows.get(i);
      for (int at = 0; at + 1 < row.size(); at += 2) {
        String from = new String(row.get(at), StandardCharsets.UTF_8);
        seal.open("answer/" + one.order().id() + "/" + from, row.get(at + 1))
            .flatMap(NodeAnswer::of)
            .ifPresent(answer -> one.came().put(from, answer));
      }
    }
    pending.removeIf(each -> ended(each, others, now));
  }

  private static boolean ended(Pending one, Map<Beacon, Long> others, long now) {
    boolean late = now - one.untilNanos() > 0;
    boolean all = true;
    Map<String, NodeAnswer> answers = new LinkedHashMap<>(one.came());
    for (Map.Entry<Beacon, Long> each : others.entrySet()) {
      Beacon beacon = each.getKey();
      if (answers.containsKey(beacon.field())) {
        continue;
      }
      boolean lives = each.getValue() <= Neighbours.LIVING_NANOS;
      all = all && !lives;
      answers.put(
          beacon.field(),
          new NodeAnswer(
              beacon.node(),
              0,
              lives
                  ? "has not answered in time; it is told as soon as it listens"
                  : "is away for "
                      + TimeUnit.NANOSECONDS.toSeconds(each.getValue())
                      + " s; it is told when it is back"));
    }
    if (!all && !late) {
      return false;
    }
    List<NodeAnswer> sorted = new ArrayList<>(answers.values());
    sorted.sort(Comparator.comparing(NodeAnswer::node));
    one.answers().complete(sorted);
    return true;
  }

  /** Carries out what is new, if the newest one is. */
  void read(List<byte[]> newestOne, Engine engine) throws IOException, InterruptedException {
    String top = newestOne.isEmpty() ? "" : new String(newestOne.get(0), StandardCharsets.UTF_8);
    if (top.equals(newest) && read) {
      return;
    }
    List<List<byte[]>> rows =
        engine.ask(
            List.of(
                Engine.Ask.of(
                    CommandType.XREVRANGE, key(), "+", "-", "COUNT", Integer.toString(MOST)),
                Engine.Ask.of(CommandType.TIME, "")));
    long engineMillis = millis(rows.get(1));
    Map<String, Order> entries = entries(rows.get(0));
    String last = read ? "" : own.lastOrder();
    Set<String> there = new HashSet<>();
    entries.forEach(
        (place, order) -> {
          there.add(order.id());
          if (!last.isEmpty() && compare(place, last) <= 0) {
            done.add(order.id());
          }
          if (done.add(order.id())) {
            long written = Long.parseLong(place.split("-", 2)[0]);
            take(order, Math.max(0, engineMillis - written));
          }
        });
    if (done.size() > 4 * MOST) {
      done.retainAll(there);
    }
    newest = top;
    read = true;
    if (!top.isEmpty() && !top.equals(own.lastOrder())) {
      own.carriedOut(top);
    }
  }

  private static long millis(List<byte[]> time) {
    try {
      return Long.parseLong(new String(time.get(0), StandardCharsets.UTF_8)) * 1_000;
    } catch (NumberFormatException | IndexOutOfBoundsException none) {
      return 0;
    }
  }

  /** Those that can be understood, by their places, the oldest first. */
  private Map<String, Order> entries(List<byte[]> row) {
    List<Map.Entry<String, Order>> newestFirst = new ArrayList<>();
    for (int i = 1; i + 1 < row.size(); i++) {
      String place = new String(row.get(i - 1), StandardCharsets.UTF_8);
      if (row.get(i).length == 1 && row.get(i)[0] == 'o' && place.matches(PLACE)) {
        Optional<Order> order = seal.open("order", row.get(i + 1)).flatMap(Order::of);
        if (order.isPresent()) {
          newestFirst.add(Map.entry(place, order.get()));
        } else {
          own.forged("orders");
        }
      }
    }
    Collections.reverse(newestFirst);
    Map<String, Order> entries = new LinkedHashMap<>();
    newestFirst.forEach(each -> entries.put(each.getKey(), each.getValue()));
    return entries;
  }

  private static int compare(String one, String other) {
    return one.matches(PLACE) && other.matches(PLACE)
        ? Comparator.<String>comparingLong(each -> Long.parseLong(each.split("-", 2)[0]))
            .thenComparingLong(each -> Long.parseLong(each.split("-", 2)[1]))
            .compare(one, other)
        : 1;
  }

  private void take(Order order, long age) {
    if (!order.holds(age, Instant.now().getEpochSecond())) {
      return;
    }
    own.carryOut(order, age)
        .whenComplete(
            (answer, failure) -> {
              NodeAnswer told =
                  failure == null && answer != null
                      ? answer
                      : new NodeAnswer(node, 500, String.valueOf(failure));
              String key = keys + "answers:" + order.id();
              answering.accept(
                  List.of(
                      Engine.Ask.of(
                          CommandType.HSET,
                          key,
                          field,
                          seal.close("answer/" + order.id() + "/" + field, told.packed())),
                      Engine.Ask.of(
                          CommandType.EXPIRE, key, Integer.toString(ANSWERS_KEPT_SECONDS))));
            });
  }
}
