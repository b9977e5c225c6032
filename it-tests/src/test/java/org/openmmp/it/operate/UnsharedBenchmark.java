package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RedisServer;

/**
 * What a login costs at a front end that shares nothing, and at ones whose server serves, hangs, or
 * was cut off without a word: the same logins by turns, in one run. It prints the rows of a table;
 * {@code -Dunshared.rounds=30} and {@code -Dunshared.logins=100} (in a round) say more or less.
 */
@Tag("benchmark")
final class UnsharedBenchmark {
  private static final int ROUNDS = Integer.getInteger("unshared.rounds", 30);
  private static final int LOGINS = Integer.getInteger("unshared.logins", 100);
  private static final int WARM_UP_ROUNDS = 5;
  private static final String NOTHING = "none";

  /** One front end, and what its logins took. */
  private static final class Measured {
    private final ProxyProcess program;
    private final long[] nanos = new long[ROUNDS * LOGINS];
    private int done;
    private long cpuNanos;

    Measured(ProxyProcess program) {
      this.program = program;
    }

    private long cpu() {
      return ProcessHandle.of(program.process().pid())
          .flatMap(each -> each.info().totalCpuDuration())
          .orElse(Duration.ZERO)
          .toNanos();
    }

    private void logIn(MailUser user, boolean counts) {
      long cpu = cpu();
      for (int i = 0; i < LOGINS; i++) {
        long begun = System.nanoTime();
        try (ImapConnection one =
            new ImapConnection(program.at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
          ImapConnection.Response answer = one.login(user);
          assertTrue(answer.isOk(), answer::toString);
        }
        if (counts) {
          nanos[done++] = System.nanoTime() - begun;
        }
      }
      cpuNanos += counts ? cpu() - cpu : 0;
    }

    private String row(String name) {
      Arrays.sort(nanos);
      return "| %s | %d | %.2f | %.2f | %.2f | %.0f |"
          .formatted(
              name,
              done,
              nanos[done / 2] / 1e6,
              nanos[done * 99 / 100] / 1e6,
              nanos[done - 1] / 1e6,
              cpuNanos / 1e3 / done);
    }
  }

  @Test
  void printsWhatLoginsCostWithoutTheSharedServer() throws Exception {
    OperatedSite site = new OperatedSite(UnsharedBenchmark.class).expectingInLog("shared-away");
    try (NetworkNamespace far = new NetworkNamespace();
        RedisServer serving = new RedisServer(site.run(), "serving");
        RedisServer hung = new RedisServer(site.run(), "hung");
        RedisServer away = new RedisServer(site.run(), far, "away")) {
      site.cluster("ducks", "huey", "dewey");
      MailUser user = site.user("alice", "ducks");
      Map<String, Measured> all = new LinkedHashMap<>();
      all.put(NOTHING, new Measured(start(site, NOTHING, "")));
      Map.of("serves", serving, "hangs", hung, "is cut off", away)
          .forEach(
              (name, engine) ->
                  all.put(
                      name,
                      new Measured(
                          start(
                              site,
                              name.replace(" ", "-"),
                              "shared { url = \"%s\", key = \"0123456789abcdef\", node = n, limit = 500ms }"
                                  .formatted(engine.url())))));
      all.forEach(
          (name, each) ->
              Await.until(
                  "the server is there for who shares: " + name,
                  Duration.ofMinutes(1),
                  () ->
                      name.equals(NOTHING)
                          || each.program
                              .admin()
                              .page("/metrics")
                              .contains("\nopenmmp_shared_up 1")));
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        all.values().forEach(each -> each.logIn(user, false));
      }
      hung.process().hang();
      far.vanish();
      List<Measured> turns = new ArrayList<>(all.values());
      for (int i = 0; i < ROUNDS; i++) {
        turns.forEach(each -> each.logIn(user, true));
        turns.add(turns.remove(0));
      }
      hung.process().goOn();
      System.out.println(
          "| the shared server | logins | median, ms | 99 % below, ms | longest, ms | processor ms"
              + " of 1,000 |");
      System.out.println("|---|---|---|---|---|---|");
      all.forEach((name, each) -> System.out.println(each.row(name)));
    } finally {
      site.close();
    }
  }

  private static ProxyProcess start(OperatedSite site, String name, String shared) {
    return site.start(
        name,
        site.settings()
            + site.group("ducks", "huey", "dewey")
            + "openmmp { admin.socket = \"%1$s.sock\", state-file = \"%1$s.state\", %2$s }%n"
                .formatted(site.file(name, ""), shared));
  }
}
