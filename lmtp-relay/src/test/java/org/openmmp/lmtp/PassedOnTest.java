package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A message of dots, short and long lines, that is sent in pieces of any size, is the same at a
 * store that keeps up, at one that takes over in its middle, and at one that reads it much later.
 */
class PassedOnTest {
  private static final int LIMIT_SECONDS = 60;

  @TempDir Path directory;

  @ParameterizedTest // L2, B5.7, B5.8, B5.9
  @CsvSource({
    "1, 262144, 2000",
    "2, 262144, 70",
    "3, 10000, 5000",
    "4, 0, 70",
    "5, 262144, 3",
    "6, 0, 30000"
  })
  void everyStoreGetsTheOctetsThatWereSent(long seed, int memory, int longestLine)
      throws Exception {
    Random random = new Random(seed);
    String data = data(random, longestLine);
    CountDownLatch others = new CountDownLatch(1);
    CountDownLatch takenOver = new CountDownLatch(1);
    try (RelaySite site = new RelaySite(directory, "openmmp.lmtp.spool.memory = " + memory);
        LmtpLine client = site.client()) {
      int until = random.nextInt(data.length() / 2) + 1;
      site.huey.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            line.octets(until);
            throw new EOFException("dies within the message");
          };
      site.dewey.behaviour =
          (store, line) -> {
            takenOver.countDown();
            store.serve(line);
          };
      site.gus.behaviour =
          (store, line) -> {
            store.serveEnvelope(line);
            line.say("354 go on");
            line.octets(1000);
            assertTrue(await(others));
            store.messages.add(line.data());
            line.say("250 2.0.0 at last");
          };
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "RCPT TO:<geese-g@test>", "DATA");
      client.replies(4);
      for (int at = 0; at < data.length(); ) {
        int to =
            Math.min(data.length(), at + 1 + random.nextInt(random.nextBoolean() ? 20 : 90_000));
        client.send(data.substring(at, to));
        at = to;
        if (at > data.length() / 2) {
          others.countDown();
        }
      }
      others.countDown();
      assertTrue(
          await(takenOver)); // whoever dies behind the end may have it, and nobody takes over
      client.send(".\r\n");
      assertEquals(
          List.of("250 2.0.0 message 1, recipient 1", "250 2.0.0 at last"), client.replies(2));
      assertTrue(data.equals(site.dewey.messages.get(0)), "the store that took over");
      assertTrue(data.substring(1000).equals(site.gus.messages.get(0)), "the store that was slow");
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** As it is sent behind DATA, without its end; less than the relay reads ahead of its stores. */
  private static String data(Random random, int longestLine) {
    StringBuilder data = new StringBuilder("x".repeat(998)).append("\r\n");
    int octets = 300_000 + random.nextInt(600_000);
    while (data.length() < octets) {
      int dots = Math.max(0, random.nextInt(8) - 4);
      data.append(dots == 0 ? "" : "." + ".".repeat(dots));
      data.append("x.".repeat(random.nextInt(longestLine) / 2)).append("\r\n");
    }
    return data.toString();
  }
}
