package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * CPU time of the event loop for each GB, copied and moved by the kernel, in one interleaved run.
 *
 * <p>{@code mvn -pl frontend -am test -Dexcluded.test.groups= -Dgroups=benchmark
 * -Dtest=SpliceBenchmark -Dsurefire.failIfNoSpecifiedTests=false}
 */
@Tag("benchmark")
class SpliceBenchmark {
  private static final int ROUNDS = 3;
  private static final long OCTETS_A_ROUND = 1L << 28;
  private static final long MOST_ANSWERS = 10_000;
  private static final int[] ANSWERS = {256, 4 * 1024, 64 * 1024, 4 * 1024 * 1024};

  @Test
  void copyAgainstKernel() throws Exception {
    for (int size : ANSWERS) {
      double[] copied = new double[ROUNDS];
      double[] moved = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        copied[round] = cpuSecondsForEachGigabyte(false, size);
        moved[round] = cpuSecondsForEachGigabyte(true, size);
      }
      System.out.printf(
          Locale.ROOT,
          "answers of %d: copy %.2f, kernel %.2f CPU s for each GB%n",
          size,
          best(copied),
          best(moved));
      assertTrue(best(copied) > 0 && best(moved) > 0);
    }
  }

  private static double best(double[] rounds) {
    double best = rounds[0];
    for (double round : rounds) {
      best = Math.min(best, round);
    }
    return best;
  }

  private static double cpuSecondsForEachGigabyte(boolean kernel, int size) throws Exception {
    SpliceSettings settings =
        new SpliceSettings(
            Duration.ofMinutes(30), Duration.ofMinutes(1), WriteBufferWaterMark.DEFAULT, kernel);
    long octets = Math.min(OCTETS_A_ROUND, MOST_ANSWERS * size);
    try (SpliceRig rig = new SpliceRig(Transports.Kind.EPOLL, settings);
        SpliceRig.Pair pair = rig.connect()) {
      CompletableFuture<Long> serving = SpliceRig.async(() -> serve(pair.store(), size));
      long before = loopCpuNanos(rig);
      byte[] answer = new byte[size];
      for (long received = 0; received < octets; received += size) {
        pair.client().getOutputStream().write(1);
        assertEquals(size, pair.client().getInputStream().readNBytes(answer, 0, size));
      }
      long spent = loopCpuNanos(rig) - before;
      pair.client().shutdownOutput();
      serving.get(10, TimeUnit.SECONDS);
      return spent / 1e9 / (octets / 1e9);
    }
  }

  private static long serve(Socket store, int size) throws IOException {
    byte[] answer = new byte[size];
    long served = 0;
    while (store.getInputStream().read() >= 0) {
      store.getOutputStream().write(answer);
      served += size;
    }
    return served;
  }

  private static long loopCpuNanos(SpliceRig rig) throws Exception {
    CompletableFuture<Long> nanos = new CompletableFuture<>();
    rig.onLoop(() -> nanos.complete(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()));
    return nanos.get(10, TimeUnit.SECONDS);
  }
}
