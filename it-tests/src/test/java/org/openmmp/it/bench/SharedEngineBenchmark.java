package org.openmmp.it.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.HeldPlaces;
import org.openmmp.guard.Permit;
import org.openmmp.guard.WrongPassword;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.RedisServer;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.shared.NodeFacts;
import org.openmmp.shared.ObedientFrontEnd;
import org.openmmp.shared.Seal;
import org.openmmp.shared.Site;
import org.openmmp.wire.Network;

/**
 * What the server that a site's front ends share has to bear: 20 of them in one process, with
 * 10,000 logins a second among them, of which one in a hundred has a wrong password; a store of
 * each of 100 groups fails and is back every ten seconds. By turns with them, in one run, as many
 * log in the same users and share nothing. It prints the rows of two tables; {@code
 * -Dsite.logins=1000}, {@code -Dsite.frontends=3}, {@code -Dsite.seconds=20}, {@code -Dsite.turn=5}
 * (seconds of a turn) and {@code -Dsite.peruser=20} (sessions that a user may have; 0: no limit)
 * say less.
 */
@Tag("benchmark")
final class SharedEngineBenchmark {
  private static final int FRONT_ENDS = Integer.getInteger("site.frontends", 20);
  private static final int LOGINS = Integer.getInteger("site.logins", 10_000);
  private static final int SECONDS = Integer.getInteger("site.seconds", 60);
  private static final int TURN = Integer.getInteger("site.turn", 10);
  private static final int PER_USER = Integer.getInteger("site.peruser", 50);
  private static final int USERS = 50_000;
  private static final int GROUPS = 100;
  private static final int LASTING_SECONDS = 20;
  private static final int WRONG_IN = 100;
  private static final long FAILING_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Network SOMEWHERE = Network.parse("192.0.2.7");

  /** A front end that limits its users and learns of stores. */
  private static final class Simulated extends ObedientFrontEnd {
    private final ConnectionLimits limits;
    private final Random random;
    private final Queue<Permit> sessions = new ArrayDeque<>();
    private final long begunNanos = System.nanoTime();
    private final @Nullable Site site;
    private volatile long probes;
    private volatile int frontEnds = 1;
    private long served;
    private long refused;

    Simulated(OpenMmpConfig config, int number, boolean shares) {
      super(config.shared().node());
      limits = new ConnectionLimits(config.limits());
      random = new Random(number);
      if (shares) {
        limits.share(Seal.derived(config.shared().key(), "openmmp held places"));
        site = new Site(config.shared(), this);
      } else {
        site = null;
      }
    }

    private void login(InetAddress client) {
      Permit place = limits.admitSession(client, "user" + random.nextInt(USERS));
      if (place == null) {
        refused++;
        return;
      }
      served++;
      sessions.add(place);
      if (sessions.size() > LOGINS / FRONT_ENDS * LASTING_SECONDS) {
        sessions.remove().close();
      }
      if (random.nextInt(WRONG_IN) == 0 && site != null) {
        site.guessed(
            new WrongPassword(
                random.nextLong(), random.nextLong(), SOMEWHERE, random.nextLong(), true));
      }
    }

    private boolean failing() {
      return (System.nanoTime() - begunNanos) / FAILING_NANOS % 2 == 1;
    }

    /** A store has failed or is back, or was probed. */
    private void look(long second) {
      if (failing()) {
        probes = second;
      }
      if (second * TimeUnit.SECONDS.toNanos(1) % FAILING_NANOS == 0 && site != null) {
        site.hurry();
      }
    }

    @Override
    public NodeFacts facts() {
      return new NodeFacts("fingerprint", "1.0.0", sessions.size(), false);
    }

    @Override
    public List<GroupWord> words() {
      List<GroupWord> words = new ArrayList<>();
      boolean failing = failing();
      for (int i = 0; i < GROUPS; i++) {
        StoreHost first = new StoreHost("store" + i + "a.example.com");
        StoreHost second = new StoreHost("store" + i + "b.example.com");
        List<GroupWord.HostWord> failed =
            List.of(new GroupWord.HostWord(new Service("imap"), first, begunNanos));
        words.add(
            new GroupWord(
                "group" + i,
                failing ? second : first,
                begunNanos,
                failing ? failed : List.of(),
                failing ? List.of() : failed));
      }
      return words;
    }

    @Override
    public List<ProbePlan.Turn<ProbePlace>> turns() {
      List<ProbePlan.Turn<ProbePlace>> turns = new ArrayList<>();
      for (int i = 0; failing() && i < GROUPS; i++) {
        StoreHost host = new StoreHost("store" + i + "a.example.com");
        turns.add(
            new ProbePlan.Turn<>(new ProbePlace(new Service("imap"), host, 143), probes, true));
      }
      return turns;
    }

    @Override
    public HeldPlaces held(int all) {
      return limits.held(all);
    }

    @Override
    public void heldElsewhere(List<HeldPlaces> held) {
      limits.elsewhere(held);
    }

    @Override
    public void among(int all) {
      frontEnds = all;
    }

    @Override
    public void away(String why) {
      System.out.println("BENCHMARK away: " + why);
    }

    @Override
    public void forged(String where) {
      System.out.println("BENCHMARK forged: " + where);
    }
  }

  @TempDir private Path folder;

  /** What the logins of one kind of front ends took, in all turns. */
  private static final class Measured {
    private final String name;
    private final List<Simulated> all;
    private final List<Long> nanos = new ArrayList<>();
    private long served;
    private long refused;
    private long loginCpu;
    private long sharingCpu;

    Measured(String name, List<Simulated> all) {
      this.name = name;
      this.all = all;
    }

    private void turn(int seconds, boolean counts) throws IOException {
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long servedBefore = all.stream().mapToLong(each -> each.served).sum();
      long refusedBefore = all.stream().mapToLong(each -> each.refused).sum();
      long cpu = threads.getCurrentThreadCpuTime();
      long sharing = cpuNanos();
      List<Long> took = logIn(all, seconds);
      if (counts) {
        nanos.addAll(took);
        served += all.stream().mapToLong(each -> each.served).sum() - servedBefore;
        refused += all.stream().mapToLong(each -> each.refused).sum() - refusedBefore;
        loginCpu += threads.getCurrentThreadCpuTime() - cpu;
        sharingCpu += cpuNanos() - sharing;
      }
    }

    private String row(boolean shares) {
      Collections.sort(nanos);
      return "| %s | %d | %d | %.2f | %.2f | %.1f | %.1f | %.0f |"
          .formatted(
              name,
              nanos.size(),
              refused,
              loginCpu / 1e3 / nanos.size(),
              shares ? sharingCpu / 1e3 / nanos.size() : 0,
              nanos.get(nanos.size() / 2) / 1e3,
              nanos.get(nanos.size() * 99 / 100) / 1e3,
              nanos.get(nanos.size() - 1) / 1e3);
    }
  }

  @Test
  void printsWhatTheSharedServerBears() throws Exception {
    List<Simulated> all = new ArrayList<>();
    List<Simulated> alone = new ArrayList<>();
    try (RunDirectory run = RunDirectory.of(SharedEngineBenchmark.class);
        RedisServer engine = new RedisServer(run, "redis")) {
      for (int i = 0; i < FRONT_ENDS; i++) {
        all.add(new Simulated(configuration(engine, i), i, true));
        alone.add(new Simulated(configuration(engine, i), i, false));
      }
      Await.until(
          "all see all",
          Duration.ofMinutes(2),
          () -> all.stream().allMatch(each -> each.frontEnds == FRONT_ENDS));
      Measured sharing = new Measured("all that is shared", all);
      Measured nothing = new Measured("nothing", alone);
      List<Measured> turns = new ArrayList<>(List.of(sharing, nothing));
      for (Measured each : turns) {
        each.turn(LASTING_SECONDS, false); // as many sessions as there will be
      }
      Map<String, Double> grown = new TreeMap<>();
      for (int past = 0; past < SECONDS; past += TURN) {
        for (Measured each : turns) {
          String before = engine.answer("INFO", "everything");
          each.turn(TURN, true);
          if (each == sharing) {
            addGrown(grown, before, engine.answer("INFO", "everything"));
          }
        }
        Collections.reverse(turns);
      }
      double seconds = Math.max(TURN, (SECONDS + TURN - 1) / TURN * TURN);
      double logins = sharing.served;
      double commands = grown.getOrDefault("total_commands_processed", 0.0);
      double written = grown.getOrDefault("total_net_input_bytes", 0.0);
      double read = grown.getOrDefault("total_net_output_bytes", 0.0);
      double engineCpu =
          grown.getOrDefault("used_cpu_user", 0.0) + grown.getOrDefault("used_cpu_sys", 0.0);
      System.out.println(
          "| what is shared | logins | refused | 1,000 logins: processor ms of their own part | of"
              + " the threads that share | a login's own part: median, µs | 99 % below, µs |"
              + " longest, µs |");
      System.out.println("|---|---|---|---|---|---|---|---|");
      System.out.println(nothing.row(false));
      System.out.println(sharing.row(true));
      System.out.println(
          "| front ends | logins a second | refused | commands a second | KiB a second written,"
              + " read | a login: commands | octets written, read | 1,000 logins: processor ms of"
              + " the server | of all front ends | its memory, MiB | keys |");
      System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
      System.out.println(
          "| %d | %.0f | %d | %.0f | %.0f, %.0f | %.3f | %.0f, %.0f | %.2f | %.2f | %.1f | %s |"
              .formatted(
                  FRONT_ENDS,
                  logins / seconds,
                  sharing.refused,
                  commands / seconds,
                  written / seconds / 1024,
                  read / seconds / 1024,
                  commands / logins,
                  written / logins,
                  read / logins,
                  engineCpu * 1e6 / logins,
                  sharing.sharingCpu / 1e3 / logins,
                  value("used_memory", engine.answer("INFO", "memory")) / 1024 / 1024,
                  engine.answer("DBSIZE")));
      System.out.println("commands a second: " + commandsGrown(grown, seconds));
    } finally {
      for (Simulated each : all) {
        if (each.site != null) {
          each.site.close();
        }
      }
    }
  }

  private OpenMmpConfig configuration(RedisServer engine, int number) throws Exception {
    Path file = folder.resolve("mmp" + number + ".conf");
    Files.writeString(
        file,
        """
        openmmp {
          directory { urls = "ldap://127.0.0.1", base-dn = "dc=example,dc=com" }
          limits { sessions-per-user = %d }
          shared { url = "%s", key = "0123456789abcdef", node = mmp%d, limit = 1s }
        }
        """
            .formatted(PER_USER, engine.url(), number));
    return ConfigReader.load(file);
  }

  /** Says what each took. */
  private static List<Long> logIn(List<Simulated> all, int seconds) throws IOException {
    List<Long> took = new ArrayList<>(LOGINS * seconds);
    InetAddress client = InetAddress.getByName("192.0.2.7");
    long begun = System.nanoTime();
    long done = 0;
    long lastSecond = -1;
    for (double past = 0; past < seconds; past = (System.nanoTime() - begun) / 1e9) {
      for (long due = (long) (past * LOGINS); done < due; done++) {
        long began = System.nanoTime();
        all.get((int) (done % all.size())).login(client);
        took.add(System.nanoTime() - began);
      }
      if ((long) past > lastSecond) {
        lastSecond = (long) past;
        long second = lastSecond;
        all.forEach(each -> each.look(second));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    return took;
  }

  /** What the threads used that share. */
  private static long cpuNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (long id : threads.getAllThreadIds()) {
      ThreadInfo one = threads.getThreadInfo(id);
      if (one != null
          && (one.getThreadName().equals("shared") || one.getThreadName().startsWith("lettuce"))) {
        nanos += Math.max(0, threads.getThreadCpuTime(id));
      }
    }
    return nanos;
  }

  /** By how much each figure of the server grew in a turn. */
  private static void addGrown(Map<String, Double> grown, String before, String after) {
    Matcher each = Pattern.compile("(?m)^(\\w+):(?:calls=)?[0-9.]+").matcher(after);
    while (each.find()) {
      String figure = each.group(1);
      double was = value(figure, before);
      grown.merge(figure, value(figure, after) - (Double.isNaN(was) ? 0 : was), Double::sum);
    }
  }

  private static String commandsGrown(Map<String, Double> grown, double seconds) {
    StringBuilder all = new StringBuilder();
    grown.forEach(
        (figure, calls) -> {
          if (figure.startsWith("cmdstat_")) {
            all.append("%s %.0f ".formatted(figure.substring(8), calls / seconds));
          }
        });
    return all.toString().strip();
  }

  private static double value(String figure, String info) {
    Matcher found =
        Pattern.compile("(?m)^" + figure + ":(?:calls=)?([0-9]+(?:\\.[0-9]+)?)").matcher(info);
    return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
  }
}
