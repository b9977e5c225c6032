package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.wire.SafePoints;

/** Questions of ours to the store of a session that is spliced. */
class SpliceQuestionTest {
  private static final String WAYS = "org.openmmp.transport.SpliceTest#ways";
  private static final long LONG = TimeUnit.SECONDS.toNanos(30);
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(100);
  private static final byte[] GOODBYE = "* BYE\n".getBytes(US_ASCII);

  @TempDir Path directory;

  @ParameterizedTest // B9.4
  @MethodSource(WAYS)
  void clientWaitsForTheAnswerThatItNeverSees(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      askedAndAnswered(rig, pair);
    }
  }

  @Test // B9.4
  void clientUnderTlsWaitsLikewise() throws Exception {
    TestCertificates certificates = TestCertificates.in(directory);
    ServerTls tls =
        ServerTls.of(
            TestCertificates.settings(certificates.server("127.0.0.1")),
            "imap",
            SslProvider.OPENSSL);
    try (SpliceRig rig =
        new SpliceRig(Transports.Kind.EPOLL, SpliceSettings.DEFAULT)
            .under(tls)
            .followedBy(new Asked())) {
      JdkSslContext context =
          (JdkSslContext)
              SslContextBuilder.forClient()
                  .sslProvider(SslProvider.JDK)
                  .trustManager(certificates.authorityFile().toFile())
                  .build();
      SSLSocket client =
          (SSLSocket)
              context
                  .context()
                  .getSocketFactory()
                  .createSocket("127.0.0.1", rig.listener.address().getPort());
      CompletableFuture<Boolean> shaken =
          SpliceRig.async(
              () -> {
                client.startHandshake();
                return true;
              });
      try (SpliceRig.Pair pair = rig.joined(client)) {
        shaken.get(30, TimeUnit.SECONDS);
        askedAndAnswered(rig, pair);
      }
    }
  }

  private static void askedAndAnswered(SpliceRig rig, SpliceRig.Pair pair) throws Exception {
    ask(rig, pair, LONG, () -> {});
    assertEquals("?\n", read(pair.store(), 2));
    write(pair.client(), "a FETCH\n");
    write(pair.store(), "* news\n");
    assertEquals("* news\n", read(pair.client(), 7));
    write(pair.store(), "!\n");
    assertEquals("a FETCH\n", read(pair.store(), 8), "it waited, and comes behind the answer");
    write(pair.store(), "a OK\n");
    assertEquals("a OK\n", read(pair.client(), 5), "nobody heard of the answer");
    rig.onLoop(() -> assertEquals(8, pair.splice().octetsToStore()));
  }

  @ParameterizedTest // B9.4
  @MethodSource(WAYS)
  void silentStoreNeverHearsWhatTheClientSentMeanwhile(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      ask(rig, pair, SHORT * 5, () -> pair.splice().end(GOODBYE));
      write(pair.client(), "a STORE\n");
      assertEquals("* BYE\n", allOf(pair.client()));
      assertEquals("?\n", allOf(pair.store()));
      pair.client().close();
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest // B3.17, B9.4
  @MethodSource(WAYS)
  void endOfTheClientComesBehindWhatItSentWhileTheStoreWasAsked(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      ask(rig, pair, LONG, () -> {});
      write(pair.client(), "a LOGOUT\n");
      pair.client().shutdownOutput();
      assertEquals("?\n", read(pair.store(), 2));
      write(pair.store(), "!\n");
      assertEquals("a LOGOUT\n", allOf(pair.store()));
      write(pair.store(), "a OK\n");
      pair.store().close();
      assertEquals("a OK\n", allOf(pair.client()));
      assertEquals(SpliceEnd.Reason.CLIENT_CLOSED, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest // B3.17, B9.4
  @MethodSource(WAYS)
  void storeThatEndsInsteadOfAnsweringIsHeardToTheEnd(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      ask(rig, pair, LONG, () -> {});
      assertEquals("?\n", read(pair.store(), 2));
      write(pair.store(), "* BYE enough\n");
      pair.store().shutdownOutput();
      assertEquals("* BYE enough\nparting\n", allOf(pair.client()));
      write(pair.client(), "a LOGOUT\n");
      assertEquals("a LOGOUT\n", read(pair.store(), 9));
    }
  }

  @ParameterizedTest // B9.4: who was not read cannot have been heard
  @MethodSource(WAYS)
  void storeIsNotAskedWhileItsClientTakesNothing(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      byte[] line = new byte[64 * 1024];
      line[line.length - 1] = '\n';
      CompletableFuture<Boolean> sent =
          SpliceRig.async(
              () -> {
                for (int i = 0; i < 500; i++) {
                  pair.store().getOutputStream().write(line);
                }
                return true;
              });
      AtomicBoolean blocked = new AtomicBoolean();
      while (!blocked.get()) {
        rig.onLoop(
            () -> {
              blocked.set(
                  !pair.clientChannel().isWritable()
                      || (settings.kernelSplice()
                          && kind == Transports.Kind.EPOLL
                          && pair.clientChannel().unsafe().outboundBuffer().size() > 0));
              if (blocked.get()) {
                assertFalse(pair.splice().askStore(true, SHORT, () -> {}));
              }
            });
      }
      pair.client().getInputStream().readNBytes(500 * line.length);
      assertTrue(sent.get(30, TimeUnit.SECONDS));
      ask(rig, pair, LONG, () -> {});
      assertEquals("?\n", read(pair.store(), 2));
    }
  }

  @ParameterizedTest // B9.4: the client has asked itself, and any octet is a sign of life
  @MethodSource(WAYS)
  void clientsOwnQuestionIsWaitedFor(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      write(pair.client(), "NOOP\n");
      assertEquals("NOOP\n", read(pair.store(), 5));
      rig.onLoop(() -> assertFalse(pair.splice().askStore(true, SHORT * 5, () -> {})));
      write(pair.store(), "OK\n");
      assertEquals("OK\n", read(pair.client(), 3));
      write(pair.client(), "NOOP\n");
      assertEquals("NOOP\n", read(pair.store(), 5));
      rig.onLoop(
          () -> assertFalse(pair.splice().askStore(true, SHORT, () -> pair.splice().end(GOODBYE))));
      assertEquals("", allOf(pair.client()), "a command is open: no words");
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest // B9.4: a question in two parts
  @MethodSource(WAYS)
  void clientWaitsUntilTheLastPartIsAnswered(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      ask(rig, pair, LONG, () -> {});
      assertEquals("?\n", read(pair.store(), 2));
      write(pair.client(), "DONE\n");
      write(pair.store(), "* news\nyes\n");
      assertEquals("and?\n", read(pair.store(), 5), "the client's own word waits");
      write(pair.store(), "* more\n!\n");
      assertEquals("DONE\n", read(pair.store(), 5));
      assertEquals("* news\n* more\n", read(pair.client(), 14));
    }
  }

  @ParameterizedTest // B9.4: who has no place there any more need not wait for silence
  @MethodSource(WAYS)
  void refusalIsNoBetterThanSilence(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      ask(rig, pair, LONG, () -> pair.splice().end(GOODBYE));
      assertEquals("?\n", read(pair.store(), 2));
      write(pair.client(), "DONE\n");
      write(pair.store(), "no\n");
      assertEquals("* BYE\n", allOf(pair.client()));
      assertEquals("", allOf(pair.store()));
      pair.client().close();
      assertEquals(SpliceEnd.Reason.ENDED, rig.awaitEnd().reason());
    }
  }

  @ParameterizedTest // B9.4, B9.5: else the answer would come when nobody waits for it
  @MethodSource(WAYS)
  void whoIsToLeaveTheStoreWaitsForItsAnswer(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      CompletableFuture<Boolean> left = new CompletableFuture<>();
      ask(rig, pair, LONG, () -> {});
      rig.onLoop(() -> pair.splice().atSafePoint(() -> left.complete(true)));
      write(pair.store(), "* news\n");
      assertEquals("* news\n", read(pair.client(), 7));
      rig.onLoop(() -> assertFalse(left.isDone()));
      write(pair.store(), "!\n");
      assertTrue(left.get(30, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest // B9.4, B9.5: its answer would be for nobody
  @MethodSource(WAYS)
  void whoIsBetweenTwoStoresIsAskedNothing(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    Splice.Mover mover =
        new Splice.Mover() {
          @Override
          public boolean mayOutlive(SpliceEnd.Reason how) {
            return false;
          }

          @Override
          public void parted() {}

          @Override
          public void clientSent(byte[] octets) {}

          @Override
          public void storeSent(byte[] octets) {}

          @Override
          public void ends() {}
        };
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(new Asked());
        SpliceRig.Pair pair = rig.connect()) {
      rig.onLoop(
          () -> {
            pair.splice().mayMoveBy(mover);
            pair.splice().divert();
            assertFalse(pair.splice().askStore(true, SHORT, () -> {}));
            pair.splice().goOn(null, new byte[0], new byte[0], new byte[0]);
          });
      ask(rig, pair, LONG, () -> {});
      assertEquals("?\n", read(pair.store(), 2));
    }
  }

  private static void ask(SpliceRig rig, SpliceRig.Pair pair, long patience, Runnable silent)
      throws Exception {
    rig.onLoop(
        () -> {
          assertTrue(pair.splice().askStore(true, patience, silent));
          assertFalse(pair.splice().askStore(true, patience, silent), "one at a time");
        });
  }

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String read(Socket from, int octets) throws IOException {
    return new String(from.getInputStream().readNBytes(octets), US_ASCII);
  }

  private static String allOf(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), US_ASCII);
  }

  /**
   * A protocol of lines: the question is "?", its answer "!", and the client's question NOOP.
   * Behind "yes" there is more to ask, and "no" is a refusal.
   */
  private static final class Asked implements SafePoints {
    private boolean asking;
    private String rest = "";
    private boolean refused;
    private boolean clientAsks;

    private final Direction any =
        new Direction() {
          @Override
          public void sent(ByteBuffer octets) {
            clientAsks = octets.remaining() > 0 && octets.get(octets.position()) == 'N';
          }

          @Override
          public long literalLeft() {
            return 0;
          }

          @Override
          public void passed(long octets) {}
        };

    @Override
    public Direction client() {
      return any;
    }

    @Override
    public Direction store() {
      return any;
    }

    @Override
    public boolean safe() {
      return !clientAsks;
    }

    @Override
    public boolean clientMayBeLeaving() {
      return false;
    }

    @Override
    public byte[] ask() {
      if (clientAsks || asking) {
        return new byte[0];
      }
      asking = true;
      return "?\n".getBytes(US_ASCII);
    }

    @Override
    public boolean isAsking() {
      return asking;
    }

    @Override
    public boolean clientAsks() {
      return clientAsks;
    }

    @Override
    public ByteBuffer withoutAnswer(ByteBuffer octets) {
      String text = US_ASCII.decode(octets).toString();
      asking = !text.contains("!\n");
      rest = text.contains("yes\n") ? "and?\n" : "";
      refused = text.contains("no\n");
      return ByteBuffer.wrap(text.replaceAll("(!|yes|no)\n", "").getBytes(US_ASCII));
    }

    @Override
    public byte[] askOn() {
      return rest.getBytes(US_ASCII);
    }

    @Override
    public boolean isRefused() {
      return refused;
    }

    @Override
    public byte[] partingWords() {
      return asking ? "parting\n".getBytes(US_ASCII) : new byte[0];
    }
  }
}
