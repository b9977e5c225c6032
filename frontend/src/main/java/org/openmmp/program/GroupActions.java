package org.openmmp.program;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.admin.MoveMeters;
import org.openmmp.admin.Query;
import org.openmmp.config.DrainConfig;
import org.openmmp.guard.Farewell;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Recovery;
import org.openmmp.text.HostName;
import org.openmmp.transport.SessionFacts;

/** What an administrator does to a group (rules B2.12, B2.15, B2.27). On any thread. */
final class GroupActions {
  private static final Parameter GROUP = Parameter.needed("group", "a group's configured name");

  private final SharedRooms rooms;
  private final Decisions decisions;
  private final Runnable leaveWithdrawn;

  /** The groups whose sessions follow their master. */
  private final Map<String, Goodbyes> following = new ConcurrentHashMap<>();

  GroupActions(SharedRooms rooms, Decisions decisions, Runnable leaveWithdrawn) {
    this.rooms = rooms;
    this.decisions = decisions;
    this.leaveWithdrawn = leaveWithdrawn;
  }

  /**
   * Has what was decided before hold, for the groups that there are now.
   *
   * @param before the groups that there were
   */
  void restore(GroupTable before) {
    GroupTable table = rooms.now().table();
    for (String name : decisions.all(Decisions.SITE_ACTIVE)) {
      table.named(name).ifPresent(rooms.selector()::activateStandbySite);
    }
    for (String words : decisions.all(Decisions.PREFERRED)) {
      int space = words.indexOf(' ');
      String host = words.substring(0, Math.max(space, 0));
      String name = words.substring(space + 1);
      Optional<ReplicationGroup> group = table.named(name);
      if (group.isPresent() && before.named(name).isEmpty()) {
        if (StoreHost.isName(host) && group.get().contains(new StoreHost(host))) {
          rooms.selector().prefer(group.get(), new StoreHost(host));
        } else {
          decisions.passedOver(Decisions.PREFERRED, words, "the group lists no such host");
        }
      }
    }
  }

  /** Where logins of that group are to begin; null: where they would without an administrator. */
  private String keepPreferred(ReplicationGroup group, @Nullable StoreHost host) {
    return Decisions.lostWords(
        decisions.replace(
            Decisions.PREFERRED,
            words -> words.substring(words.indexOf(' ') + 1).equals(group.name()),
            host == null ? "" : host.name() + " " + group.name()));
  }

  /** Has what was decided of recoveries before the start hold. */
  void restoreRecovery() {
    for (String name : decisions.all(Decisions.GROUP_RECOVERY)) {
      if (rooms.now().table().named(name).isPresent()) {
        rooms.restoring(before -> before.withGroup(name, true));
      } else {
        decisions.passedOver(Decisions.GROUP_RECOVERY, name, "there is no such group");
      }
    }
    for (String name : decisions.all(Decisions.DOMAIN_RECOVERY)) {
      if (HostName.isOne(name)) {
        rooms.restoring(before -> before.withDomain(name, true));
      } else {
        decisions.passedOver(Decisions.DOMAIN_RECOVERY, name, "it is no domain");
      }
    }
  }

  /** The pages that act. */
  List<AdminPage> pages() {
    return List.of(
        AdminPage.acting(
            "/api/v1/failback",
            "Ends the group's affinity: logins begin with its first host again",
            List.of(GROUP),
            query -> onGroup(query, this::failback)),
        AdminPage.acting(
            "/api/v1/prefer",
            "Ends the group's affinity and has logins begin at that host, until failback",
            List.of(
                Parameter.needed("host", "a host of a group, as it is configured"),
                Parameter.optional("group", "which group, where several list the host")),
            this::prefer),
        AdminPage.acting(
            "/api/v1/recovery",
            "Says that a group or a domain is being restored, so that an unknown user is told as"
                + " temporary there, or that it is no more",
            List.of(
                Parameter.needed("name", "a group of the configuration, or a domain"),
                Parameter.needed("switch", "on or off")),
            this::recovery),
        AdminPage.acting(
            "/api/v1/activate-site",
            "Lets logins and deliveries use the hosts of the group's standby site",
            List.of(GROUP),
            query -> onGroup(query, (group, now) -> site(group, true))),
        AdminPage.acting(
            "/api/v1/deactivate-site",
            "Takes the hosts of the group's standby site out of use again",
            List.of(GROUP),
            query -> onGroup(query, (group, now) -> site(group, false))));
  }

  private Answer onGroup(Query query, BiFunction<ReplicationGroup, Long, Answer> action) {
    GroupTable table = rooms.now().table();
    String name = query.value("group", "");
    Optional<ReplicationGroup> group = table.named(name);
    if (group.isEmpty()) {
      String known =
          table.groups().stream().map(ReplicationGroup::name).collect(Collectors.joining(", "));
      return Answer.not(
          Answer.Kind.NOTHING,
          "there is no group " + name + (known.isEmpty() ? "" : "; the groups are " + known));
    }
    return action.apply(group.get(), System.nanoTime());
  }

  private Answer failback(ReplicationGroup group, long nowNanos) {
    StoreSelector selector = rooms.selector();
    Set<String> masters = new TreeSet<>();
    String preference = "";
    for (GroupSnapshot each : selector.snapshot(nowNanos)) {
      StoreHost preferred = each.preferred();
      if (each.group().equals(group.name()) && preferred != null) {
        preference = "; " + preferred + " is not preferred any more";
      }
      if (each.group().equals(group.name()) && each.affinity() != null) {
        masters.add(each.affinity().host().name());
      }
    }
    selector.failback(group);
    String lost = follow(group) + keepPreferred(group, null);
    String former =
        masters.isEmpty()
            ? "no master was remembered"
            : "its master was " + String.join(", ", masters);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("group", group.name());
    tree.put("formerMasters", List.copyOf(masters));
    return Answer.done(
        "group "
            + group.name()
            + ": "
            + former
            + preference
            + "; the next login begins with the first host of the list that is not in cool-down"
            + lost,
        tree);
  }

  /**
   * Has the IMAP sessions of a group that outlive their store leave for its master, once somebody
   * was let in there (rule B9.7). Until then one a second is moved, and stays if no other host
   * takes it. Those that cannot be moved hear goodbye where nothing is open, as those of a drained
   * host.
   *
   * @return what that means, in words; empty if sessions stay where they are
   */
  private String follow(ReplicationGroup group) {
    boolean survives =
        rooms.now().config().groups().stream()
            .anyMatch(each -> each.name().equals(group.name()) && each.imap().survival().on());
    if (!survives) {
      return "";
    }
    DrainConfig settings = rooms.now().config().drain();
    Goodbyes next =
        new Goodbyes(
                rooms.sessions(),
                rooms.transports().loops().next(),
                () -> {
                  String master = master(group);
                  return facts -> turn(group.name(), master, facts);
                },
                () -> {},
                Farewell.DRAINED,
                settings.spread(),
                settings.limit())
            .untilLimit();
    Goodbyes before = following.put(group.name(), next);
    if (before != null) {
      before.stop();
    }
    next.begin();
    return "; IMAP sessions at other hosts than the master are moved to it once it is known, those"
        + " that cannot be moved hear goodbye within "
        + settings.spread().toSeconds()
        + " s, and what is left is cut after "
        + settings.limit().toSeconds()
        + " s";
  }

  /** Where the group's IMAP logins go now; empty if that is not known yet. */
  private String master(ReplicationGroup group) {
    return rooms.selector().snapshot(System.nanoTime()).stream()
        .filter(
            each ->
                each.group().equals(group.name())
                    && each.service().name().equals(MoveMeters.SERVICE))
        .map(GroupSnapshot::affinity)
        .filter(Objects::nonNull)
        .map(affinity -> affinity.host().name())
        .findFirst()
        .orElse("");
  }

  /** What is to become of a session while a group's follow their master, which may be unknown. */
  static Goodbyes.Turn turn(String group, String master, SessionFacts facts) {
    if (!facts.service().equals(MoveMeters.SERVICE)
        || !(facts.user().isEmpty() || facts.group().equals(group))) {
      return Goodbyes.Turn.NEVER;
    }
    if (facts.user().isEmpty() || facts.host().equals(master)) {
      return Goodbyes.Turn.LATER; // the master may become another one
    }
    return master.isEmpty() ? Goodbyes.Turn.TRY : Goodbyes.Turn.NOW;
  }

  private Answer prefer(Query query) {
    StoreHost host = new StoreHost(query.value("host", ""));
    String wanted = query.value("group", "");
    List<ReplicationGroup> listing =
        rooms.now().table().groups().stream()
            .filter(each -> each.contains(host))
            .filter(
                each ->
                    wanted.isEmpty()
                        || rooms.now().table().named(wanted).map(each::equals).orElse(false))
            .toList();
    if (listing.isEmpty()) {
      return Answer.not(
          Answer.Kind.NOTHING,
          (wanted.isEmpty() ? "no group lists " : "no group " + wanted + " lists ")
              + host
              + HostActions.suggested(rooms.now().table(), host.name()));
    }
    if (listing.size() > 1) {
      String names = listing.stream().map(ReplicationGroup::name).collect(Collectors.joining(", "));
      return Answer.not(
          Answer.Kind.WRONG, "several groups list " + host + ", say which (group): " + names);
    }
    ReplicationGroup group = listing.get(0);
    rooms.selector().prefer(group, host);
    String lost = follow(group) + keepPreferred(group, host);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("group", group.name());
    tree.put("host", host.name());
    return Answer.done(
        "group "
            + group.name()
            + ": the next login begins at "
            + host
            + ", unless a store refers elsewhere; failback ends the preference"
            + lost,
        tree);
  }

  /** A domain that is called like a group is told apart by an at sign before it. */
  private Answer recovery(Query query) {
    String wanted = query.value("switch", "");
    if (!wanted.equals("on") && !wanted.equals("off")) {
      return Answer.not(Answer.Kind.WRONG, "switch is on or off");
    }
    boolean on = wanted.equals("on");
    String name = query.value("name", "");
    GroupTable table = rooms.now().table();
    Optional<ReplicationGroup> group = table.named(name);
    if (group.isPresent()) {
      String its = group.get().name();
      return recovery(on, "group " + its, Decisions.GROUP_RECOVERY, its, Recovery::groups);
    }
    Optional<String> domain =
        HostName.orAddress(name.startsWith("@") ? name.substring(1) : name)
            .filter(each -> name.startsWith("@") || each.contains("."));
    return domain.isEmpty()
        ? Answer.not(
            Answer.Kind.NOTHING,
            name
                + " is no group and no domain; the groups are "
                + table.groups().stream()
                    .map(ReplicationGroup::name)
                    .collect(Collectors.joining(", ")))
        : recovery(
            on,
            "domain " + domain.get(),
            Decisions.DOMAIN_RECOVERY,
            domain.get(),
            Recovery::domains);
  }

  private Answer recovery(
      boolean on, String what, String word, String name, Function<Recovery, Set<String>> names) {
    Recovery configured = rooms.now().config().recovery();
    boolean written =
        names.apply(configured).contains(name) || names.apply(configured).contains(Recovery.ALL);
    if (!on && written) {
      return Answer.not(
          Answer.Kind.REFUSED,
          what + " is in recovery by openmmp.recovery of the configuration: change it, and reload");
    }
    if (!on && !names.apply(rooms.now().switched()).contains(name)) {
      return Answer.not(Answer.Kind.NOTHING, what + " is not in recovery");
    }
    rooms.restoring(
        before ->
            word.equals(Decisions.GROUP_RECOVERY)
                ? before.withGroup(name, on)
                : before.withDomain(name, on));
    String lost = decisions.keep(word, name, on);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(word.equals(Decisions.GROUP_RECOVERY) ? "group" : "domain", name);
    tree.put("recovery", on);
    tree.put("overRestart", lost.isEmpty());
    return Answer.done(
        what
            + (on
                ? " is in recovery: an unknown user is told as temporary there"
                : " is not in recovery any more")
            + Decisions.lostWords(lost),
        tree);
  }

  private Answer site(ReplicationGroup group, boolean active) {
    Set<String> hosts = new TreeSet<>();
    group.standbySite().forEach(host -> hosts.add(host.name()));
    if (hosts.isEmpty()) {
      return Answer.not(
          Answer.Kind.REFUSED,
          "group " + group.name() + " has no standby-site in the configuration");
    }
    if (active) {
      rooms.selector().activateStandbySite(group);
    } else {
      rooms.selector().deactivateStandbySite(group);
      leaveWithdrawn.run();
    }
    String lost = decisions.keep(Decisions.SITE_ACTIVE, group.name(), active);
    String moving = follow(group);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("group", group.name());
    tree.put("standbySite", List.copyOf(hosts));
    tree.put("active", active);
    tree.put("overRestart", lost.isEmpty());
    return Answer.done(
        "group "
            + group.name()
            + ": the standby site ("
            + String.join(", ", hosts)
            + ") is "
            + (active ? "active" : "not active any more")
            + moving
            + Decisions.lostWords(lost),
        tree);
  }
}
