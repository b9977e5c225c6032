package org.openmmp.shared;

import io.lettuce.core.protocol.CommandType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What administrators want of all front ends: the orders given here, until they are answered, and
 * those of the others, each of which is carried out once. How old one is, is said by the engine's
 * clock. But for {@link #give} of the site's thread.
 */
final class Orders {
  private static final long ANSWERS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(4);
  static final int MOST = 1_000;

  /** Of more nobody has to know that they were done: they are not in the engine any more. */
  private static final int MOST_DONE = 4 * MOST;

  /** As many as are asked for first, where what is older was read before. */
  private static final int FEW = 16;

  /** Identity, name and value of an entry. */
  private static final int LEAST_ELEMENTS = 3;

  /** What takes longer is not waited for by what was ordered after it. */
  private static final int IN_TURN_SECONDS = 10;

  /** What is done here at once, and only then told, may have been overtaken by so much. */
  private static final long OVERTAKEN_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** By so much the place where one stands may be later than that which is sealed with it. */
  static final long PLACED_MILLIS = TimeUnit.SECONDS.toMillis(10);

  /** Whose answer comes later is not listened to. */
  private static final long ANSWERED_MILLIS = TimeUnit.SECONDS.toMillis(60);

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
  private final FrontEndOfSite frontEnd;
  private final Consumer<List<Engine.Ask>> answering;
  private final Queue<Pending> given = new ConcurrentLinkedQueue<>();
  private final List<Pending> fresh = new ArrayList<>();
  private final List<Pending> pending = new CopyOnWriteArrayList<>();
  private final Set<String> done = new LinkedHashSet<>();

  /** Those that were given here and are not in the engine yet, with when they were given. */
  private final Map<String, Long> own = new HashMap<>();

  private CompletableFuture<?> turn = CompletableFuture.completedFuture("");
  private @Nullable Long othersNanos;
  private String newest = "";
  private String top = "";
  private boolean whole;
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
      FrontEndOfSite frontEnd,
      Consumer<List<Engine.Ask>> answering) {
    this.node = node;
    this.field = field;
    this.keys = keys;
    this.seal = seal;
    this.frontEnd = frontEnd;
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
    own.clear();
  }

  /** The same, where there will be no further round. On any thread. */
  void stop(List<NodeAnswer> untold) {
    pending.forEach(each -> each.answers().complete(untold));
    for (Pending each = given.poll(); each != null; each = given.poll()) {
      each.answers().complete(untold);
    }
  }

  /** How the engine is asked where the next will stand, if any was given. */
  List<Engine.Ask> whereNext() {
    return given.isEmpty() ? List.of() : List.of(newestOne(), Engine.Ask.of(CommandType.TIME, ""));
  }

  /**
   * What the engine is told of those that were given. When they come to stand there is sealed with
   * each, so that nobody puts it there again.
   *
   * @param next where the next will stand
   */
  List<Engine.Ask> told(List<List<byte[]>> next) {
    List<Engine.Ask> asks = new ArrayList<>();
    if (next.isEmpty()) {
      return asks;
    }
    long place = millis(next.get(1));
    if (!next.get(0).isEmpty()) {
      place = Math.max(place, placed(new String(next.get(0).get(0), StandardCharsets.UTF_8)));
    }
    for (Pending each = given.poll(); each != null; each = given.poll()) {
      done.add(each.order().id());
      if (own.size() >= MOST_DONE) {
        own.clear(); // of an engine that loses what it is told
      }
      own.putIfAbsent(each.order().id(), each.untilNanos() - ANSWERS_WITHIN_NANOS);
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
              seal.close("order", sealedFor(place, each.order().packed()))));
    }
    return asks;
  }

  private static byte[] sealedFor(long place, byte[] octets) {
    return ByteBuffer.allocate(Long.BYTES + octets.length).putLong(place).put(octets).array();
  }

  private Engine.Ask newestOne() {
    return Engine.Ask.of(CommandType.XREVRANGE, key(), "+", "-", "COUNT", "1");
  }

  /** How the newest is asked for, and then the answers to each that waits for some. */
  List<Engine.Ask> asked() {
    List<Engine.Ask> asks = new ArrayList<>();
    asks.add(newestOne());
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

  /**
   * Answers, in the order in which they were asked for.
   *
   * @param strangers the names of those that write with another key
   */
  void readAnswers(
      List<List<byte[]>> rows, Map<Beacon, Long> others, Set<String> strangers, long now) {
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
    pending.removeIf(each -> ended(each, others, strangers, now));
  }

  private static boolean ended(
      Pending one, Map<Beacon, Long> others, Set<String> strangers, long now) {
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
      boolean stranger = !lives && strangers.contains(beacon.node());
      String away = "is away for " + TimeUnit.NANOSECONDS.toSeconds(each.getValue()) + " s; ";
      answers.put(
          beacon.field(),
          new NodeAnswer(
              beacon.node(),
              stranger ? NodeAnswer.UNTOLD : 0,
              lives
                  ? "has not answered in time; it is told as soon as it listens"
                  : stranger
                      ? away + "one of its name has another key by now, and is not told"
                      : away + "it is told when it is back"));
    }
    if (!all && !late) {
      return false;
    }
    List<NodeAnswer> sorted = new ArrayList<>(answers.values());
    sorted.sort(Comparator.comparing(NodeAnswer::node));
    one.answers().complete(sorted);
    return true;
  }

  /** What the engine is asked for, if its newest one is another than before. */
  List<Engine.Ask> wanted(List<byte[]> newestOne) {
    top = newestOne.isEmpty() ? "" : new String(newestOne.get(0), StandardCharsets.UTF_8);
    return top.equals(newest) && read ? List.of() : asking(!read);
  }

  private List<Engine.Ask> asking(boolean all) {
    whole = all;
    String count = Integer.toString(all ? MOST : FEW);
    return List.of(
        Engine.Ask.of(CommandType.XREVRANGE, key(), "+", "-", "COUNT", count),
        Engine.Ask.of(CommandType.TIME, ""));
  }

  /**
   * Carries out what is new of what the engine answered.
   *
   * @return what it is asked for further, since what was read before is not among these
   */
  List<Engine.Ask> read(List<List<byte[]>> rows) {
    List<byte[]> row = rows.get(0);
    Map<String, Order> entries = entries(row);
    if (!whole && row.size() >= FEW * LEAST_ELEMENTS && !entries.containsKey(newest)) {
      return asking(true);
    }
    long engineMillis = millis(rows.get(1));
    String last = read ? "" : frontEnd.lastOrder();
    boolean missed =
        whole
            && row.size() >= MOST * LEAST_ELEMENTS
            && entries.keySet().stream()
                .findFirst()
                .filter(
                    oldest -> isBehind(oldest, read ? newest : last) || (read && newest.isEmpty()))
                .isPresent();
    for (Map.Entry<String, Order> each : entries.entrySet()) {
      String place = each.getKey();
      Order order = each.getValue();
      if (place.equals(last) || isBehind(last, place)) {
        done.add(order.id());
      }
      long age = Math.max(0, engineMillis - placed(place));
      if (done.add(order.id())) {
        boolean holds = order.holds(age, Instant.now().getEpochSecond());
        missed |= !holds && (read || !last.isEmpty());
        if (holds) {
          take(order, age);
        }
      } else {
        takeAgain(order, age);
      }
    }
    for (Iterator<String> oldest = done.iterator(); done.size() > MOST_DONE; ) {
      oldest.next();
      oldest.remove();
    }
    newest = top;
    read = true;
    if (!top.isEmpty() && !top.equals(frontEnd.lastOrder())) {
      frontEnd.carriedOut(top);
    }
    if (missed) {
      frontEnd.missed();
    }
    return List.of();
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
        long stands = placed(place);
        Optional<Order> order =
            seal.open("order", row.get(i + 1))
                .filter(octets -> octets.length > Long.BYTES)
                .filter(
                    octets -> Math.abs(stands - ByteBuffer.wrap(octets).getLong()) <= PLACED_MILLIS)
                .flatMap(octets -> Order.of(Arrays.copyOfRange(octets, Long.BYTES, octets.length)));
        if (order.isPresent()) {
          newestFirst.add(Map.entry(place, order.get()));
        } else {
          frontEnd.forged("orders");
        }
      }
    }
    Collections.reverse(newestFirst);
    Map<String, Order> entries = new LinkedHashMap<>();
    newestFirst.forEach(each -> entries.put(each.getKey(), each.getValue()));
    return entries;
  }

  /** When what stands there came there, by the engine's clock; 0: that is no place. */
  private static long placed(String place) {
    return place.matches(PLACE) ? Long.parseLong(place.split("-", 2)[0]) : 0;
  }

  /** Whether it stands behind the other; what is no place is behind none, and none behind it. */
  private static boolean isBehind(String place, String other) {
    return place.matches(PLACE)
        && other.matches(PLACE)
        && Comparator.<String>comparingLong(each -> Long.parseLong(each.split("-", 2)[0]))
                .thenComparingLong(each -> Long.parseLong(each.split("-", 2)[1]))
                .compare(place, other)
            > 0;
  }

  private void take(Order order, long age) {
    if (order.lasts()) {
      othersNanos = System.nanoTime();
    }
    inTurn(
        () ->
            frontEnd
                .carryOut(order, age)
                .whenComplete((answer, failure) -> answer(order, age, answer, failure)));
  }

  /**
   * One that was given here was done before it stood in the engine. If another front end's came
   * between, it is done once more, so that all end with the one that stands last there.
   */
  private void takeAgain(Order order, long age) {
    Long given = own.remove(order.id());
    Long others = othersNanos;
    if (given != null && others != null && others - given > -OVERTAKEN_NANOS && order.lasts()) {
      inTurn(() -> frontEnd.carryOut(order, age));
    }
  }

  /** In the order in which they stand in the engine, also where one takes its time. */
  private void inTurn(Supplier<CompletionStage<NodeAnswer>> next) {
    turn =
        turn.handle((any, failure) -> "")
            .thenCompose(any -> next.get())
            .orTimeout(IN_TURN_SECONDS, TimeUnit.SECONDS);
  }

  private void answer(
      Order order, long age, @Nullable NodeAnswer answer, @Nullable Throwable failure) {
    if (age > ANSWERED_MILLIS) {
      return;
    }
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
            Engine.Ask.of(CommandType.EXPIRE, key, Integer.toString(ANSWERS_KEPT_SECONDS))));
  }
}
