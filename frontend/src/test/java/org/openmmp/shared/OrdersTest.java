package org.openmmp.shared;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.Secret;

/** What administrators order of a site: in what order, how often, and what is missed (B10.2). */
class OrdersTest {
  private static final Seal SEAL = new Seal(Secret.of("0123456789abcdef"), "site");

  /** The engine's one stream, and its clock. */
  private final List<Map.Entry<String, byte[]>> stream = new ArrayList<>();

  private long engineMillis = System.currentTimeMillis();
  private long lastMillis;
  private int entriesRead;

  /** A front end that does an order at once where it is given, and then tells the others. */
  private final class FrontEnd extends ObedientFrontEnd {
    private final Map<String, CompletableFuture<NodeAnswer>> slow = new HashMap<>();
    private final Orders orders;
    private int missed;
    private int forged;

    FrontEnd(String node) {
      super(node);
      orders = new Orders(node, node + "/1", "k:", SEAL, this, answers -> {});
    }

    private void give(String path, String query) {
      done().add(query);
      assertTrue(orders.give(path, query) != null);
    }

    private void drain(String query) {
      give("/api/v1/drain", query);
    }

    /** Its orders reach the engine. */
    private void tell() {
      List<Engine.Ask> where = orders.whereNext();
      for (Engine.Ask each : orders.told(where.isEmpty() ? List.of() : answers(where))) {
        add(each.words().get(each.words().size() - 1));
      }
      orders.asked();
      orders.arrived(true);
    }

    private void read() {
      List<byte[]> top =
          stream.isEmpty()
              ? List.of()
              : List.of(stream.get(stream.size() - 1).getKey().getBytes(UTF_8));
      for (List<Engine.Ask> asks = orders.wanted(top); !asks.isEmpty(); ) {
        asks = orders.read(answers(asks));
      }
    }

    private void round() {
      tell();
      read();
    }

    @Override
    public CompletionStage<NodeAnswer> carryOut(Order order, long ageMillis) {
      CompletionStage<NodeAnswer> atOnce = super.carryOut(order, ageMillis);
      CompletableFuture<NodeAnswer> later = slow.get(order.query());
      return later == null ? atOnce : later;
    }

    @Override
    public void missed() {
      missed++;
    }

    @Override
    public void forged(String where) {
      forged++;
    }
  }

  private void add(byte[] sealed) {
    lastMillis = Math.max(lastMillis + 1, engineMillis);
    stream.add(Map.entry(lastMillis + "-0", sealed));
    while (stream.size() > Orders.MOST) {
      stream.remove(0);
    }
  }

  private List<List<byte[]>> answers(List<Engine.Ask> asks) {
    List<List<byte[]>> rows = new ArrayList<>();
    for (Engine.Ask ask : asks) {
      List<byte[]> row = new ArrayList<>();
      if (ask.command() == CommandType.TIME) {
        row.add(Long.toString(Math.max(engineMillis, lastMillis) / 1000).getBytes(UTF_8));
      } else {
        int count = Integer.parseInt(new String(ask.words().get(3), UTF_8));
        for (int i = stream.size() - 1; i >= Math.max(0, stream.size() - count); i--) {
          row.addAll(
              List.of(
                  stream.get(i).getKey().getBytes(UTF_8),
                  new byte[] {'o'},
                  stream.get(i).getValue()));
          entriesRead++;
        }
      }
      rows.add(row);
    }
    return rows;
  }

  private final FrontEnd one = new FrontEnd("mmp1");
  private final FrontEnd two = new FrontEnd("mmp2");

  private static String lastOf(FrontEnd at) {
    return at.done().get(at.done().size() - 1);
  }

  @Test
  void eachIsCarriedOutOnceByEachOther() {
    two.read();
    one.drain("a");
    one.round();
    for (int i = 0; i < 3; i++) {
      one.round();
      two.round();
    }
    assertEquals(List.of("a"), one.done());
    assertEquals(List.of("a"), two.done());
  }

  @Test
  void whereTwoAreGivenAtOnceAllEndWithTheOneThatStandsLast() {
    one.read();
    two.read();
    one.drain("host=louie");
    two.drain("host=louie&undone");
    one.tell();
    two.tell();
    one.read();
    two.read();
    assertEquals("host=louie&undone", lastOf(one));
    assertEquals("host=louie&undone", lastOf(two));
  }

  @Test
  void whatAnotherOneOrderedInBetweenDoesNotUndoWhatIsToldLater() {
    one.read();
    two.read();
    one.drain("first");
    one.tell();
    two.drain("second"); // before it has heard of the first
    two.read();
    assertEquals("first", lastOf(two));
    two.round();
    one.round();
    assertEquals("second", lastOf(two));
    assertEquals("second", lastOf(one));
  }

  @Test
  void nobodyIsKickedTwice() {
    two.read();
    one.drain("drained");
    two.give("/api/v1/kick", "user=alice");
    one.tell();
    two.round();
    assertEquals(List.of("user=alice", "drained"), two.done());
  }

  @Test
  void theyAreDoneInTheirOrderAlsoWhereOneTakesItsTime() {
    two.read();
    CompletableFuture<NodeAnswer> answer = new CompletableFuture<>();
    two.slow.put("block", answer);
    one.drain("block");
    one.drain("unblock");
    one.round();
    two.round();
    assertEquals(List.of("block"), two.done());
    answer.complete(new NodeAnswer("mmp2", 200, "done"));
    assertEquals(List.of("block", "unblock"), two.done());
  }

  @Test
  void whatIsNewIsReadWithoutWhatIsOld() {
    two.read();
    for (int i = 0; i < 5; i++) {
      for (int n = 0; n < 100; n++) {
        one.drain(i + "/" + n);
      }
      one.round();
    }
    two.read();
    int before = entriesRead;
    one.drain("one more");
    one.tell();
    two.read();
    assertEquals(501, two.done().size());
    assertTrue(entriesRead - before < 50, () -> entriesRead - before + " entries");
  }

  @Test
  void whatSomebodyPutsThereAgainIsNotDoneAgain() { // also by whom has no memory of it
    one.drain("drain");
    one.round();
    byte[] sealed = stream.get(0).getValue();
    one.drain("undrain");
    one.round();
    two.read();
    FrontEnd restarted = new FrontEnd("mmp2");
    restarted.carriedOut(two.lastOrder());
    engineMillis += 60_000;
    add(sealed);
    FrontEnd fresh = new FrontEnd("mmp3");
    for (FrontEnd each : List.of(one, two, restarted, fresh)) {
      each.read();
      assertEquals(1, each.forged);
    }
    assertEquals(List.of("drain", "undrain"), two.done());
    assertEquals(List.of(), restarted.done());
    assertEquals(List.of("drain", "undrain"), fresh.done());
    one.drain("later");
    one.round();
    restarted.read();
    assertEquals(List.of("later"), restarted.done());
  }

  @Test
  void theEnginesClockMayHaveRunAheadBefore() { // places only grow
    one.drain("before");
    one.round();
    engineMillis -= 3_600_000;
    one.drain("after");
    one.round();
    two.read();
    assertEquals(List.of("before", "after"), two.done());
    assertEquals(0, two.forged);
  }

  @Test
  void whoHasAnotherKeyByNowIsNotTold() {
    NodeFacts facts = new NodeFacts("f", "1", 0, false);
    Map<Beacon, Long> others = new HashMap<>();
    for (String name : List.of("mmp2", "mmp3")) {
      Beacon beacon = new Beacon(name, name.hashCode(), 1, Map.of(), List.of(), 0, facts);
      others.put(beacon, TimeUnit.SECONDS.toNanos(42));
    }
    CompletableFuture<List<NodeAnswer>> answers =
        Objects.requireNonNull(one.orders.give("/api/v1/drain", "x"));
    one.orders.told(answers(one.orders.whereNext()));
    one.orders.asked();
    one.orders.arrived(true);
    one.orders.readAnswers(List.of(List.of()), others, Set.of("mmp3", "x"), System.nanoTime());
    List<NodeAnswer> told = answers.join();
    assertEquals(List.of(false, true), told.stream().map(NodeAnswer::untold).toList());
    assertTrue(told.get(0).body().contains("it is told when it is back"));
    assertTrue(told.get(1).body().contains("is not told"));
  }

  @Test
  void whoWasAwayForSoLongThatOrdersWerePushedOutIsTold() {
    two.read();
    one.drain("lost");
    one.round();
    FrontEnd fresh = new FrontEnd("mmp3"); // has nothing to miss
    for (int i = 0; i < Orders.MOST / 100; i++) {
      for (int n = 0; n < 100; n++) {
        one.give("/api/v1/flush", "n" + i + "/" + n);
      }
      one.round();
    }
    FrontEnd restarted = new FrontEnd("mmp2");
    restarted.carriedOut("1-0");
    for (FrontEnd each : List.of(two, fresh, restarted)) {
      each.read();
      assertEquals(Orders.MOST, each.done().size());
    }
    assertEquals(
        List.of(0, 0, 1, 1), List.of(one.missed, fresh.missed, restarted.missed, two.missed));
    one.drain("seen");
    one.round();
    restarted.read();
    assertEquals(1, restarted.missed);
  }

  @Test
  void whoWasAwayForLongerThanOrdersHoldIsTold() {
    one.drain("first");
    one.round();
    two.read();
    assertEquals(0, two.missed);
    FrontEnd restarted = new FrontEnd("mmp2");
    restarted.carriedOut(two.lastOrder());
    one.drain("second");
    one.round();
    engineMillis += Order.HOLDS.toMillis() + 60_000;
    restarted.read();
    assertEquals(List.of(), restarted.done());
    assertEquals(1, restarted.missed);
    FrontEnd fresh = new FrontEnd("mmp3");
    fresh.read();
    assertEquals(0, fresh.missed);
    assertEquals(List.of(), fresh.done());
  }
}
