package org.openmmp.it.bench;

import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.RunDirectory;

/**
 * What 5,000 people who are logged in live through when their store dies, hangs or vanishes, and
 * what the store that takes over has to bear, behind OpenMMP, HAProxy, nginx and Dovecot's proxy.
 * Another store is master at the moment of the fault, and takes 500 logins a second. It prints the
 * rows of a table; {@code -Dcrowd.sessions=1000}, {@code -Dcrowd.faults=hung} and {@code
 * -Dcrowd.frontends=openmmp,haproxy} say less. It needs root, for its network namespaces.
 *
 * <p>And how many of as many in IDLE outlive that behind OpenMMP (rule B9.6), where the new master
 * has one more message to tell of; {@code -Dcrowd.pace=250} is how many moves a second begin.
 */
@Tag("benchmark")
final class CrowdBenchmark {
  private static final int SESSIONS = Integer.getInteger("crowd.sessions", 5_000);
  private static final List<String> FRONT_ENDS =
      List.of(
          System.getProperty("crowd.frontends", "openmmp,haproxy,nginx,dovecot").split(",", -1));
  private static final List<String> FAULTS =
      List.of(System.getProperty("crowd.faults", "killed,hung,black_holed").split(",", -1));
  private static final long WATCHED_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int PACE = Integer.getInteger("crowd.pace", 500);
  private static final long OUTLIVE_NANOS = TimeUnit.SECONDS.toNanos(150);
  private static final Pattern STRANDED = Pattern.compile("session-stranded .* why=(\\S+)");
  private static final int NEXT_LOGIN_MILLIS = 20_000;
  private static final int REST_SECONDS = 5;

  @Test
  void printsHowACrowdIsLed() throws Exception {
    // The crowd shares the machine with what it measures.
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    System.out.println(
        "| front end | fault | next login | those behind it, median and last of 20 | 50 % / 99 %"
            + " back | connections begun to the first store | logins a second at the new master,"
            + " p99 and peak | wrong answers | first store back: next login | descriptors, threads"
            + " and MiB before and after |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|");
    for (String fault : FAULTS) {
      for (String frontEnd : FRONT_ENDS) {
        try (RunDirectory run = RunDirectory.of(CrowdBenchmark.class);
            CrowdSite site = new CrowdSite(run);
            CrowdFrontEnds all = new CrowdFrontEnds(run, site, SESSIONS);
            FrontEndUnderTest measured = all.start(frontEnd)) {
          measure(measured, site, CrowdSite.Fault.valueOf(fault.toUpperCase(Locale.ROOT)));
        }
      }
    }
  }

  private static void measure(FrontEndUnderTest frontEnd, CrowdSite site, CrowdSite.Fault fault)
      throws Exception {
    int port = frontEnd.door("imap").port();
    String before;
    String first;
    List<Long> behind = new ArrayList<>();
    String crowds;
    String load;
    String again;
    int wrong;
    long attempts;
    warm(port);
    before = usage(frontEnd);
    try (Crowd crowd = new Crowd(port, SESSIONS, false)) {
      crowd.arrive();
      site.loginsBySecond(1);
      site.elect(1, List.of(1, 2));
      site.countAttempts();
      crowd.fault();
      fault.happen(site);
      long began = System.nanoTime();
      long waited = nextLogin(port);
      first = told(waited);
      for (int i = 0; i < 20 && waited >= 0; i++) {
        behind.add(nextLogin(port));
      }
      while (crowd.back() < SESSIONS && System.nanoTime() - began < WATCHED_NANOS) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
      crowds = crowd.backMillis(0.5) + " / " + crowd.backMillis(0.99);
      wrong = crowd.wrongAnswers();
      attempts = site.attempts();
      int[] logins = site.loginsBySecond(1);
      Arrays.sort(logins);
      load = logins.length == 0 ? "none" : percentile(logins, 0.99) + " / " + percentile(logins, 1);
      fault.end(site);
      site.elect(0, List.of(0, 1, 2));
      again = told(nextLogin(port));
    }
    TimeUnit.SECONDS.sleep(REST_SECONDS);
    behind.sort(null);
    System.out.println(
        "| %s | %s | %s | %s, %s | %s | %d | %s | %d | %s | %s; %s |"
            .formatted(
                frontEnd.name(),
                fault.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                first,
                behind.isEmpty() ? "none" : told(behind.get(behind.size() / 2)),
                behind.isEmpty() ? "none" : told(behind.get(behind.size() - 1)),
                crowds,
                attempts,
                load,
                wrong,
                again,
                before,
                usage(frontEnd)));
  }

  @Test
  void printsHowManyOutliveTheirMaster() throws Exception {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    System.out.println(
        "| fault | sessions in IDLE | stayed | ended, and the last words | why, of the log |"
            + " stayed: 50 % / 99 % / last | logins a second at the new master, median and peak |"
            + " descriptors, threads and MiB before and after |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (String fault : System.getProperty("crowd.faults", "killed").split(",", -1)) {
      try (RunDirectory run = RunDirectory.of(CrowdBenchmark.class);
          CrowdSite site = new CrowdSite(run);
          CrowdFrontEnds all = new CrowdFrontEnds(run, site, SESSIONS);
          FrontEndUnderTest measured = all.surviving(PACE)) {
        outlive(measured, site, CrowdSite.Fault.valueOf(fault.toUpperCase(Locale.ROOT)));
      }
    }
  }

  private static void outlive(FrontEndUnderTest frontEnd, CrowdSite site, CrowdSite.Fault fault)
      throws Exception {
    int port = frontEnd.door("imap").port();
    warm(port);
    try (Crowd crowd = new Crowd(port, SESSIONS, true)) {
      crowd.arrive();
      String before = usage(frontEnd);
      site.loginsBySecond(1);
      site.elect(1, List.of(1, 2));
      crowd.fault();
      fault.happen(site);
      long began = System.nanoTime();
      while (crowd.told() + SESSIONS - crowd.ends().getOrDefault("", 0) < SESSIONS
          && System.nanoTime() - began < OUTLIVE_NANOS) {
        if (fault != CrowdSite.Fault.KILLED) {
          nextLogin(port); // somebody has to find out
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
      Map<String, Integer> ends = crowd.ends();
      int stayed = ends.getOrDefault("", 0);
      ends.remove("");
      int[] logins = site.loginsBySecond(1);
      Arrays.sort(logins);
      System.out.println(
          "| %s | %d | %d, of whom %d have heard the news | %s | %s | %s / %s / %s | %d, %d | %s; %s |"
              .formatted(
                  fault.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                  SESSIONS,
                  stayed,
                  crowd.told(),
                  ends,
                  whyNot(frontEnd),
                  crowd.newsMillis(0.5),
                  crowd.newsMillis(0.99),
                  crowd.newsMillis(1),
                  logins.length == 0 ? 0 : percentile(logins, 0.5),
                  logins.length == 0 ? 0 : percentile(logins, 1),
                  before,
                  usage(frontEnd)));
      fault.end(site);
    }
  }

  /** Why sessions could not go on, and how many. */
  private static Map<String, Integer> whyNot(FrontEndUnderTest frontEnd) {
    Map<String, Integer> reasons = new TreeMap<>();
    STRANDED
        .matcher(frontEnd.process().printed())
        .results()
        .forEach(found -> reasons.merge(found.group(1), 1, Integer::sum));
    return reasons;
  }

  private static int percentile(int[] sorted, double share) {
    return sorted[Math.max((int) Math.ceil(sorted.length * share) - 1, 0)];
  }

  private static String told(long millis) {
    return millis < 0 ? "none in " + NEXT_LOGIN_MILLIS / 1_000 + " s" : millis + " ms";
  }

  private static void warm(int port) throws IOException {
    for (int i = 0; i < 500; i++) {
      nextLogin(port);
    }
  }

  /** Milliseconds until somebody new is let in, however often he has to come; -1: he gives up. */
  private static long nextLogin(int port) {
    long began = System.nanoTime();
    long waited = 0;
    while (waited < NEXT_LOGIN_MILLIS) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout((int) Math.max(NEXT_LOGIN_MILLIS - waited, 1));
        try (Connection client = new Connection(socket)) {
          client.expect("* OK");
          client.say("a LOGIN next@example.com secret\r\n");
          client.expect("a OK");
          return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        }
      } catch (SocketTimeoutException silent) {
        return -1;
      } catch (IOException refused) {
        waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      }
    }
    return -1;
  }

  private static String usage(FrontEndUnderTest frontEnd) throws IOException {
    Path process = Path.of("/proc", String.valueOf(frontEnd.process().pid()));
    return count(process.resolve("fd"))
        + "/"
        + count(process.resolve("task"))
        + "/"
        + frontEnd.residentKib() / 1_024;
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.count();
    }
  }
}
