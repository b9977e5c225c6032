package org.openmmp.it.bench;

import io.netty.util.ResourceLeakDetector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.Postfix;
import org.openmmp.it.fixture.RunDirectory;

/**
 * What the full queue of a Postfix, with its twenty connections, lives through behind OpenMMP's
 * relay when the master of three stores dies, hangs or vanishes in the middle of it, and what the
 * store that takes over has to bear. It prints the rows of a table; {@code -Dqueue.messages=500}
 * and {@code -Dqueue.faults=hung} say less. It needs root, for its network namespaces.
 */
@Tag("benchmark")
final class QueueBenchmark {
  private static final int MESSAGES = Integer.getInteger("queue.messages", 3_000);
  private static final List<String> FAULTS =
      List.of(System.getProperty("queue.faults", "killed,hung,black_holed").split(",", -1));

  /** What Postfix has at once to a destination, as delivered. */
  private static final int CONNECTIONS = 20;

  private static final Duration LIMIT = Duration.ofMinutes(8);
  private static final String HOLD =
      "smtpd_end_of_data_restrictions = check_client_access static:hold\n";

  @Test
  void printsHowAQueueIsLed() throws Exception {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    System.out.println(
        "| fault | messages left in the queue then | next one delivered after | all but those under"
            + " way at the lost store delivered after | how many those were, and when the queue was"
            + " empty | connections begun to the lost store meanwhile, and most in a second |"
            + " delivered a second: before, at the new master, most | lost, doubled, returned |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (String fault : FAULTS) {
      try (RunDirectory run = RunDirectory.of(QueueBenchmark.class);
          CrowdSite site = new CrowdSite(run);
          CrowdFrontEnds all = new CrowdFrontEnds(run, site, 0);
          FrontEndUnderTest relay = all.relay();
          Postfix postfix = queue(run, relay)) {
        measure(postfix, site, CrowdSite.Fault.valueOf(fault.toUpperCase(Locale.ROOT)));
      }
    }
  }

  private static Postfix queue(RunDirectory run, FrontEndUnderTest relay) {
    InetSocketAddress nextHop =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.door("lmtp").port());
    Postfix postfix = new Postfix(run, "postfix", nextHop, HOLD);
    try (DeliveryConnection sender = postfix.connect()) {
      for (int number = 0; number < MESSAGES; number++) {
        sender.deliver(
            "sender@example.org",
            List.of("next@example.com"),
            Letter.about("number " + number).octets());
      }
    }
    return postfix;
  }

  private static void measure(Postfix postfix, CrowdSite site, CrowdSite.Fault fault) {
    long released = System.currentTimeMillis();
    postfix.release();
    await(postfix, site, MESSAGES / 4);
    site.elect(1, List.of(1, 2));
    site.countAttempts();
    long began = System.currentTimeMillis();
    fault.happen(site);
    int before = site.taken(-1).size();
    int left = MESSAGES - before;
    // What waits for the lost store's word waits for it as long as it may.
    await(postfix, site, MESSAGES - (fault == CrowdSite.Fault.KILLED ? 0 : CONNECTIONS));
    awaitCalm(site);
    long most = site.taken(1).stream().mapToLong(CrowdSite.Taken::atMillis).max().orElse(began);
    int underWay = MESSAGES - distinct(site);
    Map<String, Long> attempts = site.bySecond(CrowdSite.LMTP_PORT);
    if (fault != CrowdSite.Fault.KILLED) {
      fault.end(site);
    }
    Await.until(postfix::log, LIMIT, postfix::hasHandedOverAll);
    long empty = System.currentTimeMillis();
    Map<Integer, Integer> copies = new HashMap<>();
    site.taken(-1).forEach(each -> copies.merge(each.number(), 1, Integer::sum));
    System.out.println(
        "| %s | %d | %s | %.1f s | %d, %.1f s | %d, %d | %.0f, %.0f, %d | %d, %d, %d |"
            .formatted(
                fault.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                left,
                nextAfter(site, began),
                (most - began) / 1_000.0,
                underWay,
                (empty - began) / 1_000.0,
                attempts.values().stream().mapToLong(Long::longValue).sum(),
                attempts.values().stream().mapToLong(Long::longValue).max().orElse(0),
                before * 1_000.0 / (began - released),
                site.taken(1).size() * 1_000.0 / Math.max(most - began, 1),
                mostInASecond(site.taken(1)),
                MESSAGES - copies.size(),
                copies.values().stream().filter(times -> times > 1).count(),
                postfix.log().lines().filter(line -> line.contains("status=bounced")).count()));
  }

  private static void await(Postfix postfix, CrowdSite site, int messages) {
    Await.until(
        () -> distinct(site) + " of " + messages + "\n" + postfix.log(),
        LIMIT,
        () -> distinct(site) >= messages);
  }

  /** Waits until nothing is taken any more for two seconds. */
  private static void awaitCalm(CrowdSite site) {
    List<CrowdSite.Taken> taken = new ArrayList<>();
    Await.until(
        "no calm",
        LIMIT,
        () -> {
          taken.clear();
          taken.addAll(site.taken(1));
          return taken.stream()
              .allMatch(each -> System.currentTimeMillis() - each.atMillis() > 2_000);
        });
  }

  private static int distinct(CrowdSite site) {
    return (int) site.taken(-1).stream().map(CrowdSite.Taken::number).distinct().count();
  }

  private static String nextAfter(CrowdSite site, long beganMillis) {
    return site.taken(1).stream().mapToLong(CrowdSite.Taken::atMillis).min().stream()
        .mapToObj(first -> "%.2f s".formatted((first - beganMillis) / 1_000.0))
        .findFirst()
        .orElse("none");
  }

  private static int mostInASecond(List<CrowdSite.Taken> taken) {
    Map<Long, Integer> bySecond = new HashMap<>();
    taken.forEach(each -> bySecond.merge(each.atMillis() / 1_000, 1, Integer::sum));
    return bySecond.isEmpty() ? 0 : Collections.max(bySecond.values());
  }
}
