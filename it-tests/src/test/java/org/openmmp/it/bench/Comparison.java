package org.openmmp.it.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Front ends that do the same work in turn, which is measured and printed. */
record Comparison(List<FrontEndUnderTest> all) implements AutoCloseable {
  private static final int ROUNDS = 3;
  private static final int IDLE_SESSIONS = 2_000;

  /** A piece of work that is measured. */
  interface Work {
    void on(Load load) throws Exception;
  }

  /**
   * Prints the median of what the rounds cost each front end that speaks the protocol.
   *
   * @param units how many of what the figure is for one of
   * @param warmUps rounds before those that count
   */
  void cpuSeconds(String what, String protocol, double units, int warmUps, Work work)
      throws Exception {
    List<FrontEndUnderTest> compared = all.stream().filter(each -> each.speaks(protocol)).toList();
    double[][] costs = new double[compared.size()][ROUNDS];
    for (int round = -warmUps; round < ROUNDS; round++) {
      for (int i = 0; i < compared.size(); i++) {
        double before = compared.get(i).cpuSeconds();
        work.on(new Load(compared.get(i).door(protocol)));
        costs[i][Math.max(round, 0)] = (compared.get(i).cpuSeconds() - before) / units;
      }
    }
    for (int i = 0; i < compared.size(); i++) {
      Arrays.sort(costs[i]);
      print(compared.get(i), what, costs[i][ROUNDS / 2]);
    }
  }

  /** Prints what sessions that are logged in and do nothing take of the memory. */
  void idleMemory(MailDialect dialect, String protocol) throws Exception {
    for (FrontEndUnderTest each : all) {
      if (each.speaks(protocol)) {
        idleMemory(each, dialect, protocol);
      }
    }
  }

  private static void idleMemory(FrontEndUnderTest each, MailDialect dialect, String protocol)
      throws Exception {
    Load load = new Load(each.door(protocol));
    // Warm, but without many sessions at a time: what their end leaves unused would hide the rest.
    load.logins(dialect, 2 * IDLE_SESSIONS);
    each.collectGarbage();
    long before = each.residentKib();
    List<Connection> clients = load.idle(dialect, IDLE_SESSIONS);
    each.collectGarbage();
    double grown = each.residentKib() - before;
    print(each, "KiB per idle " + protocol + " session", grown / IDLE_SESSIONS);
    print(each, "MiB at rest before them", before / 1024.0);
    for (Connection client : clients) {
      client.close();
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
