package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a start costs, the first thousands of logins behind it, an empty and a busy process, and
 * what grows with groups, sessions, users and recipients; as the launcher starts the program, with
 * and without its start-up cache, on processor 0. Start the test with {@code taskset -c 1}.
 *
 * <p>{@code -Dstart.rounds=3}, {@code -Dstart.java=17,25}, {@code -Dstart.cache=off,on}, {@code
 * -Dstart.thousands=20}, {@code -Dstart.quiet=90} (seconds), {@code -Dstart.groups=10000}, {@code
 * -Dstart.sessions=9900}, {@code -Dstart.users=500000}, {@code -Dstart.recipients=1000} and {@code
 * -Dstart.options=…} (for Java) say what is measured; a number that is 0 leaves its rows out. Users
 * and recipients are measured once, in the last column.
 */
@Tag("benchmark")
final class StartBenchmark {
  private static final int ROUNDS = Integer.getInteger("start.rounds", 3);
  private static final int GROUPS = Integer.getInteger("start.groups", 10_000);
  private static final int SESSIONS = Integer.getInteger("start.sessions", 9_900);
  private static final int USERS = Integer.getInteger("start.users", 500_000);
  private static final int RECIPIENTS = Integer.getInteger("start.recipients", 1_000);
  private static final String OPTIONS = System.getProperty("start.options", "");
  private static final Path DISTRIBUTION =
      Path.of("..", "docker", "target", "openmmp").toAbsolutePath().normalize();
  private static final String LISTENERS =
      """
      imap { listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = loopback }
      pop3 { listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = loopback }
      lmtp.listen = ["127.0.0.1:0"]
      limits.max-connections = 20000
      """;
  private static final int THOUSAND = 1_008; // a multiple of the clients
  private static final int WARM_THOUSANDS = Integer.getInteger("start.thousands", 20);
  private static final int QUIET_SECONDS = Integer.getInteger("start.quiet", 90);
  private static final int PAGE_OCTETS = 64 * 1024;
  private static final int LETTER_OCTETS = 4 * 1024;
  private static final int RELOADS = 3;

  /** Until then Java has given back what its start needed. */
  private static final int SETTLED_SECONDS = 32;

  private static final double NANOS = 1e9;
  private static final double KIB = 1024;
  private static final double MILLIS = 1e3;

  private final Map<String, Map<String, List<Double>>> table = new LinkedHashMap<>();
  private final List<String> columns = new ArrayList<>();

  @Test
  void printsWhatAStartCosts() throws Exception {
    assertTrue(Files.exists(DISTRIBUTION.resolve("bin/openmmp")), "./openmmp build comes first");
    try (FrontEnds frontEnds = new FrontEnds(Math.max(1, RECIPIENTS))) {
      Map<String, Path> launchers = new LinkedHashMap<>();
      Map<String, String> homes = new LinkedHashMap<>();
      for (String version : System.getProperty("start.java", "17,25").split(",", -1)) {
        for (String cache : System.getProperty("start.cache", "off,on").split(",", -1)) {
          String column = "Java " + version + (cache.equals("on") ? ", cache" : "");
          homes.put(column, javaHome(version));
          launchers.put(
              column,
              frontEnds.installation(
                  version + "-" + cache, DISTRIBUTION, javaHome(version), cache.equals("on")));
          columns.add(column);
        }
      }
      Path few = frontEnds.configuration("few", LISTENERS);
      for (int round = 0; round < ROUNDS; round++) {
        for (String column : columns) {
          Path launcher = Optional.ofNullable(launchers.get(column)).orElseThrow();
          String name = "start-" + columns.indexOf(column) + "-" + round;
          String java = Optional.ofNullable(homes.get(column)).orElseThrow();
          aDay(column, () -> frontEnds.launched(name, launcher, java, OPTIONS, few));
          for (int groups : GROUPS > 0 ? List.of(GROUPS / 10, GROUPS) : List.<Integer>of()) {
            Path many = frontEnds.configuration("many", LISTENERS + groups(groups, ""));
            manyGroups(
                column,
                groups,
                frontEnds,
                () -> frontEnds.launched(name + "-" + groups, launcher, java, OPTIONS, many));
          }
          if (round == 0 && column.equals(columns.get(columns.size() - 1))) {
            growth(
                column,
                frontEnds,
                () -> frontEnds.launched(name + "-growth", launcher, java, OPTIONS, few));
          }
        }
      }
    }
    print();
  }

  private interface Start {
    FrontEndUnderTest run() throws IOException;
  }

  private void aDay(String column, Start start) throws Exception {
    long before = System.nanoTime();
    try (FrontEndUnderTest frontEnd = start.run()) {
      add("seconds to listen", column, (System.nanoTime() - before) / NANOS);
      add("CPU s to listen", column, frontEnd.cpuSeconds());
      TimeUnit.SECONDS.sleep(SETTLED_SECONDS);
      add("PSS MiB, empty", column, frontEnd.proportionalKib() / KIB);
      try (Load imap = new Load(frontEnd.door("imap"));
          Load pop3 = new Load(frontEnd.door("pop3"))) {
        for (int i = 1; i <= WARM_THOUSANDS; i++) {
          double cpu = frontEnd.cpuSeconds();
          imap.logins(MailDialect.IMAP, THOUSAND);
          if (i <= 3 || i == WARM_THOUSANDS) {
            add(
                "CPU s of the " + ordinal(i) + " 1,000 logins",
                column,
                frontEnd.cpuSeconds() - cpu);
          }
        }
        pop3.logins(MailDialect.POP3, 2 * THOUSAND);
        imap.begin(MailDialect.IMAP::logIn);
        imap.repeat(THOUSAND, client -> MailDialect.IMAP.fetch(client, PAGE_OCTETS));
        add("PSS MiB, after a busy run", column, frontEnd.proportionalKib() / KIB);
        if (SESSIONS > 0) {
          sessions(column, frontEnd, imap);
        }
      }
      TimeUnit.SECONDS.sleep(QUIET_SECONDS);
      add("PSS MiB, quiet for " + QUIET_SECONDS + " s", column, frontEnd.proportionalKib() / KIB);
    }
  }

  private void sessions(String column, FrontEndUnderTest frontEnd, Load load) throws Exception {
    int done = 0;
    long before = frontEnd.proportionalKib();
    for (int part : List.of(SESSIONS / 10, SESSIONS / 2, SESSIONS)) {
      load.idle(MailDialect.IMAP, part - done);
      done = part;
      double kib = frontEnd.proportionalKib() - before;
      add("KiB of each of " + part + " sessions", column, kib / part);
    }
  }

  /** What one recipient of a message costs, and one login of somebody who was not there before. */
  private void growth(String column, FrontEnds frontEnds, Start start) throws Exception {
    try (FrontEndUnderTest frontEnd = start.run()) {
      try (Connection mta = frontEnd.door("lmtp").open()) {
        new BulkLetter(1, true, LETTER_OCTETS).introduce(mta);
        for (int part = 1; part <= RECIPIENTS; part *= 10) {
          BulkLetter letter = new BulkLetter(part, true, LETTER_OCTETS);
          deliver(letter, WARM_THOUSANDS * THOUSAND / part, mta);
          double cpu = frontEnd.cpuSeconds();
          int letters = WARM_THOUSANDS * THOUSAND / part;
          deliver(letter, letters, mta);
          double each = (frontEnd.cpuSeconds() - cpu) / (letters * part);
          add("CPU ms of each of " + part + " recipients", column, each * MILLIS);
        }
      }
      List<String> users = frontEnds.people(USERS);
      try (Load imap = new Load(frontEnd.door("imap"))) {
        imap.logins(MailDialect.IMAP, WARM_THOUSANDS * THOUSAND);
        for (int tenth = 1; tenth <= 10 && USERS > 0; tenth++) {
          List<String> part = users.subList(USERS / 10 * (tenth - 1), USERS / 10 * tenth);
          double cpu = frontEnd.cpuSeconds();
          int searches = frontEnds.searches();
          imap.logins(MailDialect.IMAP, part);
          if (tenth == 1 || tenth == 5 || tenth == 10) {
            String of = "cold login of " + USERS / 10 * tenth + " users";
            add("CPU ms of a " + of, column, (frontEnd.cpuSeconds() - cpu) / part.size() * MILLIS);
            double found = frontEnds.searches() - searches;
            add("searches of a " + of, column, found / part.size());
            double mib = frontEnd.proportionalKib() / KIB;
            add("PSS MiB after " + USERS / 10 * tenth + " users", column, mib);
          }
        }
      }
    }
  }

  private static void deliver(BulkLetter letter, int times, Connection mta) throws IOException {
    for (int i = 0; i < times; i++) {
      letter.deliver(mta);
    }
  }

  private void manyGroups(String column, int number, FrontEnds frontEnds, Start start)
      throws Exception {
    long before = System.nanoTime();
    try (FrontEndUnderTest frontEnd = start.run()) {
      String groups = number + " groups: ";
      add(groups + "seconds to listen", column, (System.nanoTime() - before) / NANOS);
      add(groups + "CPU s to listen", column, frontEnd.cpuSeconds());
      TimeUnit.SECONDS.sleep(2);
      add(groups + "PSS MiB", column, frontEnd.proportionalKib() / KIB);
      URI page = URI.create("http://127.0.0.1:" + frontEnd.ports().get("admin") + "/metrics");
      HttpResponse.BodyHandler<byte[]> body = HttpResponse.BodyHandlers.ofByteArray();
      HttpRequest request = HttpRequest.newBuilder(page).build();
      HttpClient client = HttpClient.newHttpClient();
      int octets = client.send(request, body).body().length;
      double cpu = frontEnd.cpuSeconds();
      long scrape = System.nanoTime();
      client.send(request, body);
      add(groups + "octets of a scrape", column, octets);
      add(groups + "seconds of a scrape", column, (System.nanoTime() - scrape) / NANOS);
      add(groups + "CPU s of a scrape", column, frontEnd.cpuSeconds() - cpu);
      for (int reload = 1; reload <= RELOADS; reload++) {
        frontEnds.configuration("many", LISTENERS + groups(number, "r" + reload));
        cpu = frontEnd.cpuSeconds();
        frontEnd.reload(reload);
        add(groups + "CPU s of a reload", column, frontEnd.cpuSeconds() - cpu);
      }
      TimeUnit.SECONDS.sleep(2);
      add(groups + "PSS MiB after reloads", column, frontEnd.proportionalKib() / KIB);
    }
  }

  /** Each has a host of its own that is named so. */
  private static String groups(int number, String name) {
    StringBuilder text = new StringBuilder("proxy {\n");
    for (int i = 0; i < number; i++) {
      text.append(
          "g%1$d.storehostlist = \"a%1$d.example b%1$d.example c%2$s%1$d.example\"\n"
              .formatted(i, name));
    }
    return text.append("}\n").toString();
  }

  private void add(String row, String column, double value) {
    table
        .computeIfAbsent(row, any -> new LinkedHashMap<>())
        .computeIfAbsent(column, any -> new ArrayList<>())
        .add(value);
    System.out.println(
        String.format(Locale.ROOT, "BENCHMARK %-40s %-16s %10.3f", row, column, value));
  }

  /** The median of each, and the smallest and largest behind it if there are several. */
  private void print() {
    System.out.println("| | " + String.join(" | ", columns) + " |");
    System.out.println("|---|" + "---|".repeat(columns.size()));
    table.forEach(
        (row, values) -> {
          StringBuilder line = new StringBuilder("| ").append(row).append(" |");
          for (String column : columns) {
            line.append(' ').append(cell(values.getOrDefault(column, List.of()))).append(" |");
          }
          System.out.println(line);
        });
  }

  private static String cell(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return "";
    }
    String median = number(sorted[sorted.length / 2]);
    String range =
        " (" + number(sorted[0]) + "-" + number(Arrays.stream(sorted).max().orElse(0)) + ")";
    return sorted.length == 1 ? median : median + range;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.3f", value);
  }

  private static String ordinal(int number) {
    return switch (number) {
      case 1 -> "first";
      case 2 -> "second";
      case 3 -> "third";
      default -> number + "th";
    };
  }

  private static String javaHome(String version) throws IOException {
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      return homes
          .filter(
              each -> each.getFileName().toString().matches("(\\D*|\\D*1\\.)" + version + "\\D.*"))
          .filter(each -> Files.exists(each.resolve("bin/java")))
          .findFirst()
          .orElseThrow(() -> new IOException("no Java " + version + " in /usr/lib/jvm"))
          .toString();
    }
  }
}
