package org.openmmp.program;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.config.DrainConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.Use;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.transport.SessionFacts;
import org.slf4j.event.Level;

/** What an administrator does to a host (rule B2.26). On any thread. */
final class HostActions {
  private static final Parameter HOST = Parameter.needed("host", "a host of a configured group");

  private final SharedRooms rooms;
  private final Decisions decisions;
  private final Runnable leaveWithdrawn;
  private final Map<StoreHost, Goodbyes> leaving = new ConcurrentHashMap<>();

  /** Those of them of which the dashboard was told that nobody is there any more. */
  private final Set<StoreHost> emptied = ConcurrentHashMap.newKeySet();

  /**
   * Nothing is decided yet.
   *
   * @param leaveWithdrawn has servers give up what they keep at hosts that were taken out of use
   */
  HostActions(SharedRooms rooms, Decisions decisions, Runnable leaveWithdrawn) {
    this.rooms = rooms;
    this.decisions = decisions;
    this.leaveWithdrawn = leaveWithdrawn;
  }

  /** Has what was decided before hold. */
  void restore() {
    long now = System.nanoTime();
    for (String name : decisions.all(Decisions.DRAINED)) {
      if (StoreHost.isName(name)) {
        rooms.selector().drain(new StoreHost(name), now);
        sendAwayDrained(new StoreHost(name));
      } else {
        decisions.passedOver(Decisions.DRAINED, name, "that is no name of a host");
      }
    }
    for (String name : decisions.all(Decisions.RETIRED)) {
      if (!StoreHost.isName(name)) {
        decisions.passedOver(Decisions.RETIRED, name, "that is no name of a host");
      } else if (rooms.selector().needing(new StoreHost(name)).isEmpty()) {
        rooms.selector().retire(new StoreHost(name));
      } else {
        decisions.passedOver(Decisions.RETIRED, name, "a group would have no host left");
      }
    }
  }

  /** The hosts that are retired now. */
  SortedSet<String> retired() {
    return rooms.selector().snapshot(System.nanoTime()).stream()
        .flatMap(group -> group.hosts().stream())
        .filter(each -> each.use() == Use.RETIRED)
        .map(each -> each.host().name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Another configuration was taken over: a retired host that it lists is wanted again. */
  void reloaded() {
    decisions.replace(Decisions.RETIRED, any -> true, "");
  }

  /** The pages that act. */
  List<AdminPage> pages() {
    return List.of(
        AdminPage.acting(
            "/api/v1/drain",
            "Has the other hosts of its groups take over from a host, and ends the sessions there",
            List.of(HOST),
            query -> onHost(query.value("host", ""), this::drain)),
        AdminPage.acting(
            "/api/v1/undrain",
            "Puts a host to use again that was drained or retired",
            List.of(HOST),
            query -> onHost(query.value("host", ""), this::undrain)),
        AdminPage.acting(
            "/api/v1/retire",
            "Has a host never chosen until the next reload, and ends the sessions there",
            List.of(HOST),
            query -> onHost(query.value("host", ""), this::retire)));
  }

  private Answer onHost(String name, Function<StoreHost, Answer> action) {
    Optional<StoreHost> host =
        rooms.now().table().groups().stream()
            .flatMap(group -> group.hosts().stream())
            .filter(each -> StoreHost.isName(name) && each.equals(new StoreHost(name)))
            .findFirst();
    return host.map(action)
        .orElseGet(
            () ->
                Answer.not(
                    Answer.Kind.NOTHING,
                    "no group of the configuration lists "
                        + name
                        + suggested(rooms.now().table(), name)));
  }

  /** The hosts that may be meant by a name that no group lists: "; is huey.example.com meant?". */
  static String suggested(GroupTable table, String name) {
    String meant =
        table.groups().stream()
            .flatMap(group -> group.hosts().stream())
            .map(StoreHost::name)
            .distinct()
            .filter(each -> each.startsWith(name + ".") || name.startsWith(each + "."))
            .collect(Collectors.joining(" or "));
    return meant.isEmpty() ? "; status lists the hosts" : "; is " + meant + " meant?";
  }

  private Answer drain(StoreHost host) {
    rooms.selector().drain(host, System.nanoTime());
    leaveWithdrawn.run();
    sendAwayDrained(host);
    Map<String, Use> uses = uses(host);
    return told(
        host,
        "drained in " + groups(host),
        decisions.keep(Decisions.DRAINED, host.name(), true),
        uses.values().stream().allMatch(use -> use == Use.DRAINED_AND_NEEDED)
            ? "no other host takes over: logins still go there, and its sessions stay, until one"
                + " does"
            : sessions(host));
  }

  private void sendAwayDrained(StoreHost host) {
    goodbyes(
        host,
        () -> {
          Map<String, Use> now = uses(host);
          return facts -> turn(host, now, facts);
        });
  }

  private Answer undrain(StoreHost host) {
    boolean inUse = uses(host).values().stream().allMatch(use -> use == Use.IN_USE);
    if (inUse) {
      return Answer.not(Answer.Kind.REFUSED, host + " is neither drained nor retired");
    }
    Goodbyes goodbyes = leaving.remove(host);
    if (goodbyes != null) {
      goodbyes.stop();
    }
    rooms.selector().putToUse(host);
    return told(
        host,
        "in use again in " + groups(host),
        decisions.keep(Decisions.DRAINED, host.name(), false)
            + decisions.keep(Decisions.RETIRED, host.name(), false),
        "logins stay where they are; failback brings them to the first host of the list");
  }

  private Answer retire(StoreHost host) {
    List<ReplicationGroup> needing = rooms.selector().needing(host);
    if (!needing.isEmpty()) {
      return Answer.not(
          Answer.Kind.REFUSED,
          "group "
              + needing.get(0).name()
              + " would have no host left that is used; drain "
              + host
              + " instead, or add another host or activate the standby site first");
    }
    rooms.selector().retire(host);
    leaveWithdrawn.run();
    goodbyes(host, () -> facts -> isAt(host, facts) ? Goodbyes.Turn.NOW : unknown(facts));
    String lost = decisions.keep(Decisions.RETIRED, host.name(), true);
    decisions.keep(Decisions.DRAINED, host.name(), false);
    return told(host, "retired in " + groups(host), lost, sessions(host));
  }

  private void goodbyes(StoreHost host, Supplier<Function<SessionFacts, Goodbyes.Turn>> turns) {
    DrainConfig settings = rooms.now().config().drain();
    Goodbyes next =
        new Goodbyes(
            rooms.sessions(),
            rooms.transports().loops().next(),
            turns,
            () -> tellIfEmpty(host),
            Farewell.DRAINED,
            settings.spread(),
            settings.limit());
    emptied.remove(host);
    Goodbyes before = leaving.put(host, next);
    if (before != null) {
      before.stop();
    }
    next.begin();
  }

  private void tellIfEmpty(StoreHost host) {
    if (!emptied.contains(host)
        && rooms.sessions().countAt(host.name()) == 0
        && emptied.add(host)) {
      rooms.news().tell(Level.INFO, "no session is left at " + host + ", which is out of use");
    }
  }

  /** A session leaves a drained host once another host was seen to take over. */
  static Goodbyes.Turn turn(StoreHost host, Map<String, Use> uses, SessionFacts facts) {
    if (!isAt(host, facts)) {
      return unknown(facts);
    }
    return switch (uses.getOrDefault(facts.group() + " " + facts.service(), Use.DRAINED)) {
      case IN_USE -> Goodbyes.Turn.NEVER;
      case DRAINED_AND_NEEDED -> Goodbyes.Turn.LATER;
      case TO_BE_DRAINED -> Goodbyes.Turn.SCOUT;
      case DRAINED, RETIRED -> Goodbyes.Turn.NOW;
    };
  }

  /** Who has not logged in yet may come there. A relay's session is at no store for long. */
  private static Goodbyes.Turn unknown(SessionFacts facts) {
    return facts.user().isEmpty() && !facts.service().equals("lmtp")
        ? Goodbyes.Turn.LATER
        : Goodbyes.Turn.NEVER;
  }

  private static boolean isAt(StoreHost host, SessionFacts facts) {
    return facts.host().equals(host.name()) && !facts.user().isEmpty();
  }

  /** The host's use by group and service. */
  private Map<String, Use> uses(StoreHost host) {
    Map<String, Use> uses = new HashMap<>();
    for (GroupSnapshot group : rooms.selector().snapshot(System.nanoTime())) {
      for (GroupSnapshot.HostSnapshot each : group.hosts()) {
        if (each.host().equals(host)) {
          uses.put(group.group() + " " + group.service().name(), each.use());
        }
      }
    }
    return uses;
  }

  private String groups(StoreHost host) {
    Set<String> names = new TreeSet<>();
    for (ReplicationGroup group : rooms.now().table().groups()) {
      if (group.contains(host)) {
        names.add(group.name());
      }
    }
    return names.stream().collect(Collectors.joining(", "));
  }

  private String sessions(StoreHost host) {
    DrainConfig settings = rooms.now().config().drain();
    long count = rooms.sessions().countAt(host.name());
    return count == 0
        ? "no session is there"
        : (count == 1 ? "1 session or delivery is" : count + " sessions and deliveries are")
            + " there: sessions are told goodbye within "
            + seconds(settings.spread())
            + " once another host takes over, and cut after "
            + seconds(settings.limit())
            + "; deliveries come to their end";
  }

  private static String seconds(Duration time) {
    return time.toSeconds() + " s";
  }

  private Answer told(StoreHost host, String what, String lost, String then) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("host", host.name());
    tree.put("sessions", rooms.sessions().countAt(host.name()));
    tree.put("result", what);
    tree.put("overRestart", lost.isEmpty());
    return Answer.done(
        "host " + host + ": " + what + "; " + then + Decisions.lostWords(lost), tree);
  }
}
