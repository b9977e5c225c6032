package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way to end one direction of a splice: by either side, on plain connections and under TLS,
 * at once and in the middle of much. The peers are Java's own sockets.
 */
class SpliceHalfCloseTest {
  /** How a side is connected; TLS 1.2 for the side that ends only: Java itself answers its end. */
  enum Line {
    PLAIN(""),
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String version;

    Line(String version) {
      this.version = version;
    }
  }

  private static final int MUCH = 6_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path directory;
  private static @Nullable TestCertificates certificates;
  private static @Nullable SSLContext context;
  private static @Nullable ServerTls clientTls;

  @BeforeAll
  static void certify() throws Exception {
    TestCertificates made = TestCertificates.in(directory);
    var server = made.server("127.0.0.1");
    certificates = made;
    context =
        ((JdkSslContext)
                SslContextBuilder.forServer(server.chain().toFile(), server.key().toFile())
                    .sslProvider(SslProvider.JDK)
                    .trustManager(made.authorityFile().toFile())
                    .build())
            .context();
    clientTls = ServerTls.of(TestCertificates.settings(server), "imap");
  }

  static Stream<Arguments> ends() {
    List<Arguments> all = new ArrayList<>();
    for (boolean clientEnds : new boolean[] {true, false}) {
      for (Line ender : Line.values()) {
        for (Line other : new Line[] {Line.PLAIN, Line.TLS_1_3}) {
          for (int octets : new int[] {11, MUCH}) {
            all.add(Arguments.of(Transports.Kind.EPOLL, true, clientEnds, ender, other, octets));
          }
        }
        all.add(Arguments.of(Transports.Kind.NIO, false, clientEnds, ender, Line.PLAIN, MUCH));
      }
      all.add(Arguments.of(Transports.Kind.EPOLL, false, clientEnds, Line.PLAIN, Line.PLAIN, MUCH));
    }
    return all.stream();
  }

  // B3.17
  @ParameterizedTest
  @MethodSource("ends")
  void oneSidesEndIsPassedOnAndTheOtherDirectionGoesOn(
      Transports.Kind kind,
      boolean kernelSplice,
      boolean clientEnds,
      Line ender,
      Line other,
      int octets)
      throws Exception {
    SpliceSettings settings =
        new SpliceSettings(
            Duration.ofMinutes(30),
            Duration.ofMinutes(1),
            WriteBufferWaterMark.DEFAULT,
            kernelSplice);
    Line clientLine = clientEnds ? ender : other;
    Line storeLine = clientEnds ? other : ender;
    byte[] before = random(1, octets);
    byte[] during = random(2, octets);
    byte[] behind = random(3, octets);
    try (SpliceRig rig = rig(kind, settings, clientLine, storeLine);
        SpliceRig.Pair pair = connected(rig, clientLine)) {
      Socket ending = clientEnds ? pair.client() : pair.store();
      Socket staying = clientEnds ? pair.store() : pair.client();
      // What comes the other way while the end is on its way, and behind it.
      CompletableFuture<Boolean> sent =
          SpliceRig.async(
              () -> {
                staying.getOutputStream().write(during);
                return true;
              });
      SpliceRig.async(
          () -> {
            ending.getOutputStream().write(before);
            ending.shutdownOutput();
            return true;
          });
      CompletableFuture<byte[]> back =
          SpliceRig.async(() -> ending.getInputStream().readNBytes(2 * octets));
      assertArrayEquals(before, toTheEnd(staying), "all that came before the end");
      sent.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      staying.getOutputStream().write(behind);
      byte[] heard = back.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertArrayEquals(Octets.joined(during, behind), heard, "all that came the other way");
      staying.shutdownOutput();
      assertEquals(0, toTheEnd(ending).length);
      assertEquals(
          clientEnds ? SpliceEnd.Reason.CLIENT_CLOSED : SpliceEnd.Reason.STORE_CLOSED,
          rig.awaitEnd().reason());
    }
  }

  /**
   * One side is held back while it has more than the other side takes, and the other ends before
   * all of that is read. Both come to the event loop at once, for it was busy meanwhile.
   */
  // B3.17
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsHeldBackIsReadAlthoughTheOtherSideHasEnded(boolean clientSends) throws Exception {
    byte[] octets = random(4, 40_000);
    SpliceSettings small =
        new SpliceSettings(
            Duration.ofMinutes(30),
            Duration.ofMinutes(1),
            new WriteBufferWaterMark(1_024, 2_048),
            false);
    try (SpliceRig rig = new SpliceRig(Transports.Kind.EPOLL, small);
        SpliceRig.Pair pair = rig.connect()) {
      Socket sending = clientSends ? pair.client() : pair.store();
      Socket quiet = clientSends ? pair.store() : pair.client();
      CountDownLatch busy = new CountDownLatch(1);
      rig.transports.loops().next().submit(() -> busy.await(PATIENCE.toSeconds(), SECONDS));
      sending.getOutputStream().write(octets);
      sending.shutdownOutput();
      awaitEnd(clientSends ? pair.clientChannel() : pair.storeChannel());
      quiet.shutdownOutput();
      awaitEnd(clientSends ? pair.storeChannel() : pair.clientChannel());
      busy.countDown();
      assertArrayEquals(octets, toTheEnd(quiet));
      assertEquals(0, toTheEnd(sending).length);
      assertEquals(octets.length, rig.awaitEnd().octetsToStore() + pair.splice().octetsToClient());
    }
  }

  static Stream<Arguments> goodbyes() {
    List<Arguments> all = new ArrayList<>();
    for (Transports.Kind kind : Transports.Kind.values()) {
      for (Line store : Line.values()) {
        for (Line client : new Line[] {Line.PLAIN, Line.TLS_1_3}) {
          if (kind.isAvailable()) {
            all.add(Arguments.of(kind, client, store));
          }
        }
      }
    }
    return all.stream();
  }

  /** The last answer and the store's end come to the event loop at once, for it was busy. */
  // B3.17
  @ParameterizedTest
  @MethodSource("goodbyes")
  void answerToALogoutThatComesWithTheStoresEndIsHeard(
      Transports.Kind kind, Line client, Line store) throws Exception {
    byte[] answer = "* BYE bye\r\na OK\r\n".getBytes(US_ASCII);
    try (SpliceRig rig =
            rig(kind, SpliceSettings.DEFAULT, client, store)
                .followedBy(new SpliceEndTest.Granted(answer.length));
        SpliceRig.Pair pair = connected(rig, client)) {
      CountDownLatch busy = new CountDownLatch(1);
      rig.transports.loops().next().submit(() -> busy.await(PATIENCE.toSeconds(), SECONDS));
      pair.store().getOutputStream().write(answer);
      pair.store().shutdownOutput();
      busy.countDown();
      assertArrayEquals(answer, toTheEnd(pair.client()));
      assertEquals(SpliceEnd.Reason.STORE_CLOSED, rig.awaitEnd().reason());
    }
  }

  /** Until the kernel knows that the peer has ended its direction. */
  private static void awaitEnd(Channel channel) {
    int closeWait = 8;
    while (((EpollSocketChannel) channel).tcpInfo().state() != closeWait) {
      Thread.onSpinWait();
    }
  }

  private static byte[] toTheEnd(Socket socket) throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  private static byte[] random(long seed, int octets) {
    byte[] some = new byte[octets];
    new Random(seed).nextBytes(some);
    return some;
  }

  private static SpliceRig rig(
      Transports.Kind kind, SpliceSettings settings, Line clientLine, Line storeLine)
      throws Exception {
    SpliceRig rig = new SpliceRig(kind, settings);
    if (clientLine != Line.PLAIN && clientTls != null) {
      rig.under(clientTls);
    }
    if (storeLine != Line.PLAIN && certificates != null && context != null) {
      StoreTls trust = StoreTls.of(Optional.of(certificates.authorityFile()));
      rig.towards(trust, socket -> server(socket, storeLine));
    }
    return rig;
  }

  private static SpliceRig.Pair connected(SpliceRig rig, Line line) throws Exception {
    int port = rig.listener.address().getPort();
    if (line == Line.PLAIN || context == null) {
      return rig.joined(new Socket(rig.listener.address().getAddress(), port));
    }
    SSLSocket client =
        (SSLSocket)
            context.getSocketFactory().createSocket(rig.listener.address().getAddress(), port);
    client.setEnabledProtocols(new String[] {line.version});
    SpliceRig.async(
        () -> {
          client.startHandshake();
          return true;
        });
    return rig.joined(client);
  }

  private static Socket server(Socket accepted, Line line) throws IOException {
    if (context == null) {
      throw new IOException("no context");
    }
    SSLSocket store =
        (SSLSocket)
            context.getSocketFactory().createSocket(accepted, null, accepted.getPort(), true);
    store.setUseClientMode(false);
    store.setEnabledProtocols(new String[] {line.version});
    SpliceRig.async(
        () -> {
          store.startHandshake();
          return true;
        });
    return store;
  }
}
