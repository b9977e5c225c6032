package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What logins, messages and idle sessions cost OpenMMP, beside HAProxy (TCP), nginx (mail) and
 * Dovecot (LMTP proxy), with plain connections to the stores. The front ends run on processor 0,
 * load and stores on the others; start the test with {@code taskset -c 1}.
 *
 * <p>{@code -Dbenchmark.parts=pop3,lmtp} measures some parts only. {@code -Dbenchmark.baseline=…}
 * names the root of another checkout, compiled, which is measured as well.
 */
@Tag("benchmark")
final class FrontEndBenchmark {
  private static final int LOGINS = 4_000;
  private static final int TLS_LOGINS = 1_000;
  private static final int NOOPS = 100_000;
  private static final int BULK_OCTETS = 4 * 1024 * 1024;
  private static final int BULK_FETCHES = 512;
  private static final int BULK_DELIVERIES = 128;
  private static final int PAGE_OCTETS = 64 * 1024;
  private static final int PAGE_FETCHES = 16_384;
  private static final int NOTE_OCTETS = 4 * 1024;
  private static final int NOTES = 4_000;
  private static final int MANY_RECIPIENTS = 10;
  private static final double GIB = 1 << 30;

  /** What can be measured by itself. */
  private enum Part {
    IMAP,
    POP3,
    TLS,
    IDLE,
    LMTP
  }

  @Test
  void printsWhatTheFrontEndsCost() throws Exception {
    Set<Part> parts = parts();
    assertTrue(!parts.isEmpty(), "a part is measured");
    try (FrontEnds frontEnds = new FrontEnds(MANY_RECIPIENTS)) {
      if (!EnumSet.of(Part.LMTP).containsAll(parts)) {
        try (Comparison proxies = proxies(frontEnds)) {
          compare(proxies, parts);
        }
      }
      if (parts.contains(Part.LMTP)) {
        try (Comparison relays = relays(frontEnds)) {
          deliveries(relays);
        }
      }
    }
  }

  private static Set<Part> parts() {
    String named = System.getProperty("benchmark.parts", "");
    if (named.isEmpty()) {
      return EnumSet.allOf(Part.class);
    }
    return Stream.of(named.toUpperCase(Locale.ROOT).split(",", -1))
        .map(Part::valueOf)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Part.class)));
  }

  private static void compare(Comparison proxies, Set<Part> parts) throws Exception {
    if (parts.contains(Part.IMAP)) {
      mail(proxies, MailDialect.IMAP, "imap");
    }
    if (parts.contains(Part.POP3)) {
      mail(proxies, MailDialect.POP3, "pop3");
    }
    if (parts.contains(Part.TLS)) {
      logins(proxies, MailDialect.IMAP, "imaps", TLS_LOGINS);
      logins(proxies, MailDialect.POP3, "pop3s", TLS_LOGINS);
    }
    if (parts.contains(Part.IDLE)) {
      proxies.idleMemory(MailDialect.IMAP, "imap");
    }
  }

  private static void mail(Comparison proxies, MailDialect dialect, String protocol)
      throws Exception {
    double pages = PAGE_FETCHES * (double) PAGE_OCTETS / GIB;
    double bulk = BULK_FETCHES * (double) BULK_OCTETS / GIB;
    logins(proxies, dialect, protocol, LOGINS);
    proxies.cpuSeconds(
        "CPU s per 100,000 NOOPs, " + protocol, protocol, 1, 0, load -> load.noops(dialect, NOOPS));
    proxies.cpuSeconds(
        "CPU s per GiB, 64 KiB, " + protocol,
        protocol,
        pages,
        1,
        load -> load.fetches(dialect, PAGE_FETCHES, PAGE_OCTETS));
    proxies.cpuSeconds(
        "CPU s per GiB, 4 MiB, " + protocol,
        protocol,
        bulk,
        0,
        load -> load.fetches(dialect, BULK_FETCHES, BULK_OCTETS));
  }

  private static void logins(Comparison proxies, MailDialect dialect, String protocol, int number)
      throws Exception {
    proxies.cpuSeconds(
        "CPU s per 1,000 logins, " + protocol,
        protocol,
        number / 1000.0,
        3,
        load -> load.logins(dialect, number));
  }

  private static void deliveries(Comparison relays) throws Exception {
    for (int recipients : List.of(1, MANY_RECIPIENTS)) {
      BulkLetter note = new BulkLetter(recipients, NOTE_OCTETS);
      relays.cpuSeconds(
          "CPU s per 1,000 of 4 KiB to " + recipients,
          "lmtp",
          NOTES / 1000.0,
          2,
          load -> load.deliveries(NOTES, note));
    }
    BulkLetter bulk = new BulkLetter(1, BULK_OCTETS);
    relays.cpuSeconds(
        "CPU s per GiB, 4 MiB, lmtp",
        "lmtp",
        BULK_DELIVERIES * (double) BULK_OCTETS / GIB,
        1,
        load -> load.deliveries(BULK_DELIVERIES, bulk));
  }

  private static Comparison proxies(FrontEnds frontEnds) throws IOException {
    String listeners =
        """
        imap { listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = loopback }
        pop3 { listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = loopback }
        """;
    List<FrontEndUnderTest> all = openMmps(frontEnds, "proxy", listeners);
    all.add(frontEnds.haproxy());
    all.add(frontEnds.nginx());
    return new Comparison(all);
  }

  private static Comparison relays(FrontEnds frontEnds) throws IOException {
    String listeners = "lmtp { listen = [\"127.0.0.1:0\"], affinitylist = on }";
    List<FrontEndUnderTest> all = openMmps(frontEnds, "relay", listeners);
    all.add(frontEnds.dovecot());
    return new Comparison(all);
  }

  /** On the Java of this test and on the newest one, and what the baseline is on them. */
  private static List<FrontEndUnderTest> openMmps(
      FrontEnds frontEnds, String server, String listeners) throws IOException {
    String classPath = System.getProperty("java.class.path");
    String root = Path.of("").toAbsolutePath().getParent() + "/";
    String baseline = System.getProperty("benchmark.baseline", "");
    List<FrontEndUnderTest> all = new ArrayList<>();
    for (String java : List.of(System.getProperty("java.home"), newestJava())) {
      String version = Path.of(java).getFileName().toString().replaceAll("\\D*(\\d+).*", "$1");
      all.add(frontEnds.openMmp("openmmp-" + version, server, listeners, java, classPath));
      if (!baseline.isEmpty()) {
        String before = classPath.replace(root, baseline + "/");
        all.add(frontEnds.openMmp("openmmp-" + version + "-base", server, listeners, java, before));
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
