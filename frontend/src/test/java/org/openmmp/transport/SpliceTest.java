package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SpliceTest {
  private static final int BULK = 50 * 1024 * 1024;
  private static final SpliceSettings COPY =
      new SpliceSettings(
          Duration.ofMinutes(30), Duration.ofMinutes(1), WriteBufferWaterMark.DEFAULT, false);

  static Stream<Arguments> ways() {
    return Stream.of(
            Arguments.of(Transports.Kind.EPOLL, SpliceSettings.DEFAULT),
            Arguments.of(Transports.Kind.EPOLL, COPY),
            Arguments.of(Transports.Kind.IO_URING, SpliceSettings.DEFAULT),
            Arguments.of(Transports.Kind.NIO, SpliceSettings.DEFAULT))
        .filter(way -> ((Transports.Kind) way.get()[0]).isAvailable());
  }

  // B3.4
  @ParameterizedTest
  @MethodSource("ways")
  void leftOverBytesComeFirstAndOnce(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    byte[] pipelined = "b SELECT INBOX\r\n".getBytes(US_ASCII);
    byte[] answer = "a OK in\r\n* 1 EXISTS\r\n".getBytes(US_ASCII);
    try (SpliceRig rig = new SpliceRig(kind, settings, pipelined, answer);
        SpliceRig.Pair pair = rig.connect()) {
      pair.client().getOutputStream().write("c NOOP\r\n".getBytes(US_ASCII));
      pair.store().getOutputStream().write("b OK\r\n".getBytes(US_ASCII));
      pair.client().shutdownOutput();
      pair.store().shutdownOutput();
      assertEquals("b SELECT INBOX\r\nc NOOP\r\n", allOf(pair.store()));
      assertEquals("a OK in\r\n* 1 EXISTS\r\nb OK\r\n", allOf(pair.client()));
      SpliceEnd end = rig.awaitEnd();
      assertEquals(24, end.octetsToStore());
      assertEquals(27, end.octetsToClient());
    }
  }

  // B3.4
  @ParameterizedTest
  @MethodSource("ways")
  void whatADecoderStillHoldsFollowsTheLeftOverBytes(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    byte[] pipelined = "b SELECT INBOX\r\n".getBytes(US_ASCII);
    try (SpliceRig rig = new SpliceRig(kind, settings, pipelined, new byte[0]).holding(8)) {
      Socket client =
          new Socket(InetAddress.getLoopbackAddress(), rig.listener.address().getPort());
      client.getOutputStream().write("c NOOP\r\n".getBytes(US_ASCII));
      try (SpliceRig.Pair pair = rig.joined(client)) {
        pair.client().getOutputStream().write("d IDLE\r\n".getBytes(US_ASCII));
        pair.client().shutdownOutput();
        assertEquals("b SELECT INBOX\r\nc NOOP\r\nd IDLE\r\n", allOf(pair.store()));
      }
    }
  }

  private static String allOf(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), US_ASCII);
  }

  // B3.11, B7
  @ParameterizedTest
  @MethodSource("ways")
  void bulkPassesByteExactBothWaysAtOnce(Transports.Kind kind, SpliceSettings settings)
      throws Exception {
    try (SpliceRig rig = new SpliceRig(kind, settings);
        SpliceRig.Pair pair = rig.connect()) {
      CompletableFuture<String> fromClient = sendAsync(pair.client(), 1);
      CompletableFuture<String> fromStore = sendAsync(pair.store(), 2);
      CompletableFuture<String> atClient = receiveAsync(pair.client());
      CompletableFuture<String> atStore = receiveAsync(pair.store());
      assertEquals(fromClient.get(60, TimeUnit.SECONDS), atStore.get(60, TimeUnit.SECONDS));
      assertEquals(fromStore.get(60, TimeUnit.SECONDS), atClient.get(60, TimeUnit.SECONDS));
      SpliceEnd end = rig.awaitEnd();
      assertEquals(BULK, end.octetsToStore());
      assertEquals(BULK, end.octetsToClient());
    }
  }

  private static CompletableFuture<String> sendAsync(Socket socket, long seed) {
    return SpliceRig.async(
        () -> {
          Random random = new Random(seed);
          MessageDigest digest = sha256();
          OutputStream out = socket.getOutputStream();
          int left = BULK;
          while (left > 0) {
            byte[] chunk = new byte[Math.min(left, 1 + random.nextInt(200_000))];
            random.nextBytes(chunk);
            digest.update(chunk);
            out.write(chunk);
            left -= chunk.length;
          }
          socket.shutdownOutput();
          return HexFormat.of().formatHex(digest.digest());
        });
  }

  private static CompletableFuture<String> receiveAsync(Socket socket) {
    return SpliceRig.async(
        () -> {
          Random random = new Random(3);
          MessageDigest digest = sha256();
          InputStream in = socket.getInputStream();
          byte[] buffer = new byte[100_000];
          int read;
          while ((read = in.read(buffer, 0, 1 + random.nextInt(buffer.length))) >= 0) {
            digest.update(buffer, 0, read);
          }
          return HexFormat.of().formatHex(digest.digest());
        });
  }

  private static MessageDigest sha256() throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256");
  }
}
