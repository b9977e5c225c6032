package org.openmmp.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Front ends that do the same work in turn, which is measured and printed: the median of the
 * rounds, and beside it, where a front end has a baseline, the median of what its rounds cost as a
 * multiple of the baseline's rounds just before.
 */
record Comparison(List<FrontEndUnderTest> all, CostTable table) implements AutoCloseable {
  static final int ROUNDS = Integer.getInteger("benchmark.rounds", 3);
  private static final int IDLE_SESSIONS = 2_000;
  private static final int IDLE_SECONDS = 30;

  /** Of the time of a round, what others than the front end may take of its processor. */
  private static final double MOST_FOREIGN = 0.15;

  private static final double TICKS_PER_SECOND = 100;

  /** What the clients of a front end do while it is measured, or before. */
  interface Work {
    void on(Load load) throws Exception;
  }

  /**
   * Prints the median of what the rounds cost each front end that speaks the protocol.
   *
   * @param units how many of what the figure is for one of, in a round
   * @param warmUp what share of the rounds is done before those that count
   * @param introduction what is not measured
   * @param work one round
   */
  void cpuSeconds(
      String what, String protocol, double units, double warmUp, Work introduction, Work work)
      throws Exception {
    List<FrontEndUnderTest> compared = all.stream().filter(each -> each.speaks(protocol)).toList();
    double[][] costs = new double[compared.size()][ROUNDS];
    int[] spoilt = new int[compared.size()];
    List<Load> loads = new ArrayList<>();
    try {
      for (FrontEndUnderTest each : compared) {
        loads.add(new Load(each.door(protocol)));
        introduction.on(loads.get(loads.size() - 1));
      }
      for (int round = -(int) Math.ceil(warmUp * ROUNDS); round < ROUNDS; round++) {
        for (int turn = 0; turn < compared.size(); turn++) {
          // By turns, so that who comes later has no advantage.
          int i = round % 2 == 0 ? turn : compared.size() - 1 - turn;
          double before = compared.get(i).cpuSeconds();
          double busyBefore = busySeconds();
          long began = System.nanoTime();
          work.on(loads.get(i));
          double seconds = (System.nanoTime() - began) / 1e9;
          double used = compared.get(i).cpuSeconds() - before;
          double foreign = busySeconds() - busyBefore - used;
          spoilt[i] += round >= 0 && foreign > MOST_FOREIGN * seconds ? 1 : 0;
          costs[i][Math.max(round, 0)] = used / units;
        }
      }
    } finally {
      for (Load load : loads) {
        load.close();
      }
    }
    for (int i = 0; i < compared.size(); i++) {
      print(compared.get(i), what, median(costs[i].clone()));
      String doubt = spoilt[i] > 0 ? "others used its processor in " + spoilt[i] + " rounds" : "";
      String behind = loads.get(i).behind();
      table.add(what, compared.get(i).name(), costs[i], doubt.isEmpty() ? behind : doubt);
      if (i > 0 && compared.get(i - 1).isBaselineOf(compared.get(i))) {
        double[] ratios = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
          ratios[round] = costs[i][round] / costs[i - 1][round];
        }
        print(compared.get(i), "times the baseline", median(ratios));
      }
    }
  }

  /** Seconds in which the processor of the front ends did something. */
  private static double busySeconds() throws IOException {
    String[] ticks =
        Files.readAllLines(Path.of("/proc/stat")).stream()
            .filter(line -> line.startsWith("cpu0 "))
            .findFirst()
            .orElseThrow()
            .split(" +", -1);
    double busy = 0;
    for (int i : List.of(1, 2, 3, 6, 7, 8)) { // neither idle nor waiting for a disk
      busy += Long.parseLong(ticks[i]);
    }
    return busy / TICKS_PER_SECOND;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** Prints what sessions that are logged in and do nothing take of memory and processor. */
  void idle(MailDialect dialect, String protocol) throws Exception {
    double before = 0;
    @Nullable FrontEndUnderTest last = null;
    for (FrontEndUnderTest each : all) {
      if (each.speaks(protocol)) {
        double live = idle(each, dialect, protocol);
        if (last != null && last.isBaselineOf(each)) {
          print(each, "octets more than the baseline", live - before);
        }
        last = each;
        before = live;
      }
    }
  }

  private double idle(FrontEndUnderTest each, MailDialect dialect, String protocol)
      throws Exception {
    try (Load load = new Load(each.door(protocol))) {
      // Warm, but without many sessions at a time: what their end leaves unused would hide the
      // rest.
      load.logins(dialect, 2 * IDLE_SESSIONS);
      each.collectGarbage();
      long before = each.residentKib();
      long liveBefore = each.liveOctets();
      load.idle(dialect, IDLE_SESSIONS);
      each.collectGarbage();
      double grown = each.residentKib() - before;
      double live = (double) (each.liveOctets() - liveBefore) / IDLE_SESSIONS;
      print(each, "KiB per idle " + protocol + " session", grown / IDLE_SESSIONS);
      print(each, "octets of heap per idle session", live);
      table.add(
          "KiB per idle " + protocol + " session",
          each.name(),
          new double[] {grown / IDLE_SESSIONS},
          "");
      print(each, "MiB at rest before them", before / 1024.0);
      double cpuBefore = each.cpuSeconds();
      TimeUnit.SECONDS.sleep(IDLE_SECONDS);
      double used = each.cpuSeconds() - cpuBefore;
      print(each, "CPU s of " + IDLE_SECONDS + " s idle, " + protocol, used);
      return live;
    }
  }

  private static void print(FrontEndUnderTest each, String what, double value) {
    System.out.println(
        String.format(Locale.ROOT, "BENCHMARK %-40s %-14s %8.3f", what, each.name(), value));
  }

  @Override
  public void close() {
    all.forEach(FrontEndUnderTest::close);
  }
}
