package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.wire.SafePoints;

class SpliceEndTest {
  private static final String WAYS = "org.openmmp.transport.SpliceTest#ways";

  // B3.11, B8
  @ParameterizedTest
  @MethodSource(WAYS)
  void halfClosedClientGetsItsWholeAnswer(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    byte[] answer = new byte[8 * 1024 * 1024];
    new Random(1).nextBytes(answer);
    try (SpliceRig rig = new SpliceRig(kind, settings);
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().getOutputStream().write("a LOGOUT\r\n".getBytes(US_ASCII));
      pair.client().shutdownOutput();
      assertEquals("a LOGOUT\r\n", allOf(pair.store()));
      SpliceRig.async(
          () -> {
            pair.store().getOutputStream().write(answer);
            pair.store().close();
            return true;
          });
      assertArrayEquals(answer, pair.client().getInputStream().readAllBytes());
      SpliceEnd end = rig.awaitEnd();
      assertEquals(SpliceEnd.Reason.CLIENT_CLOSED, end.reason());
      assertEquals(answer.length, end.octetsToClient());
    }
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void storeThatClosesFirstIsNamed(Transports.Kind kind, SpliceSettings settings) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings);
        SpliceRig.Pair pair = rig.connect()) {
      pair.store().getOutputStream().write("* BYE\r\n".getBytes(US_ASCII));
      pair.store().close();
      assertEquals("* BYE\r\n", allOf(pair.client()));
      pair.client().close();
      assertEquals(SpliceEnd.Reason.STORE_CLOSED, rig.awaitEnd().reason());
    }
  }

  // B8
  @ParameterizedTest
  @MethodSource(WAYS)
  void resetOfOneSideClosesTheOther(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings)) {
      try (SpliceRig.Pair pair = rig.connect()) {
        pair.store().getOutputStream().write("* 1 FETCH {9}\r\nhalf".getBytes(US_ASCII));
        assertEquals(19, pair.client().getInputStream().readNBytes(19).length);
        reset(pair.store());
        assertEquals("", allOf(pair.client()));
        assertEquals(SpliceEnd.Reason.STORE_RESET, rig.awaitEnd().reason());
      }
      try (SpliceRig.Pair pair = rig.connect()) {
        reset(pair.client());
        assertEquals("", allOf(pair.store()));
        assertEquals(SpliceEnd.Reason.CLIENT_RESET, rig.awaitEnd().reason());
      }
    }
  }

  // B8
  @ParameterizedTest
  @MethodSource(WAYS)
  void resetsInTheMiddleOfBulkLeaveNoDescriptor(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    byte[] bulk = new byte[4 * 1024 * 1024];
    try (SpliceRig rig = new SpliceRig(kind, settings)) {
      int before = descriptors();
      for (int i = 0; i < 60; i++) {
        SpliceRig.Pair pair = rig.connect();
        SpliceRig.async(
            () -> {
              pair.store().getOutputStream().write(bulk);
              return true;
            });
        pair.client().getInputStream().readNBytes(512 * 1024);
        reset(pair.client());
        rig.awaitEnd();
        reset(pair.store());
      }
      assertTrue(descriptors() <= before + 40, () -> "descriptors grew from " + before);
    }
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  // B3.14
  @ParameterizedTest
  @MethodSource(WAYS)
  void silenceOfBothSidesEndsTheSession(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings.withIdleLimit(Duration.ofMillis(200)));
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().getOutputStream().write('x');
      assertEquals('x', pair.store().getInputStream().read());
      assertEquals("", allOf(pair.client()));
      assertEquals("", allOf(pair.store()));
      assertEquals(SpliceEnd.Reason.IDLE, rig.awaitEnd().reason());
    }
  }

  // B3.17
  @ParameterizedTest
  @MethodSource(WAYS)
  void peerThatNeverFollowsAnEndIsWaitedForAsLongAsInAnyIdleSession(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    SpliceSettings quick =
        new SpliceSettings(
            Duration.ofMillis(300),
            Duration.ofMillis(1),
            WriteBufferWaterMark.DEFAULT,
            settings.kernelSplice());
    try (SpliceRig rig = new SpliceRig(kind, quick);
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().shutdownOutput();
      assertEquals("", allOf(pair.store()));
      pair.store().getOutputStream().write('x');
      assertEquals('x', pair.client().getInputStream().read());
      assertEquals("", allOf(pair.client()));
      assertEquals(SpliceEnd.Reason.CLIENT_CLOSED, rig.awaitEnd().reason());
    }
  }

  // B8.1
  @ParameterizedTest
  @MethodSource(WAYS)
  void lastWordsComeBehindWhatTheStoreSent(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral());
        SpliceRig.Pair pair = rig.connect()) {
      pair.store().getOutputStream().write("* 1 EXISTS\r\n".getBytes(US_ASCII));
      assertEquals('*', pair.client().getInputStream().read());
      rig.onLoop(() -> pair.splice().end("* BYE draining\r\n".getBytes(US_ASCII)));
      assertEquals(" 1 EXISTS\r\n* BYE draining\r\n", allOf(pair.client()));
      pair.client().close();
      assertEquals("", allOf(pair.store()));
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
    }
  }

  // B9.2
  @ParameterizedTest
  @MethodSource(WAYS)
  void clientThatIsSendingHearsTheLastWordsAndIsNotReset(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    byte[] message = new byte[16 * 1024 * 1024];
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral());
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().getOutputStream().write('x');
      assertEquals('x', pair.store().getInputStream().read());
      CompletableFuture<Boolean> sent =
          SpliceRig.async(
              () -> {
                pair.client().getOutputStream().write(message);
                pair.client().shutdownOutput();
                return true;
              });
      assertEquals(0, pair.store().getInputStream().read(), "the store reads no more than that");
      rig.onLoop(() -> pair.splice().end("* BYE draining\r\n".getBytes(US_ASCII)));
      // What was read of the client before the end is the store's; else the end waits for it.
      SpliceRig.async(
          () -> pair.store().getInputStream().transferTo(OutputStream.nullOutputStream()));
      assertTrue(sent.get(60, TimeUnit.SECONDS));
      assertEquals("* BYE draining\r\n", allOf(pair.client()));
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
    }
  }

  // B9.2
  @Test
  void clientThatNeverFollowsTheLastWordsIsClosed() throws Exception {
    List<CompletableFuture<Boolean>> waiting = // all ways at once, for each takes its seconds
        SpliceTest.ways()
            .map(Arguments::get)
            .map(
                way ->
                    SpliceRig.async(
                        () -> neverFollows((Transports.Kind) way[0], (SpliceSettings) way[1])))
            .toList();
    for (CompletableFuture<Boolean> each : waiting) {
      assertTrue(each.get(60, TimeUnit.SECONDS));
    }
  }

  private static boolean neverFollows(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral());
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().getOutputStream().write('x');
      assertEquals('x', pair.store().getInputStream().read());
      rig.onLoop(() -> pair.splice().end("* BYE draining\r\n".getBytes(US_ASCII)));
      assertEquals("* BYE draining\r\n", allOf(pair.client()));
      assertEquals("", allOf(pair.store()));
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
      return true;
    }
  }

  // B8.1, B9.2
  @ParameterizedTest
  @MethodSource(WAYS)
  void awayFromASafePointThereAreNoLastWords(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral(9));
        SpliceRig.Pair pair = rig.connect()) {
      pair.store().getOutputStream().write("half".getBytes(US_ASCII));
      assertEquals('h', pair.client().getInputStream().read());
      rig.onLoop(() -> pair.splice().end("* BYE draining\r\n".getBytes(US_ASCII)));
      assertEquals("alf", allOf(pair.client()));
    }
  }

  // B9.1, B9.2
  @ParameterizedTest
  @MethodSource(WAYS)
  void lastWordsWaitForTheExactEndOfALiteralThatIsSentInOneGoWithWhatFollows(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    int length = 3_000_000;
    CountedLiteral literal = new CountedLiteral(length);
    byte[] sent = new byte[length + 4];
    new Random(5).nextBytes(sent);
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(literal);
        SpliceRig.Pair pair = rig.connect()) {
      pair.store().getOutputStream().write(sent, 0, 10);
      pair.client().getInputStream().readNBytes(10);
      rig.onLoop(() -> pair.splice().endAtSafePoint("* BYE\r\n".getBytes(US_ASCII)));
      pair.store().getOutputStream().write(sent, 10, sent.length - 10);
      assertArrayEquals(
          Arrays.copyOfRange(sent, 10, sent.length),
          pair.client().getInputStream().readNBytes(sent.length - 10));
      assertEquals("* BYE\r\n", allOf(pair.client()));
      assertEquals(4, literal.seenBehind, "octets behind the literal that were shown");
    }
  }

  /** Knows of one literal of the store at the begin, and is safe once four more octets came. */
  private static final class CountedLiteral implements SafePoints {
    private long left;
    private int seenBehind;
    private final boolean all;

    CountedLiteral() {
      all = true;
    }

    CountedLiteral(long octets) {
      left = octets;
      all = false;
    }

    @Override
    public Direction client() {
      return SafePoints.UNKNOWN.client();
    }

    @Override
    public Direction store() {
      return new Direction() {
        @Override
        public void sent(ByteBuffer octets) {
          long inLiteral = Math.min(left, octets.remaining());
          left -= inLiteral;
          seenBehind += (int) (octets.remaining() - inLiteral);
        }

        @Override
        public long literalLeft() {
          return left;
        }

        @Override
        public void passed(long octets) {
          assertTrue(octets <= left, "more than the literal went unseen");
          left -= octets;
        }
      };
    }

    @Override
    public boolean safe() {
      return all || (left == 0 && seenBehind == 4);
    }

    @Override
    public boolean clientMayBeLeaving() {
      return false;
    }
  }

  /** What ends a session behind the store's own goodbye. */
  private enum Then {
    STORE_CLOSES,
    STORE_RESETS,
    WE_END,
    WE_END_AT_A_SAFE_POINT
  }

  private static Stream<Arguments> endsBehindAGoodbye() {
    return SpliceTest.ways()
        .flatMap(
            way ->
                Stream.of(Then.values())
                    .map(then -> Arguments.of(way.get()[0], way.get()[1], then)));
  }

  // B2.29, B9.2
  @ParameterizedTest
  @MethodSource("endsBehindAGoodbye")
  void clientThatHeardItsStoreSayGoodbyeHearsNoOther(
      Transports.Kind kind, SpliceSettings settings, Then then) throws Exception {
    byte[] ours = "* BYE ours\r\n".getBytes(US_ASCII);
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Goodbye());
        SpliceRig.Pair pair = rig.connect()) {
      rig.onLoop(() -> pair.splice().tellOfLossBy(lossAfter(Duration.ofMinutes(10))));
      pair.store().getOutputStream().write("* BYE its own\r\n".getBytes(US_ASCII));
      assertEquals(
          "* BYE its own\r\n", new String(pair.client().getInputStream().readNBytes(15), US_ASCII));
      switch (then) {
        case STORE_CLOSES -> pair.store().close();
        case STORE_RESETS -> reset(pair.store());
        case WE_END -> rig.onLoop(() -> pair.splice().end(ours));
        case WE_END_AT_A_SAFE_POINT -> rig.onLoop(() -> pair.splice().endAtSafePoint(ours));
      }
      assertEquals("", allOf(pair.client()));
    }
  }

  /** One way of a session, of which only is known how much comes. */
  private static SafePoints.Direction heard(IntConsumer octets) {
    return new SafePoints.Direction() {
      @Override
      public void sent(ByteBuffer some) {
        octets.accept(some.remaining());
      }

      @Override
      public long literalLeft() {
        return 0;
      }

      @Override
      public void passed(long passed) {}
    };
  }

  /** A store that has said goodbye as soon as it said something; nothing is ever open. */
  private static final class Goodbye implements SafePoints {
    private boolean said;

    @Override
    public Direction client() {
      return SafePoints.UNKNOWN.client();
    }

    @Override
    public Direction store() {
      return heard(octets -> said |= octets > 0);
    }

    @Override
    public boolean safe() {
      return true;
    }

    @Override
    public boolean storeLeaves() {
      return said;
    }

    @Override
    public boolean clientMayBeLeaving() {
      return false;
    }
  }

  /** A session whose end its store has granted as soon as it has said so many octets. */
  static final class Granted implements SafePoints {
    private final int last;
    private int said;

    Granted(int last) {
      this.last = last;
    }

    @Override
    public Direction client() {
      return SafePoints.UNKNOWN.client();
    }

    @Override
    public Direction store() {
      return heard(octets -> said += octets);
    }

    @Override
    public boolean safe() {
      return tookLeave();
    }

    @Override
    public boolean clientMayBeLeaving() {
      return true;
    }

    @Override
    public boolean tookLeave() {
      return said >= last;
    }
  }

  // B3.17
  @ParameterizedTest
  @MethodSource(WAYS)
  void whoeverClosesFirstBehindAGrantedGoodbyeEndsTheSession(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    for (boolean storeCloses : new boolean[] {true, false}) {
      try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Granted(6));
          SpliceRig.Pair pair = rig.connect()) {
        pair.store().getOutputStream().write("a OK\r\n".getBytes(US_ASCII));
        assertEquals(6, pair.client().getInputStream().readNBytes(6).length);
        rig.onLoop(() -> {}); // what is behind the last octet is done, too
        (storeCloses ? pair.store() : pair.client()).close();
        assertEquals(
            storeCloses ? SpliceEnd.Reason.STORE_CLOSED : SpliceEnd.Reason.CLIENT_CLOSED,
            rig.awaitEnd().reason(),
            "although the other has not closed");
        assertEquals("", allOf(storeCloses ? pair.client() : pair.store()));
      }
    }
  }

  // B3.17
  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void halfClosedClientThatTookLeaveGetsAllThatIsOnItsWay(Transports.Kind kind) throws Exception {
    byte[] answer = new byte[1024 * 1024];
    new Random(2).nextBytes(answer);
    SpliceSettings all =
        new SpliceSettings(
            Duration.ofMinutes(30),
            Duration.ofMinutes(1),
            new WriteBufferWaterMark(answer.length, 2 * answer.length),
            false);
    try (SpliceRig rig = new SpliceRig(kind, all).followedBy(new Granted(answer.length));
        SpliceRig.Pair pair = rig.joined(slowReader(rig))) {
      pair.clientChannel().config().setOption(ChannelOption.SO_SNDBUF, 16 * 1024);
      pair.store().getOutputStream().write(answer);
      long limit = System.nanoTime() + SpliceRig.PATIENCE.toNanos();
      while (pair.splice().octetsToClient() < answer.length && System.nanoTime() < limit) {
        rig.onLoop(() -> {});
      }
      pair.client().shutdownOutput();
      rig.onLoop(() -> {});
      assertArrayEquals(answer, pair.client().getInputStream().readAllBytes());
      assertEquals(SpliceEnd.Reason.CLIENT_CLOSED, rig.awaitEnd().reason());
    }
  }

  private static Socket slowReader(SpliceRig rig) throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(16 * 1024);
    client.connect(rig.listener.address());
    return client;
  }

  /** Clients hear "* BYE lost" after that time. */
  private static StoreLoss lossAfter(Duration hold) {
    return new StoreLoss() {
      @Override
      public long holdNanos() {
        return hold.toNanos();
      }

      @Override
      public byte[] words() {
        return "* BYE lost\r\n".getBytes(US_ASCII);
      }
    };
  }

  // B2.28: who comes back at once is known to have lost a session, however long that takes to end
  @ParameterizedTest
  @MethodSource(WAYS)
  void itIsToldThatAStoreIsLostBeforeTheClientHearsOfIt(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    for (boolean reset : new boolean[] {false, true}) {
      List<SpliceEnd.Reason> lost = new CopyOnWriteArrayList<>();
      try (SpliceRig rig = new SpliceRig(kind, settings);
          SpliceRig.Pair pair = rig.connect()) {
        rig.onLoop(() -> pair.splice().tellOfLossBy(telling(lost)));
        if (reset) {
          reset(pair.store());
        } else {
          pair.store().close();
        }
        assertEquals("", allOf(pair.client()));
        assertEquals(1, lost.size());
        pair.client().close();
        assertEquals(List.of(rig.awaitEnd().reason()), lost);
      }
    }
  }

  // B2.28
  @ParameterizedTest
  @MethodSource(WAYS)
  void noStoreIsLostWhereTheClientLeaves(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    List<SpliceEnd.Reason> lost = new CopyOnWriteArrayList<>();
    try (SpliceRig rig = new SpliceRig(kind, settings);
        SpliceRig.Pair pair = rig.connect()) {
      rig.onLoop(() -> pair.splice().tellOfLossBy(telling(lost)));
      pair.client().close();
      assertEquals("", allOf(pair.store()));
      pair.store().close();
      rig.awaitEnd();
      assertEquals(List.of(), lost);
    }
  }

  private static StoreLoss telling(List<SpliceEnd.Reason> lost) {
    StoreLoss atOnce = lossAfter(Duration.ZERO);
    return new StoreLoss() {
      @Override
      public void lost(SpliceEnd.Reason how) {
        lost.add(how);
      }

      @Override
      public long holdNanos() {
        return atOnce.holdNanos();
      }

      @Override
      public byte[] words() {
        return atOnce.words();
      }
    };
  }

  // B2.29
  @ParameterizedTest
  @MethodSource(WAYS)
  void clientOfAStoreThatDiedHearsOfItInItsTime(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    for (boolean reset : new boolean[] {false, true}) {
      try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral());
          SpliceRig.Pair pair = rig.connect()) {
        rig.onLoop(() -> pair.splice().tellOfLossBy(lossAfter(Duration.ofMillis(100))));
        pair.store().getOutputStream().write("* 1 EXISTS\r\n".getBytes(US_ASCII));
        assertEquals('*', pair.client().getInputStream().read());
        if (reset) {
          reset(pair.store());
        } else {
          pair.store().close();
        }
        assertEquals(" 1 EXISTS\r\n* BYE lost\r\n", allOf(pair.client()));
        pair.client().close();
        SpliceEnd.Reason reason = rig.awaitEnd().reason();
        assertTrue(
            reason == SpliceEnd.Reason.STORE_CLOSED || reason == SpliceEnd.Reason.STORE_RESET,
            reason.name());
      }
    }
  }

  // B2.29
  @ParameterizedTest
  @MethodSource(WAYS)
  void heldClientThatSendsACommandHearsTheWordsAtOnce(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    for (boolean reset : new boolean[] {false, true}) {
      try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral());
          SpliceRig.Pair pair = rig.connect()) {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        StoreLoss hour = lossAfter(Duration.ofHours(1));
        rig.onLoop(
            () ->
                pair.splice()
                    .tellOfLossBy(
                        new StoreLoss() {
                          @Override
                          public long holdNanos() {
                            asked.complete(null);
                            return hour.holdNanos();
                          }

                          @Override
                          public byte[] words() {
                            return hour.words();
                          }
                        }));
        if (reset) {
          reset(pair.store());
        } else {
          pair.store().close();
        }
        asked.get(30, TimeUnit.SECONDS);
        pair.client().getOutputStream().write("a NOOP\r\n".getBytes(US_ASCII));
        assertEquals("* BYE lost\r\n", allOf(pair.client()));
        pair.client().close();
        SpliceEnd end = rig.awaitEnd();
        assertEquals(0, end.octetsToStore(), "nobody got the command");
      }
    }
  }

  // B2.29
  @ParameterizedTest
  @MethodSource(WAYS)
  void heldClientThatLeavesIsGoneAtOnce(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    for (boolean reset : new boolean[] {false, true}) {
      try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral());
          SpliceRig.Pair pair = rig.connect()) {
        rig.onLoop(() -> pair.splice().tellOfLossBy(lossAfter(Duration.ofHours(1))));
        if (reset) {
          reset(pair.store());
        } else {
          pair.store().close();
        }
        pair.client().close();
        rig.awaitEnd();
      }
    }
  }

  // B2.29, B9.2
  @ParameterizedTest
  @MethodSource(WAYS)
  void clientWithSomethingOpenHearsOfItsStoresEndAtOnce(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new CountedLiteral(100));
        SpliceRig.Pair pair = rig.connect()) {
      rig.onLoop(() -> pair.splice().tellOfLossBy(lossAfter(Duration.ofHours(1))));
      pair.store().getOutputStream().write("half".getBytes(US_ASCII));
      pair.store().close();
      assertEquals("half", allOf(pair.client()));
      pair.client().close();
      assertEquals(SpliceEnd.Reason.STORE_CLOSED, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void endIsToldOnce(Transports.Kind kind, SpliceSettings settings) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings)) {
      try (SpliceRig.Pair pair = rig.connect()) {
        rig.onLoop(
            () -> {
              pair.splice().end(new byte[0]);
              pair.splice().end(new byte[0]);
            });
        reset(pair.client());
        reset(pair.store());
        rig.awaitEnd();
      }
      rig.onLoop(() -> assertTrue(rig.ends.isEmpty()));
    }
  }

  @ParameterizedTest
  @MethodSource(WAYS)
  void channelsOfTwoLoopsAreRefused(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig one = new SpliceRig(kind, settings);
        SpliceRig other = new SpliceRig(kind, settings);
        SpliceRig.Pair first = one.connect();
        SpliceRig.Pair second = other.connect()) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Splice.join(
                  first.clientChannel(),
                  second.storeChannel(),
                  new byte[0],
                  new byte[0],
                  SafePoints.UNKNOWN,
                  settings,
                  end -> {}));
    }
  }

  private static String allOf(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), US_ASCII);
  }
}
