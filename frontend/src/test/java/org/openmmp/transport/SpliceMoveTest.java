package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.wire.SafePoints;

/** A splice goes on at another store, and of the first one nothing passes any more (rule B9.3). */
class SpliceMoveTest {
  private static final String PARTED = "parted";
  private static final String HELD = "held";

  /** How the first store ends. */
  private enum Death {
    CLOSES,
    RESETS,
    SAYS_BYE;

    void at(SpliceRig.Pair pair) throws Exception {
      if (this == SAYS_BYE) {
        pair.store().getOutputStream().write("* 2 EXISTS\r\n* BY".getBytes(US_ASCII));
        assertEquals("* 2 EXISTS\r\n", read(pair.client(), 12));
        pair.store().getOutputStream().write("E going\r\n* 3 EXISTS\r\n".getBytes(US_ASCII));
        return;
      }
      if (this == RESETS) {
        pair.store().setSoLinger(true, 0);
      }
      pair.store().close();
    }
  }

  static Stream<Arguments> deaths() {
    return Stream.of(Transports.Kind.EPOLL, Transports.Kind.NIO)
        .flatMap(kind -> Stream.of(Death.values()).map(death -> Arguments.of(kind, death)));
  }

  /** What the splice tells. */
  private static final class Told implements Splice.Mover, StoreLoss {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final boolean willing;

    /** Tells the client what its store still says; null: nobody does. */
    volatile @Nullable Splice tells;

    Told(boolean willing) {
      this.willing = willing;
    }

    @Override
    public boolean mayOutlive(SpliceEnd.Reason how) {
      return willing;
    }

    @Override
    public void parted() {
      events.add(PARTED);
    }

    @Override
    public void clientSent(byte[] octets) {
      events.add("client: " + new String(octets, US_ASCII));
    }

    @Override
    public void storeSent(byte[] octets) {
      Splice to = tells;
      if (to == null) {
        events.add("store: " + new String(octets, US_ASCII));
      } else {
        to.tell(octets);
      }
    }

    @Override
    public void ends() {
      events.add("ends");
    }

    @Override
    public long holdNanos() {
      events.add(HELD);
      return TimeUnit.HOURS.toNanos(1);
    }

    @Override
    public byte[] words() {
      return "* BYE lost\r\n".getBytes(US_ASCII);
    }

    String next() throws InterruptedException {
      return String.valueOf(events.poll(30, TimeUnit.SECONDS));
    }
  }

  /** Sees a goodbye at the begin of a line, as far as these tests need it. */
  private static final class SeesBye implements SafePoints, SafePoints.Direction {
    private final StringBuilder line = new StringBuilder();
    private int behindBye;
    private boolean leaves;

    void begin() {
      line.setLength(0);
      leaves = false;
    }

    @Override
    public void sent(ByteBuffer octets) {
      for (int at = octets.position(); at < octets.limit(); at++) {
        char octet = (char) octets.get(at);
        behindBye += leaves ? 1 : 0;
        line.append(octet);
        if (!leaves && line.toString().equals("* BYE")) {
          leaves = true;
          behindBye = line.length();
        }
        if (octet == '\n') {
          line.setLength(0);
        }
      }
    }

    @Override
    public long literalLeft() {
      return 0;
    }

    @Override
    public void passed(long octets) {}

    @Override
    public int heldBack() {
      return leaves ? behindBye : "* BYE".startsWith(line.toString()) ? line.length() : 0;
    }

    @Override
    public SafePoints.Direction client() {
      return SafePoints.UNKNOWN.client();
    }

    @Override
    public SafePoints.Direction store() {
      return this;
    }

    @Override
    public boolean safe() {
      return true;
    }

    @Override
    public boolean storeLeaves() {
      return leaves;
    }

    @Override
    public boolean clientMayBeLeaving() {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("deaths")
  void theClientGoesOnAtAnotherStoreAndHearsNothingOfTheFirstOnesEnd(
      Transports.Kind kind, Death death) throws Exception {
    SeesBye follower = new SeesBye();
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT).followedBy(follower);
        SpliceRig.Pair pair = rig.connect()) {
      Told told = new Told(true);
      rig.onLoop(() -> pair.splice().mayMoveBy(told));
      death.at(pair);
      assertEquals(PARTED, told.next());
      pair.client().getOutputStream().write("DONE\r\n".getBytes(US_ASCII));
      assertEquals("client: DONE\r\n", told.next());
      rig.onLoop(follower::begin);
      try (Socket second =
          anotherStore(rig, pair, "* 5 EXISTS\r\n", "DONE\r\n", "* 6 EXISTS\r\n")) {
        assertEquals("* 5 EXISTS\r\n* 6 EXISTS\r\n", read(pair.client(), 24));
        assertEquals("DONE\r\n", read(second, 6));
        second.getOutputStream().write("* 7 EXISTS\r\n".getBytes(US_ASCII));
        assertEquals("* 7 EXISTS\r\n", read(pair.client(), 12));
        pair.client().getOutputStream().write("b NOOP\r\n".getBytes(US_ASCII));
        assertEquals("b NOOP\r\n", read(second, 8));
        second.getOutputStream().write("* BYE".getBytes(US_ASCII));
      }
      assertEquals(PARTED, told.next(), "the second one may end likewise");
      rig.onLoop(() -> pair.splice().end("* BYE\r\n".getBytes(US_ASCII)));
      assertEquals(
          "* BYE\r\n", new String(pair.client().getInputStream().readAllBytes(), US_ASCII));
      pair.client().close();
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest
  @EnumSource(Death.class)
  void whereNobodyMovesItTheClientHearsAllThatTheStoreSaid(Death death) throws Exception {
    try (SpliceRig rig =
            new SpliceRig(Transports.Kind.EPOLL, SpliceSettings.DEFAULT).followedBy(new SeesBye());
        SpliceRig.Pair pair = rig.connect()) {
      rig.onLoop(() -> pair.splice().mayMoveBy(new Told(false)));
      death.at(pair);
      if (death == Death.SAYS_BYE) {
        assertEquals("* BYE going\r\n* 3 EXISTS\r\n", read(pair.client(), 25));
        pair.store().close();
      }
      assertEquals(-1, pair.client().getInputStream().read());
      pair.client().close();
      rig.awaitEnd();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void whatTheClientSendsMeanwhileWaitsInTheKernelAndArrivesInOrder(Transports.Kind kind)
      throws Exception {
    byte[] bulk = new byte[4 << 20];
    new Random(1).nextBytes(bulk);
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT).followedBy(new SeesBye());
        SpliceRig.Pair pair = rig.connect()) {
      ByteArrayOutputStream held = new ByteArrayOutputStream();
      CompletableFuture<Void> parted = new CompletableFuture<>();
      CompletableFuture<Void> came = new CompletableFuture<>();
      Splice.Mover mover =
          new Splice.Mover() {
            @Override
            public boolean mayOutlive(SpliceEnd.Reason how) {
              return true;
            }

            @Override
            public void parted() {
              parted.complete(null);
            }

            @Override
            public void clientSent(byte[] octets) {
              held.writeBytes(octets);
              came.complete(null);
            }

            @Override
            public void storeSent(byte[] octets) {}

            @Override
            public void ends() {}
          };
      rig.onLoop(() -> pair.splice().mayMoveBy(mover));
      pair.store().close();
      parted.get(30, TimeUnit.SECONDS);
      CompletableFuture<?> sending =
          SpliceRig.async(
              () -> {
                pair.client().getOutputStream().write(bulk);
                return true;
              });
      came.get(30, TimeUnit.SECONDS);
      CompletableFuture<Channel> channel = dial(rig, pair);
      try (Socket second = rig.storeSide.accept()) {
        Channel store = channel.get(30, TimeUnit.SECONDS);
        int[] most = new int[1];
        rig.onLoop(
            () -> {
              most[0] = held.size();
              pair.splice().goOn(store, new byte[0], held.toByteArray(), new byte[0]);
            });
        byte[] all = second.getInputStream().readNBytes(bulk.length);
        assertArrayEquals(bulk, all);
        assertEquals(true, most[0] < 128 * 1024, most[0] + " octets were held");
        sending.get(30, TimeUnit.SECONDS);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void aClientThatLeavesMeanwhileEndsTheSession(Transports.Kind kind) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT).followedBy(new SeesBye());
        SpliceRig.Pair pair = rig.connect()) {
      Told told = new Told(true);
      rig.onLoop(() -> pair.splice().mayMoveBy(told));
      pair.store().close();
      assertEquals(PARTED, told.next());
      pair.client().close();
      assertEquals(SpliceEnd.Reason.CLIENT_CLOSED, rig.awaitEnd().reason());
    }
  }

  @Test // B3.17
  @Timeout(60)
  void aSessionThatNobodyUsesEndsThoughEachStoreThatEndsItIsFollowedByAnother() throws Exception {
    SpliceSettings settings = SpliceSettings.DEFAULT.withIdleLimit(Duration.ofMillis(500));
    try (SpliceRig rig = new SpliceRig(Transports.Kind.EPOLL, settings).followedBy(new SeesBye());
        SpliceRig.Pair pair = rig.connect()) {
      Told told = new Told(true);
      rig.onLoop(() -> pair.splice().mayMoveBy(told));
      pair.store().close();
      while (rig.ends.peek() == null) {
        if (told.events.poll(10, TimeUnit.MILLISECONDS) != null) {
          anotherStore(rig, pair, "", "", "").close();
        }
      }
      assertEquals(SpliceEnd.Reason.IDLE, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void aStoreThatLivesIsAskedApartFromTheClientAndMayKeepIt(Transports.Kind kind) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT).followedBy(new SeesBye());
        SpliceRig.Pair pair = rig.connect()) {
      Told told = new Told(true);
      rig.onLoop(
          () -> {
            pair.splice().mayMoveBy(told);
            pair.splice().divert();
            pair.splice().ask("DONE\r\n".getBytes(US_ASCII));
          });
      assertEquals("DONE\r\n", read(pair.store(), 6));
      pair.store().getOutputStream().write("a OK\r\n".getBytes(US_ASCII));
      assertEquals("store: a OK\r\n", told.next());
      rig.onLoop(
          () -> {
            pair.splice().tell("* 1 RECENT\r\n".getBytes(US_ASCII));
            pair.splice().goOn(null, new byte[0], "a IDLE\r\n".getBytes(US_ASCII), new byte[0]);
          });
      assertEquals("a IDLE\r\n", read(pair.store(), 8));
      pair.store().getOutputStream().write("+ idling\r\n".getBytes(US_ASCII));
      assertEquals("* 1 RECENT\r\n+ idling\r\n", read(pair.client(), 22));
      rig.onLoop(
          () -> {
            pair.splice().divert();
            pair.splice().part("b LOGOUT\r\n".getBytes(US_ASCII));
          });
      assertEquals(
          "b LOGOUT\r\n", new String(pair.store().getInputStream().readAllBytes(), US_ASCII));
    }
  }

  @ParameterizedTest // B9.5: what it still says may be the client's, and is not kept here
  @EnumSource(
      value = Transports.Kind.class,
      names = {"EPOLL", "NIO"})
  void theStoreThatIsLeftIsReadNoFasterThanTheClientTakes(Transports.Kind kind) throws Exception {
    int most = 64 * 1024 * 1024;
    try (SpliceRig rig = new SpliceRig(kind, SpliceSettings.DEFAULT).followedBy(new SeesBye());
        SpliceRig.Pair pair = rig.connect()) {
      Told told = new Told(true);
      told.tells = pair.splice();
      rig.onLoop(
          () -> {
            pair.splice().mayMoveBy(told);
            pair.splice().divert();
          });
      CompletableFuture<Boolean> sent =
          SpliceRig.async(
              () -> {
                byte[] part = new byte[1024 * 1024];
                for (int i = 0; i < most / part.length; i++) {
                  pair.store().getOutputStream().write(part);
                }
                return true;
              });
      AtomicBoolean full = new AtomicBoolean();
      while (!full.get()) {
        rig.onLoop(() -> full.set(!pair.clientChannel().isWritable()));
      }
      for (int turn = 0; turn < 100; turn++) {
        rig.onLoop(
            () -> {
              long pending =
                  pair.clientChannel().unsafe().outboundBuffer().totalPendingWriteBytes();
              assertTrue(pending < most / 32, () -> pending + " octets are kept");
            });
      }
      assertEquals(most, pair.client().getInputStream().readNBytes(most).length);
      assertTrue(sent.get(30, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest // B2.29
  @EnumSource(
      value = Death.class,
      names = {"CLOSES", "RESETS"})
  void onlyAClientThatNobodyMovesIsToldOfTheLossInItsTime(Death death) throws Exception {
    for (boolean willing : new boolean[] {true, false}) {
      try (SpliceRig rig =
              new SpliceRig(Transports.Kind.EPOLL, SpliceSettings.DEFAULT)
                  .followedBy(new SeesBye());
          SpliceRig.Pair pair = rig.connect()) {
        Told told = new Told(willing);
        rig.onLoop(
            () -> {
              pair.splice().tellOfLossBy(told);
              pair.splice().mayMoveBy(told);
            });
        death.at(pair);
        assertEquals(willing ? PARTED : HELD, told.next());
        rig.onLoop(
            () -> {
              assertEquals(willing, pair.splice().goesOn());
              assertEquals(false, pair.splice().outlivesStore(), "it is gone for good");
            });
        pair.client().getOutputStream().write("a NOOP\r\n".getBytes(US_ASCII));
        if (willing) {
          assertEquals("client: a NOOP\r\n", told.next());
          rig.onLoop(() -> pair.splice().end(told.words()));
          assertEquals("ends", told.next(), "it is not moved any more");
        }
        assertEquals(
            "* BYE lost\r\n", new String(pair.client().getInputStream().readAllBytes(), US_ASCII));
        pair.client().close();
        rig.awaitEnd();
        assertEquals(0, told.events.size(), told.events::toString);
      }
    }
  }

  private static CompletableFuture<Channel> dial(SpliceRig rig, SpliceRig.Pair pair)
      throws Exception {
    CompletableFuture<Channel> channel = new CompletableFuture<>();
    StoreTarget target = SpliceRig.plainTarget(rig.storeSide.getLocalPort());
    rig.onLoop(
        () ->
            rig.connector.connect(
                pair.clientChannel().eventLoop(),
                target,
                new ChannelInboundHandlerAdapter(),
                channel::complete,
                why -> channel.completeExceptionally(new AssertionError(why.reason()))));
    return channel;
  }

  private static Socket anotherStore(
      SpliceRig rig, SpliceRig.Pair pair, String toClient, String toStore, String fromStore)
      throws Exception {
    CompletableFuture<Channel> channel = dial(rig, pair);
    Socket second = rig.storeSide.accept();
    second.setSoTimeout(30_000);
    Channel store = channel.get(30, TimeUnit.SECONDS);
    rig.onLoop(
        () ->
            pair.splice()
                .goOn(
                    store,
                    toClient.getBytes(US_ASCII),
                    toStore.getBytes(US_ASCII),
                    fromStore.getBytes(US_ASCII)));
    return second;
  }

  private static String read(Socket from, int octets) throws Exception {
    byte[] read = from.getInputStream().readNBytes(octets);
    return new String(Arrays.copyOf(read, read.length), US_ASCII);
  }
}
