package org.openmmp.program;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.Metrics;
import org.openmmp.text.SafeText;
import org.openmmp.transport.SessionFacts;
import org.openmmp.wire.Network;

/**
 * What goes on at the moment: logins within one second from the question on, by outcome, what took
 * them the longest, and who has the most sessions. It costs nothing while nobody asks.
 */
final class TopPage {
  private static final Duration SAMPLE = Duration.ofSeconds(1);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
  private static final int SHOWN = 10;
  private static final int MOST_CHARS = 60;

  private TopPage() {}

  static AdminPage of(SharedRooms rooms) {
    return AdminPage.lookingLater(
        "/api/v1/top",
        "Logins in a second by outcome, the slowest phase, users, networks and hosts with the most"
            + " sessions",
        List.of(),
        any -> look(rooms));
  }

  private static CompletionStage<Answer> look(SharedRooms rooms) {
    Metrics metrics = rooms.metrics();
    Map<String, Double> logins = metrics.logins();
    Map<String, Metrics.Spent> phases = metrics.phases();
    return CompletableFuture.supplyAsync(
            () -> Map.of(),
            CompletableFuture.delayedExecutor(SAMPLE.toMillis(), TimeUnit.MILLISECONDS))
        .thenCompose(
            later ->
                rooms
                    .sessions()
                    .facts()
                    .copy()
                    .orTimeout(LONGEST_LOOK.toNanos(), TimeUnit.NANOSECONDS))
        .thenApply(facts -> tell(grown(logins, metrics.logins()), spent(phases, metrics), facts))
        .exceptionally(late -> Answer.not(Answer.Kind.LATE, "sessions could not be asked in time"));
  }

  private static Map<String, Double> grown(Map<String, Double> before, Map<String, Double> now) {
    Map<String, Double> grown = new TreeMap<>();
    now.forEach(
        (key, count) -> {
          double more = count - before.getOrDefault(key, 0.0);
          if (more > 0) {
            grown.put(key, more);
          }
        });
    return grown;
  }

  /** Seconds of a login on average, by service and phase. */
  private static Map<String, Double> spent(Map<String, Metrics.Spent> before, Metrics metrics) {
    Map<String, Double> average = new TreeMap<>();
    metrics
        .phases()
        .forEach(
            (key, now) -> {
              Metrics.Spent then = before.getOrDefault(key, Metrics.Spent.NOTHING);
              if (now.count() > then.count()) {
                average.put(key, (now.seconds() - then.seconds()) / (now.count() - then.count()));
              }
            });
    return average;
  }

  private static Answer tell(
      Map<String, Double> logins, Map<String, Double> phases, List<SessionFacts> sessions) {
    Map<String, Long> users = most(sessions, SessionFacts::user);
    Map<String, Long> networks = most(sessions, each -> site(each.network()));
    Map<String, Long> hosts = most(sessions, SessionFacts::host);
    Map<String, Long> services = most(sessions, SessionFacts::service);
    String slowest =
        phases.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(
                each ->
                    String.format(Locale.ROOT, "%s %.1f ms", each.getKey(), each.getValue() * 1e3))
            .orElse("-");
    List<String> lines = new ArrayList<>();
    lines.add(
        "logins in a second  "
            + (logins.isEmpty()
                ? "-"
                : logins.entrySet().stream()
                    .map(each -> each.getKey() + " " + Math.round(each.getValue()))
                    .collect(Collectors.joining(", "))));
    lines.add("slowest phase       " + slowest);
    lines.add("sessions            " + inWords(services));
    lines.add("users               " + inWords(users));
    lines.add("networks            " + inWords(networks));
    lines.add("hosts               " + inWords(hosts));
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("loginsPerSecond", logins);
    tree.put("phaseSeconds", phases);
    tree.put("sessions", sessions.size());
    tree.put("services", services);
    tree.put("users", users);
    tree.put("networks", networks);
    tree.put("hosts", hosts);
    return Answer.done(String.join("\n", lines), tree);
  }

  private static String site(Network client) {
    int bits = client.ipv6() ? 56 : 24;
    return (client.prefixLength() > bits ? client.shortenedTo(bits) : client).toString();
  }

  private static Map<String, Long> most(
      List<SessionFacts> sessions, Function<SessionFacts, String> what) {
    Map<String, Long> counts =
        sessions.stream()
            .map(what)
            .filter(each -> !each.isEmpty())
            .collect(Collectors.groupingBy(each -> each, Collectors.counting()));
    Map<String, Long> most = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(SHOWN)
        .forEach(each -> most.put(each.getKey(), each.getValue()));
    return most;
  }

  private static String inWords(Map<String, Long> counts) {
    return counts.isEmpty()
        ? "-"
        : counts.entrySet().stream()
            .map(each -> SafeText.of(each.getKey(), MOST_CHARS) + " " + each.getValue())
            .collect(Collectors.joining(", "));
  }
}
