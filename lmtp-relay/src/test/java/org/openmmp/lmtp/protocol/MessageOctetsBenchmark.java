package org.openmmp.lmtp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Prints how much of a message one processor scans and stuffs in a second; asserts nothing. */
@Tag("benchmark")
final class MessageOctetsBenchmark {
  private static final int CHUNK = 64 * 1024;
  private static final int CHUNKS = 16 * 1024;
  private static final int ROUNDS = 5;

  private long taken;

  @Test
  void printsGibibytesInASecondOfOneProcessor() {
    OctetSink counter = (octets, from, to) -> taken += to - from;
    for (int lineOctets : new int[] {76, 998}) {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).put(0, lines(lineOctets));
      EndOfDataScanner scanner = new EndOfDataScanner();
      print("scan", lineOctets, () -> scanner.scan(chunk, 0, CHUNK, counter));
      DotStuffer stuffer = new DotStuffer();
      print("stuff", lineOctets, () -> stuffer.stuff(chunk, 0, CHUNK, counter));
      BareNewlines newlines = new BareNewlines();
      print("newlines", lineOctets, () -> newlines.octets(chunk, 0, CHUNK));
    }
  }

  private void print(String what, int lineOctets, Runnable chunk) {
    var threads = ManagementFactory.getThreadMXBean();
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < CHUNKS; i++) {
        chunk.run();
      }
      double seconds = (threads.getCurrentThreadCpuTime() - before) / 1e9;
      best = Math.max(best, (double) CHUNK * CHUNKS / (1 << 30) / seconds);
    }
    System.out.printf(
        Locale.ROOT, "%-8s lines of %d octets: %.2f GiB per CPU second%n", what, lineOctets, best);
  }

  /** Base64 in lines of that length, the last one cut. */
  private static byte[] lines(int lineOctets) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder(CHUNK + lineOctets);
    while (text.length() < CHUNK) {
      for (int i = 0; i < lineOctets; i++) {
        text.append((char) ('A' + random.nextInt(26)));
      }
      text.append("\r\n");
    }
    return text.substring(0, CHUNK).getBytes(ISO_8859_1);
  }
}
