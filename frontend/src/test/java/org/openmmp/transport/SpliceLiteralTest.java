package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.wire.SafePoints;

/** Answers with literals of any size, read slowly or at once, whose octets the kernel may move. */
class SpliceLiteralTest {
  private static final String WAYS = "org.openmmp.transport.SpliceTest#ways";
  private static final int ANSWERS = 600;
  private static final int[] LARGEST = {
    100, 3_000, 6_000, 20_000, 50_000, 53_247, 70_000, 300_000, 2_500_000
  };

  @ParameterizedTest // B3.11, B9.1
  @MethodSource(WAYS)
  void everyOctetPassesAndThoseOutsideLiteralsAreShownInOrder(
      Transports.Kind kind, SpliceSettings settings) throws Exception {
    byte[] sent = answers();
    LengthsAndLiterals following = new LengthsAndLiterals();
    try (SpliceRig rig = new SpliceRig(kind, settings).followedBy(following);
        SpliceRig.Pair pair = rig.connect()) {
      CompletableFuture<Void> store = SpliceRig.async(() -> write(sent, pair.store()));
      byte[] received = new byte[sent.length];
      DataInputStream in = new DataInputStream(pair.client().getInputStream());
      Random random = new Random(8);
      for (int at = 0; at < received.length; ) {
        int piece = Math.min(1 + random.nextInt(200_000), received.length - at);
        in.readFully(received, at, piece);
        at += piece;
      }
      store.get(60, TimeUnit.SECONDS);
      assertEquals(-1, Arrays.mismatch(sent, received));
      pair.client().shutdownOutput();
      assertEquals(sent.length, rig.awaitEnd().octetsToClient());
      assertEquals(ANSWERS, following.answers);
      assertEquals(0, following.left);
    }
  }

  /** Each is the length of a literal, in four octets, that literal, and two octets more. */
  private static byte[] answers() {
    Random random = new Random(7);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < ANSWERS; i++) {
      int most = LARGEST[random.nextInt(i % 10 == 0 ? LARGEST.length : LARGEST.length - 2)];
      byte[] literal = new byte[random.nextInt(8) == 0 ? most : random.nextInt(most)];
      random.nextBytes(literal);
      all.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(literal.length).array());
      all.writeBytes(literal);
      all.writeBytes(new byte[] {'o', 'k'});
    }
    return all.toByteArray();
  }

  private static Void write(byte[] all, Socket store) throws Exception {
    Random random = new Random(9);
    OutputStream out = store.getOutputStream();
    for (int at = 0; at < all.length; ) {
      int piece = Math.min(1 + random.nextInt(150_000), all.length - at);
      out.write(all, at, piece);
      at += piece;
    }
    store.shutdownOutput();
    return null;
  }

  /** Follows the store. */
  private static final class LengthsAndLiterals implements SafePoints, SafePoints.Direction {
    private long left;
    private int answers;
    private int outside;
    private int length;

    @Override
    public void sent(ByteBuffer octets) {
      while (octets.hasRemaining()) {
        if (left > 0) {
          int skipped = (int) Math.min(left, octets.remaining());
          octets.position(octets.position() + skipped);
          left -= skipped;
        } else {
          outside(octets.get());
        }
      }
    }

    private void outside(byte octet) {
      if (outside < Integer.BYTES) {
        length = (length << 8) | (octet & 0xff);
        outside++;
        left = outside == Integer.BYTES ? length : 0;
      } else {
        assertEquals(outside == Integer.BYTES ? 'o' : 'k', octet);
        outside = octet == 'k' ? 0 : outside + 1;
        answers += octet == 'k' ? 1 : 0;
      }
    }

    @Override
    public long literalLeft() {
      return left;
    }

    @Override
    public void passed(long octets) {
      left -= octets;
    }

    @Override
    public SafePoints.Direction client() {
      return UNKNOWN.client();
    }

    @Override
    public SafePoints.Direction store() {
      return this;
    }

    @Override
    public boolean safe() {
      return false;
    }

    @Override
    public boolean clientMayBeLeaving() {
      return false;
    }
  }
}
