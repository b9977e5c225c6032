package org.openmmp.program;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.admin.MoveMeters;
import org.openmmp.admin.Query;
import org.openmmp.admin.TextTable;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.text.SafeText;
import org.openmmp.transport.SessionFacts;
import org.openmmp.wire.Network;

/** The sessions that are open: listed, and ended by an administrator (rule B8.5). On any thread. */
final class SessionActions {
  /** An event loop that is stuck keeps nobody waiting for longer. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);

  private static final int USUAL_LIMIT = 1_000;
  private static final int MOST_CHARS = 80;
  private static final List<String> HEADINGS =
      List.of("session", "service", "user", "client", "group", "host", "for", "sent", "received");
  private static final List<Parameter> SELECTORS =
      List.of(
          Parameter.optional("user", "sessions of that user, by whatever login name"),
          Parameter.optional("group", "sessions at that group"),
          Parameter.optional("host", "sessions at that host"),
          Parameter.optional(
              "network", "sessions of clients in that network, such as 192.0.2.0/24"),
          Parameter.optional("service", "imap, pop3 or lmtp"),
          Parameter.optional("session", "the session of that name in the log"),
          Parameter.optional("older", "sessions that began longer ago, such as 30s"));
  private static final List<Parameter> LISTED =
      Stream.concat(
              SELECTORS.stream(),
              Stream.of(Parameter.optional("limit", "sessions to list, the oldest first; 1000")))
          .toList();

  private final SharedRooms rooms;

  SessionActions(SharedRooms rooms) {
    this.rooms = rooms;
  }

  /** The pages that list and end. */
  List<AdminPage> pages() {
    return List.of(
        AdminPage.lookingLater(
            "/api/v1/sessions",
            "Lists open sessions",
            LISTED,
            query -> withUser(query, this::list)),
        AdminPage.lookingLater(
            "/api/v1/moves",
            "Tells how many sessions could go on at another host now, and why the others could not",
            List.of(),
            query -> rooms.movable().thenApply(SessionActions::movable)),
        AdminPage.actingLater(
            "/api/v1/move",
            "Has the sessions that the selectors name go on at another host, where they can",
            Stream.concat(
                    SELECTORS.stream(),
                    Stream.of(
                        Parameter.optional("to", "the host to go to; else the group's master")))
                .toList(),
            query -> withUser(query, this::move)),
        AdminPage.actingLater(
            "/api/v1/kick",
            "Ends the sessions that the selectors name",
            SELECTORS,
            query -> withUser(query, this::kick)));
  }

  /** Those of whom all selectors are true; null if one cannot be understood. */
  private static @Nullable Predicate<SessionFacts> selected(Query query, NamedUser user) {
    Predicate<SessionFacts> all = any -> true;
    if (!user.login().isEmpty()) {
      all = all.and(user::has);
    }
    String group = query.value("group", "");
    if (!group.isEmpty()) {
      all = all.and(each -> has(each.group(), group));
    }
    String host = query.value("host", "");
    if (!host.isEmpty()) {
      all = all.and(each -> has(each.host(), host));
    }
    String service = query.value("service", "");
    if (!service.isEmpty()) {
      if (!ExplainCommand.SERVICES.contains(service)) {
        return null;
      }
      all = all.and(each -> each.service().equals(service));
    }
    String session = query.value("session", "");
    if (!session.isEmpty()) {
      all = all.and(each -> each.id().equals(session));
    }
    String older = query.value("older", "");
    if (!older.isEmpty()) {
      Duration age = AccessActions.duration(older);
      if (age == null) {
        return null;
      }
      Instant before = Instant.now().minus(age);
      all = all.and(each -> each.since().isBefore(before));
    }
    String network = query.value("network", "");
    if (!network.isEmpty()) {
      try {
        Network within = Network.parse(network);
        all = all.and(each -> isIn(within, each.network()));
      } catch (IllegalArgumentException none) {
        return null;
      }
    }
    return all;
  }

  private static boolean has(String several, String one) {
    return Stream.of(several.split(",")).anyMatch(each -> each.strip().equalsIgnoreCase(one));
  }

  private static boolean isIn(Network within, Network address) {
    return within.ipv6() == address.ipv6()
        && within.prefixLength() <= address.prefixLength()
        && address.shortenedTo(within.prefixLength()).equals(within);
  }

  private static Answer notUnderstood(Query query) {
    String service = query.value("service", "");
    String older = query.value("older", "");
    if (!older.isEmpty() && AccessActions.duration(older) == null) {
      return Answer.not(Answer.Kind.WRONG, AccessActions.noTime(older, "30s, 5m or 2h"));
    }
    return Answer.not(
        Answer.Kind.WRONG,
        service.isEmpty() || ExplainCommand.SERVICES.contains(service)
            ? query.value("network", "") + " is no network such as 192.0.2.0/24"
            : "there is no service "
                + SafeText.of(service)
                + ": the services are "
                + String.join(", ", ExplainCommand.SERVICES));
  }

  /** What nobody can be at: a group or host that the configuration does not have; empty: none. */
  private String unknown(Query query) {
    GroupTable table = rooms.now().table();
    String group = query.value("group", "");
    if (!group.isEmpty() && table.named(group).isEmpty()) {
      return "; there is no group " + group;
    }
    String host = query.value("host", "");
    return host.isEmpty()
            || table.groups().stream()
                .flatMap(each -> each.hosts().stream())
                .anyMatch(each -> each.name().equalsIgnoreCase(host))
        ? ""
        : "; no group of the configuration lists " + host + HostActions.suggested(table, host);
  }

  /** Answers once it is known who is meant. */
  private CompletionStage<Answer> withUser(
      Query query, BiFunction<Query, NamedUser, CompletionStage<Answer>> action) {
    return NamedUser.of(rooms.directory(), query.value("user", ""))
        .thenCompose(user -> action.apply(query, user));
  }

  private CompletionStage<Answer> list(Query query, NamedUser user) {
    Predicate<SessionFacts> which = selected(query, user);
    String limit = query.value("limit", Integer.toString(USUAL_LIMIT));
    if (which == null) {
      return CompletableFuture.completedFuture(notUnderstood(query));
    }
    if (!limit.matches("\\d{1,7}")) {
      return CompletableFuture.completedFuture(
          Answer.not(Answer.Kind.WRONG, "limit is a number, such as 1000"));
    }
    return inTime(rooms.sessions().facts())
        .thenApply(all -> all.stream().filter(which).toList())
        .thenApply(
            chosen ->
                chosen.isEmpty() && !unknown(query).isEmpty()
                    ? Answer.not(Answer.Kind.NOTHING, "there is no such session" + unknown(query))
                    : listed(chosen, Integer.parseInt(limit)))
        .exceptionally(SessionActions::late);
  }

  private static Answer listed(List<SessionFacts> chosen, int limit) {
    List<SessionFacts> shown =
        chosen.stream()
            .sorted(Comparator.comparing(SessionFacts::since).thenComparing(SessionFacts::id))
            .limit(limit)
            .toList();
    Instant now = Instant.now();
    List<String> lines = new ArrayList<>();
    lines.add(chosen.size() == 1 ? "1 session" : chosen.size() + " sessions");
    if (!shown.isEmpty()) {
      lines.addAll(TextTable.lines(HEADINGS, shown.stream().map(each -> row(each, now))));
    }
    if (shown.size() < chosen.size()) {
      lines.add("and " + (chosen.size() - shown.size()) + " more (--limit)");
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("count", chosen.size());
    tree.put("sessions", shown.stream().map(each -> tree(each, now)).toList());
    return Answer.done(String.join("\n", lines), tree);
  }

  private static List<String> row(SessionFacts facts, Instant now) {
    return List.of(
        facts.id(),
        facts.service(),
        orDash(facts.user()),
        facts.network().toString(),
        orDash(facts.group()),
        orDash(facts.host()),
        TextTable.inWords(age(facts, now).toNanos()),
        Long.toString(facts.fromClient()),
        Long.toString(facts.toClient()));
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : SafeText.of(text, MOST_CHARS);
  }

  private static Map<String, Object> tree(SessionFacts facts, Instant now) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("session", facts.id());
    tree.put("service", facts.service());
    tree.put("user", facts.user());
    tree.put("client", facts.network().toString());
    tree.put("group", facts.group());
    tree.put("host", facts.host());
    tree.put("forSeconds", age(facts, now).toMillis() / 1e3);
    tree.put("fromClient", facts.fromClient());
    tree.put("toClient", facts.toClient());
    return tree;
  }

  private static Duration age(SessionFacts facts, Instant now) {
    Duration age = Duration.between(facts.since(), now);
    return age.isNegative() ? Duration.ZERO : age;
  }

  private CompletionStage<Answer> move(Query query, NamedUser user) {
    Predicate<SessionFacts> which = selected(query, user);
    if (which == null) {
      return CompletableFuture.completedFuture(notUnderstood(query));
    }
    if (nobodyNamed(query)) {
      return CompletableFuture.completedFuture(whose());
    }
    String to = query.value("to", "");
    boolean known =
        rooms.now().table().groups().stream()
            .flatMap(group -> group.hosts().stream())
            .anyMatch(host -> StoreHost.isName(to) && host.equals(new StoreHost(to)));
    if (!to.isEmpty() && !known) {
      String meant = HostActions.suggested(rooms.now().table(), to);
      return CompletableFuture.completedFuture(
          Answer.not(Answer.Kind.NOTHING, "no group of the configuration lists " + to + meant));
    }
    StoreHost host = to.isEmpty() ? null : new StoreHost(to);
    Predicate<SessionFacts> elsewhere =
        facts -> facts.service().equals("imap") && !facts.host().equalsIgnoreCase(to);
    return inTime(rooms.sessions().move(which.and(elsewhere), host))
        .thenApply(asked -> moving(asked, unknown(query)))
        .exceptionally(SessionActions::late);
  }

  private static Answer moving(List<SessionFacts> asked, String unknown) {
    if (asked.isEmpty()) {
      return Answer.not(Answer.Kind.NOTHING, "there is no such session elsewhere" + unknown);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("count", asked.size());
    tree.put("sessions", asked.stream().map(SessionFacts::id).sorted().toList());
    return Answer.done(
        (asked.size() == 1 ? "1 session is" : asked.size() + " sessions are")
            + " asked to move; those of groups without survive-failover, and those that cannot,"
            + " stay (the log says which: session-moved, session-stranded)",
        tree);
  }

  private static Answer movable(Map<String, Map<String, Integer>> groups) {
    List<String> lines = new ArrayList<>();
    new TreeMap<>(groups)
        .forEach((group, counts) -> lines.add("group " + group + ": " + MoveMeters.words(counts)));
    return Answer.done(
        lines.isEmpty() ? "no session is to outlive its store" : String.join("\n", lines),
        Map.of("groups", MoveMeters.tree(groups)));
  }

  private static boolean nobodyNamed(Query query) {
    return SELECTORS.stream().allMatch(each -> query.value(each.name(), "").isEmpty());
  }

  private static Answer whose() {
    String names = SELECTORS.stream().map(Parameter::name).collect(Collectors.joining(", "));
    return Answer.not(Answer.Kind.WRONG, "say whose sessions: one or more of " + names);
  }

  private CompletionStage<Answer> kick(Query query, NamedUser user) {
    Predicate<SessionFacts> which = selected(query, user);
    if (which == null) {
      return CompletableFuture.completedFuture(notUnderstood(query));
    }
    if (nobodyNamed(query)) {
      return CompletableFuture.completedFuture(whose());
    }
    return inTime(rooms.sessions().end(which))
        .thenApply(ended -> kicked(ended, unknown(query)))
        .exceptionally(SessionActions::late);
  }

  private static Answer kicked(List<SessionFacts> ended, String unknown) {
    if (ended.isEmpty()) {
      return Answer.not(Answer.Kind.NOTHING, "there is no such session" + unknown);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("count", ended.size());
    tree.put("sessions", ended.stream().map(SessionFacts::id).sorted().toList());
    return Answer.done(
        (ended.size() == 1 ? "1 session is" : ended.size() + " sessions are") + " being ended",
        tree);
  }

  private static <T> CompletableFuture<T> inTime(CompletableFuture<T> asked) {
    return asked.copy().orTimeout(LONGEST_LOOK.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static Answer late(Throwable failure) {
    return Answer.not(Answer.Kind.LATE, "sessions could not be asked in time; the log may say why");
  }
}
