package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What logins, messages and idle sessions cost OpenMMP, beside HAProxy (TCP), nginx (mail) and
 * Dovecot (proxy in its high-performance mode; LMTP proxy), with plain connections to the stores.
 * The front ends run on processor 0, load and stores on the others; start the test with {@code
 * taskset -c 1}.
 *
 * <p>{@code -Dbenchmark.protocols=imap,pop3s} and {@code -Dbenchmark.work=noop,64k} measure some of
 * it only; {@code -Dbenchmark.native=io_uring} measures OpenMMP over that interface of the system
 * as well. {@code -Dbenchmark.baseline=…} names the root of another checkout, compiled, which is
 * measured instead of the other programs; {@code -Dbenchmark.rounds=…} says how often each is, and
 * {@code -Dbenchmark.java=17} on which Java. {@code -Dbenchmark.observing=on} measures what it
 * costs to follow sessions so that they outlive their store (rule B9.3): the baseline is the same
 * program that does not.
 */
@Tag("benchmark")
final class FrontEndBenchmark {
  private static final int LOGINS = 12_000;
  private static final int TLS_LOGINS = 3_000;
  private static final List<Integer> RATES = List.of(3_000, 500, 50);
  private static final int RATED_LOGINS = 4_000;

  /** So many times what is measured first goes before it: Java has compiled it then. */
  private static final double FIRST_WORK_BEFORE = 4;

  private static final int NOOPS = 300_000;
  private static final int BULK_OCTETS = 4 * 1024 * 1024;
  private static final int BULK_FETCHES = 1_536;
  private static final int BULK_DELIVERIES = 384;
  private static final int PAGE_OCTETS = 64 * 1024;
  private static final int PAGE_FETCHES = 49_152;
  private static final int NOTE_OCTETS = 4 * 1024;
  private static final int NOTES = 12_000;
  private static final int BOOK_OCTETS = 1024 * 1024;
  private static final int BOOKS = 1_536;
  private static final int MANY_RECIPIENTS = 10;
  private static final String SURVIVAL =
      "proxy.cluster1 { survive-failover = on, imapadmin = admin, imapadminpass = secret }\n";
  private static final double GIB = 1 << 30;
  private static final String NATIVE = System.getProperty("benchmark.native", "");
  private static final String BASELINE = System.getProperty("benchmark.baseline", "");

  private static final boolean OBSERVING = !System.getProperty("benchmark.observing", "").isEmpty();
  private static final Set<String> JAVAS =
      Set.of(System.getProperty("benchmark.java", "17,25").split(",", -1));

  private static final Set<String> PROTOCOLS =
      named("benchmark.protocols", "imap,pop3,imaps,pop3s,lmtp", "imap,imaps");
  private static final Set<String> WORK =
      named("benchmark.work", "login,rate,noop,64k,4k,1m,4m,idle", "noop,64k,4m,idle");

  private final CostTable table = new CostTable();

  @Test
  void printsWhatTheFrontEndsCost() throws Exception {
    Set<String> mail = new TreeSet<>(PROTOCOLS);
    mail.remove("lmtp");
    try (FrontEnds frontEnds = new FrontEnds(MANY_RECIPIENTS)) {
      if (!mail.isEmpty()) {
        try (Comparison proxies = proxies(frontEnds)) {
          for (String protocol : mail) {
            mail(proxies, protocol);
          }
        }
      }
      if (PROTOCOLS.contains("lmtp")) {
        try (Comparison relays = relays(frontEnds)) {
          deliveries(relays);
        }
      }
    }
    table.tell();
  }

  private static Set<String> named(String property, String all, String observed) {
    Set<String> known = Set.of(all.split(",", -1));
    String usual = OBSERVING ? observed : all;
    Set<String> named = Set.of(System.getProperty(property, usual).split(",", -1));
    assertTrue(known.containsAll(named), property + " names some of " + all);
    return named;
  }

  private static void mail(Comparison proxies, String protocol) throws Exception {
    MailDialect dialect = protocol.startsWith("imap") ? MailDialect.IMAP : MailDialect.POP3;
    if (WORK.contains("login")) {
      logins(proxies, dialect, protocol, protocol.endsWith("s") ? TLS_LOGINS : LOGINS);
    }
    if (WORK.contains("rate") && protocol.equals("imap")) {
      for (int rate : RATES) {
        loginsAt(proxies, dialect, protocol, rate);
      }
    }
    if (WORK.contains("noop")) {
      proxies.cpuSeconds(
          "CPU s per 100,000 NOOPs, " + protocol,
          protocol,
          inRound(NOOPS) / 100_000.0,
          0.3,
          load -> load.begin(dialect::open),
          load -> load.repeat(inRound(NOOPS), dialect::idle));
    }
    if (WORK.contains("64k")) {
      fetches(proxies, dialect, protocol, PAGE_FETCHES, PAGE_OCTETS);
    }
    if (WORK.contains("4m")) {
      fetches(proxies, dialect, protocol, BULK_FETCHES, BULK_OCTETS);
    }
    if (WORK.contains("idle")) {
      proxies.idle(dialect, protocol);
    }
  }

  private static void fetches(
      Comparison proxies, MailDialect dialect, String protocol, int number, int octets)
      throws Exception {
    proxies.cpuSeconds(
        "CPU s per GiB, " + octets / 1024 + " KiB, " + protocol,
        protocol,
        inRound(number) * (double) octets / GIB,
        0.3,
        load -> load.begin(dialect::open),
        load -> load.repeat(inRound(number), client -> dialect.fetch(client, octets)));
  }

  /** The share of a round in all of the work, at least one piece for each client. */
  private static int inRound(int number) {
    return Math.max(number / Comparison.ROUNDS / Load.CLIENTS, 1) * Load.CLIENTS;
  }

  private static void logins(Comparison proxies, MailDialect dialect, String protocol, int number)
      throws Exception {
    proxies.cpuSeconds(
        "CPU s per 1,000 logins, " + protocol,
        protocol,
        inRound(number) / 1000.0,
        FIRST_WORK_BEFORE,
        load -> {},
        load -> load.logins(dialect, inRound(number)));
  }

  /**
   * As many in a second for all: who is saturated lets its peers never sleep, which spares much.
   */
  private static void loginsAt(Comparison proxies, MailDialect dialect, String protocol, int rate)
      throws Exception {
    int number = rate * Math.min(Math.max(RATED_LOGINS / rate, 3), 20);
    proxies.cpuSeconds(
        String.format(Locale.ROOT, "CPU s per 1,000 logins at %,d a second, %s", rate, protocol),
        protocol,
        number / 1000.0,
        1.0 / Comparison.ROUNDS,
        load -> {},
        load -> load.logins(dialect, number, rate));
  }

  private static void deliveries(Comparison relays) throws Exception {
    if (WORK.contains("4k")) {
      deliveries(relays, "4 KiB", NOTES, NOTE_OCTETS);
    }
    if (WORK.contains("1m")) {
      deliveries(relays, "1 MiB", BOOKS, BOOK_OCTETS);
    }
    if (WORK.contains("4m")) {
      BulkLetter letter = new BulkLetter(1, false, BULK_OCTETS);
      deliveries(relays, "GiB, 4 MiB", BULK_DELIVERIES, letter, GIB / BULK_OCTETS);
    }
  }

  /** To one recipient, to many at one store, and to as many at several. */
  private static void deliveries(Comparison relays, String size, int number, int octets)
      throws Exception {
    String what = "1,000 of " + size + " to ";
    String many = what + MANY_RECIPIENTS;
    deliveries(relays, what + 1, number, new BulkLetter(1, false, octets), 1000);
    deliveries(relays, many, number, new BulkLetter(MANY_RECIPIENTS, false, octets), 1000);
    deliveries(
        relays,
        many + " at " + FrontEnds.SPREAD_STORES,
        number,
        new BulkLetter(MANY_RECIPIENTS, true, octets),
        1000);
  }

  private static void deliveries(
      Comparison relays, String what, int number, BulkLetter letter, double unit) throws Exception {
    relays.cpuSeconds(
        "CPU s per " + what + ", lmtp",
        "lmtp",
        inRound(number) / unit,
        number == NOTES ? FIRST_WORK_BEFORE : 0.7,
        load -> load.begin(letter::introduce),
        load -> load.repeat(inRound(number), letter::deliver));
  }

  private Comparison proxies(FrontEnds frontEnds) throws IOException {
    String listeners =
        """
        imap { listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = loopback }
        pop3 { listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = loopback }
        """;
    List<FrontEndUnderTest> all = openMmps(frontEnds, "proxy", listeners);
    if (BASELINE.isEmpty() && !OBSERVING) {
      all.add(frontEnds.haproxy());
      all.add(frontEnds.nginx());
      all.add(frontEnds.dovecotProxy());
    }
    return new Comparison(all, table);
  }

  private Comparison relays(FrontEnds frontEnds) throws IOException {
    String listeners = "lmtp { listen = [\"127.0.0.1:0\"], affinitylist = on }";
    List<FrontEndUnderTest> all = openMmps(frontEnds, "relay", listeners);
    if (BASELINE.isEmpty()) {
      all.add(frontEnds.dovecot());
    }
    return new Comparison(all, table);
  }

  /** On the Java of this test and on the newest one, and what the baseline is on them. */
  private static List<FrontEndUnderTest> openMmps(
      FrontEnds frontEnds, String server, String listeners) throws IOException {
    String classPath = System.getProperty("java.class.path");
    String root = Path.of("").toAbsolutePath().getParent() + "/";
    List<FrontEndUnderTest> all = new ArrayList<>();
    for (String java : List.of(System.getProperty("java.home"), newestJava())) {
      String version = Path.of(java).getFileName().toString().replaceAll("\\D*(\\d+).*", "$1");
      if (!JAVAS.contains(version)) {
        continue;
      }
      String name = "openmmp-" + version;
      if (!BASELINE.isEmpty()) {
        String before = classPath.replace(root, BASELINE + "/");
        String base = name + FrontEndUnderTest.BASELINE;
        all.add(frontEnds.openMmp(base, server, listeners, java, before));
      } else if (OBSERVING) {
        String base = name + FrontEndUnderTest.BASELINE;
        all.add(frontEnds.openMmp(base, server, listeners, java, classPath));
      }
      String settings = OBSERVING ? listeners + SURVIVAL : listeners;
      all.add(frontEnds.openMmp(name, server, settings, java, classPath));
      if (!NATIVE.isEmpty()) {
        String by = settings + "\ntransport.native = " + NATIVE;
        all.add(frontEnds.openMmp(name + "-" + NATIVE, server, by, java, classPath));
      }
    }
    return all;
  }

  private static String newestJava() throws IOException {
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      return homes
          .filter(each -> each.toString().contains("25"))
          .findFirst()
          .orElseThrow()
          .toString();
    }
  }
}
