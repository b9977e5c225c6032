package org.openmmp.program;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.admin.AdminPage.Told;
import org.openmmp.admin.TextTable;
import org.openmmp.config.SharedConfig;
import org.openmmp.guard.HeldPlaces;
import org.openmmp.guard.WrongPassword;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.shared.FrontEndOfSite;
import org.openmmp.shared.NodeAnswer;
import org.openmmp.shared.NodeFacts;
import org.openmmp.shared.Order;
import org.openmmp.shared.Seal;
import org.openmmp.shared.Site;
import org.openmmp.text.Json;
import org.openmmp.text.SafeText;
import org.openmmp.transport.ServerTls;
import org.openmmp.wire.Secret;
import org.slf4j.event.Level;

/**
 * The front ends of a site act as one (rules B10.1 to B10.5): what an administrator does at one is
 * done at all of them, with an answer of each. On any thread.
 */
final class SiteActions implements FrontEndOfSite, AutoCloseable {
  /** What is done at all front ends unless this one alone is meant. */
  private static final Set<String> ACTING =
      Set.of(
          "kick",
          "drain",
          "undrain",
          "retire",
          "block",
          "unblock",
          "flush",
          "failback",
          "prefer",
          "recovery",
          "activate-site",
          "deactivate-site");

  /** What is asked of all front ends if that is wanted. */
  private static final Set<String> LOOKING = Set.of("sessions", "blocks");

  private static final String API = "/api/v1/";
  private static final int OK = 200;
  private static final int WRONG = 400;
  private static final int REFUSED = 409;
  private static final int OVER = 410;

  /** Done, but not all front ends that are known could be told. */
  static final int NOT_TOLD = 502;

  /** A list of a moment that is longer ago tells nobody anything. */
  private static final long PRESENT_MILLIS = 10_000;

  private static final Pattern COUNT = Pattern.compile("\\{\"count\":(\\d{1,9})[,}]");
  private static final Pattern FOR = Pattern.compile("(^|&)for=(\\d{1,6}[smhd])(?=&|$)");
  private static final long FORGED_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
  private static final List<String> HEADINGS =
      List.of("front end", "state", "clients", "groups", "version");

  private final SharedRooms rooms;
  private final Decisions decisions;
  private final BooleanSupplier draining;
  private final ActionLog actions;
  private final EventLog log;
  private final Map<String, AdminPage> pages = new ConcurrentHashMap<>();
  private final Map<String, Long> forged = new ConcurrentHashMap<>();
  private volatile Set<String> otherTables = Set.of();
  private volatile Set<String> sameNames = Set.of();
  private volatile @Nullable Site site;

  /**
   * Nothing is shared yet.
   *
   * @param draining whether this front end is about to stop
   * @param actions is told what was done for another front end
   */
  SiteActions(SharedRooms rooms, Decisions decisions, BooleanSupplier draining, ActionLog actions) {
    this.rooms = rooms;
    this.decisions = decisions;
    this.draining = draining;
    this.actions = actions;
    log = rooms.log("shared");
    rooms.onNews(this::hurry);
    rooms.prober().onBegin(this::hurry);
    meter();
  }

  /** Shares by that configuration from now on. */
  synchronized void follow(SharedConfig config) {
    close();
    rooms.selector().heard(List.of(), System.nanoTime());
    rooms.prober().share(0, Map.of());
    if (config.on()) {
      rooms.limits().share(Seal.derived(config.key(), "openmmp held places"));
      site = new Site(config, this);
      rooms.penalty().share(Seal.derived(config.key(), "openmmp wrong passwords"), this::tell);
    } else {
      rooms.penalty().shareNothing();
      rooms.limits().share(null);
      rooms.among(1);
    }
  }

  private void meter() {
    gauge(
        "up",
        "1 while what the site shares is there, 0 while this front end works alone; NaN: nothing is"
            + " shared",
        this::up);
    gauge(
        "front.ends",
        "Front ends of the site that show signs of life, this one included",
        () -> members().stream().filter(each -> !each.away()).count());
    gauge(
        "tables.differ",
        "Front ends that have had another group table for a minute",
        () -> otherTables.size());
    gauge("names.twice", "Names that two front ends of the site have", () -> sameNames.size());
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    rooms.metrics().gauge("openmmp.shared." + name, help, value);
  }

  private double up() {
    Site now = site;
    return now == null ? Double.NaN : now.here() ? 1 : 0;
  }

  private void hurry() {
    Site now = site;
    if (now != null) {
      now.hurry();
    }
  }

  private void tell(WrongPassword wrong) {
    Site now = site;
    if (now != null) {
      now.guessed(wrong);
    }
  }

  private List<Site.Member> members() {
    Site now = site;
    return now == null ? List.of() : now.members();
  }

  /** The site for the dashboard; empty if nothing is shared. */
  List<Map<String, Object>> tree() {
    return members().stream().map(this::tree).toList();
  }

  private Map<String, Object> tree(Site.Member member) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("node", SafeText.of(member.node()));
    tree.put("own", member.own());
    tree.put("state", state(member));
    tree.put("clients", member.facts().clients());
    tree.put("sameGroups", sameGroups(member));
    tree.put("version", SafeText.of(member.facts().version()));
    return tree;
  }

  private static String state(Site.Member member) {
    return member.otherKey()
        ? "other key"
        : member.away() ? "away" : member.facts().draining() ? "draining" : "here";
  }

  private boolean sameGroups(Site.Member member) {
    return member.facts().fingerprint().equals(rooms.now().table().fingerprint());
  }

  /** The same pages, some of them for all front ends if that is wanted, and the site's own. */
  List<AdminPage> across(List<AdminPage> all) {
    List<AdminPage> wrapped = new ArrayList<>();
    for (AdminPage page : all) {
      String word = page.path().substring(API.length());
      boolean acting = ACTING.contains(word);
      if (!acting && !LOOKING.contains(word)) {
        wrapped.add(page);
        continue;
      }
      pages.put(page.path(), page);
      wrapped.add(
          page.with(
              Parameter.optional(
                  "site",
                  "yes: at all front ends of the site; no: at this one; if-shared: at all where"
                      + " anything is shared. Default: "
                      + (acting ? "if-shared" : "no")),
              (choice, query) -> reach(page, acting, choice, query)));
    }
    wrapped.add(
        AdminPage.looking(
            API + "site", "The front ends of the site", List.of(), any -> sitePage()));
    return wrapped;
  }

  private Answer sitePage() {
    Site now = site;
    if (now == null) {
      return Answer.not(Answer.Kind.REFUSED, "openmmp.shared.url is not set: nothing is shared");
    }
    List<Site.Member> all = now.members();
    List<String> lines = new ArrayList<>();
    lines.add(
        "site "
            + now.name()
            + ", as "
            + now.node()
            + " sees it"
            + (now.here() ? "" : ": " + unshared(now) + ", and it works alone"));
    lines.addAll(TextTable.lines(HEADINGS, all.stream().map(this::row)));
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("site", now.name());
    tree.put("shared", now.here());
    tree.put("frontEnds", all.stream().map(this::tree).toList());
    return Answer.done(String.join("\n", lines), tree);
  }

  private static String unshared(Site now) {
    return now.away() ? "what is shared is away" : "what is shared is not reached yet";
  }

  /** Why this front end works alone, where something is shared; empty: it does not. */
  String alone() {
    Site now = site;
    return now == null || now.here() ? "" : unshared(now);
  }

  private List<String> row(Site.Member member) {
    return List.of(
        SafeText.of(member.node()) + (member.own() ? " (this one)" : ""),
        state(member)
            + (member.away() ? " for " + TextTable.inWords(member.lastSeenNanosAgo()) : ""),
        Integer.toString(member.facts().clients()),
        sameGroups(member) ? "the same" : "others",
        SafeText.of(member.facts().version()));
  }

  private @Nullable CompletionStage<Told> reach(
      AdminPage page, boolean acting, String choice, String query) {
    Site now = site;
    boolean text = query.contains("format=text");
    return switch (choice.isEmpty() ? (acting ? "if-shared" : "no") : choice) {
      case "no" -> null;
      case "if-shared" -> now == null ? null : atAll(now, page, query, text);
      case "yes" ->
          now == null
              ? refused(REFUSED, "openmmp.shared.url is not set: there is no site", text)
              : atAll(now, page, query, text);
      default -> refused(WRONG, "site is yes, no or if-shared", text);
    };
  }

  private static CompletionStage<Told> refused(int status, String why, boolean text) {
    return CompletableFuture.completedStage(
        new Told(status, (text ? why : Json.write(Map.of("error", why))) + "\n"));
  }

  /** Done here first, so that nothing waits for the others; what is wrong here is wrong there. */
  private static CompletionStage<Told> atAll(Site now, AdminPage page, String query, boolean text) {
    return page.tell(query)
        .thenCompose(
            own ->
                own.status() == WRONG
                    ? CompletableFuture.completedStage(own)
                    : now.give(page.path(), query)
                        .thenApply(
                            others ->
                                together(
                                    new NodeAnswer(now.node(), own.status(), own.body()),
                                    others,
                                    text)));
  }

  private static Told together(NodeAnswer own, List<NodeAnswer> others, boolean text) {
    List<NodeAnswer> all = new ArrayList<>(List.of(own));
    all.addAll(others);
    boolean done = all.stream().anyMatch(each -> each.status() == OK);
    int status = !done ? own.status() : all.stream().anyMatch(NodeAnswer::untold) ? NOT_TOLD : OK;
    return new Told(status, text ? text(all) : json(all));
  }

  private static String text(List<NodeAnswer> all) {
    return all.stream()
        .map(each -> SafeText.of(each.node()) + ": " + each.body().strip().replace("\n", "\n  "))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String json(List<NodeAnswer> all) {
    long count = 0;
    List<String> nodes = new ArrayList<>();
    for (NodeAnswer each : all) {
      Matcher counted = COUNT.matcher(each.body());
      count += counted.lookingAt() ? Long.parseLong(counted.group(1)) : 0;
      String answer =
          each.body().startsWith("{")
              ? each.body().strip()
              : Json.write(Map.of("error", each.body().strip()));
      nodes.add(
          "{\"node\":%s,\"status\":%d,\"answer\":%s}"
              .formatted(Json.write(each.node()), each.status(), answer));
    }
    return "{\"count\":" + count + ",\"nodes\":[" + String.join(",", nodes) + "]}\n";
  }

  @Override
  public NodeFacts facts() {
    return new NodeFacts(
        rooms.now().table().fingerprint(),
        OwnMeters.version(),
        rooms.sessions().count(),
        draining.getAsBoolean());
  }

  @Override
  public List<GroupWord> words() {
    return rooms.selector().words();
  }

  @Override
  public void heard(List<GroupWord> words, long nowNanos) {
    rooms.selector().heard(words, nowNanos);
  }

  @Override
  public List<ProbePlan.Turn<ProbePlace>> turns() {
    return rooms.prober().turns();
  }

  @Override
  public void othersTurns(long own, Map<Long, List<ProbePlan.Turn<ProbePlace>>> turns) {
    rooms.prober().share(own, turns);
  }

  @Override
  public void guessed(List<WrongPassword> wrong, long nowNanos) {
    wrong.forEach(each -> rooms.penalty().heard(each, nowNanos));
  }

  @Override
  public HeldPlaces held(int frontEnds) {
    return rooms.limits().held(frontEnds);
  }

  @Override
  public void heldElsewhere(List<HeldPlaces> held) {
    rooms.limits().elsewhere(held);
  }

  @Override
  public void among(int frontEnds) {
    rooms.among(frontEnds);
  }

  /** TLS that was read since the last second has them a second later. */
  @Override
  public void tickets(List<Secret> secrets) {
    for (ServerTls each : rooms.now().allTls()) {
      each.resumeBy(secrets);
    }
  }

  @Override
  public CompletionStage<NodeAnswer> carryOut(Order order, long ageMillis) {
    String node = rooms.now().config().shared().node();
    AdminPage page = pages.get(order.path());
    if (page == null) {
      return CompletableFuture.completedStage(
          new NodeAnswer(node, REFUSED, "this front end does not know " + order.path()));
    }
    String word = order.path().substring(API.length());
    boolean acting = ACTING.contains(word);
    String query = aged(word, order.query(), ageMillis);
    if (query == null || (!acting && ageMillis > PRESENT_MILLIS)) {
      return CompletableFuture.completedStage(
          new NodeAnswer(node, OVER, "its time was over when this front end heard of it"));
    }
    return page.tell(query)
        .thenApply(
            told -> {
              if (acting) {
                actions.tell(order.node(), "site", order.path(), query, told.status());
              }
              return new NodeAnswer(node, told.status(), told.body());
            });
  }

  /** What is wanted now of what was wanted then; null: nothing any more. */
  private static @Nullable String aged(String word, String query, long ageMillis) {
    long seconds = TimeUnit.MILLISECONDS.toSeconds(ageMillis);
    if (word.equals("kick") && seconds > 2 && !query.contains("older=")) {
      return query + "&older=" + seconds + "s"; // those who came since are not meant
    }
    Matcher time = FOR.matcher(query);
    if (!word.equals("block") || seconds == 0 || !time.find()) {
      return query;
    }
    Duration whole = AccessActions.duration(time.group(2));
    if (whole == null || whole.isZero()) {
      return query;
    }
    long left = whole.toSeconds() - seconds;
    String until = left > 999_999 ? left / 60 + "m" : left + "s";
    return left <= 0 ? null : time.replaceFirst("$1for=" + until);
  }

  @Override
  public String lastOrder() {
    return decisions.all(Decisions.SITE_ORDER).stream().findFirst().orElse("");
  }

  @Override
  public void carriedOut(String place) {
    decisions.replace(Decisions.SITE_ORDER, any -> true, place);
  }

  @Override
  public void missed() {
    tell(
        Level.WARN,
        "shared-orders-missed",
        "node",
        rooms.now().config().shared().node(),
        "this front end was away for so long that orders of the others are not carried out here:"
            + " compare what status and blocks say at all of them");
  }

  private void tell(Level level, String event, String key, String value, String why) {
    log.write(level, log.line(level, event).with(key, SafeText.of(value)).with("why", why));
    rooms.news().tell(level, why + (value.isEmpty() ? "" : ": " + SafeText.of(value)));
  }

  @Override
  public void away(String reason) {
    otherTables = Set.of();
    sameNames = Set.of();
    tell(
        Level.WARN,
        "shared-away",
        "reason",
        reason,
        "what the site shares is away, and this front end works alone until it is back");
  }

  @Override
  public void back() {
    tell(
        Level.INFO,
        "shared-back",
        "site",
        rooms.now().config().shared().site(),
        "what the site shares is there");
  }

  @Override
  public void forged(String where) {
    long now = System.nanoTime();
    Long before = forged.get(where);
    if (before == null || now - before > FORGED_AGAIN_NANOS) {
      forged.put(where, now);
      tell(
          Level.WARN,
          "shared-forged",
          "where",
          where,
          "something stands there that nobody who has this site's key has put there so, and is"
              + " passed over");
    }
  }

  @Override
  public void sameNames(Set<String> nodes) {
    Set<String> before = sameNames;
    sameNames = Set.copyOf(nodes);
    for (String node : nodes) {
      if (!before.contains(node)) {
        tell(
            Level.WARN,
            "shared-name-twice",
            "node",
            node,
            "two front ends of the site have one name: set openmmp.shared.node");
      }
    }
  }

  @Override
  public void otherTables(Set<String> nodes) {
    otherTables = new TreeSet<>(nodes);
    if (nodes.isEmpty()) {
      tell(Level.INFO, "shared-tables-agree", "nodes", "", "all front ends have the same groups");
    } else {
      tell(
          Level.ERROR,
          "shared-tables-differ",
          "nodes",
          String.join(" ", nodes),
          "they have other groups than this front end: compare openmmp.proxy, and reload");
    }
  }

  @Override
  public synchronized void close() {
    Site now = site;
    site = null;
    if (now != null) {
      now.close();
    }
  }
}
