package org.openmmp.storesim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.storesim.VotingGroup.Member;
import org.openmmp.storesim.VotingGroup.State;

class VotingGroupTest {
  private static final int RUNS = 3_000;
  private static final int EVENTS = 40;

  /**
   * What happens is {@code kill x}, {@code start x}, {@code hang x}, {@code wake x}, {@code remove
   * x}, {@code cut x+y}, {@code heal}, {@code priority x=n}, {@code twosites}, and {@code elect},
   * wherever there is no master.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "nobody",
      textBlock =
          """
          the replicas elect another            | abc  | kill a; elect                              | b
          lone survivor of three is no master   | abc  | kill a; kill b; elect                      | nobody
          nor with twosites                     | abc  | twosites; kill a; kill b; elect            | nobody
          a master that is left alone goes on   | abc  | kill b; kill c; elect                      | a
          the second makes a quorum again       | abc  | kill a; kill b; elect; start b; elect      | b
          who comes back is a replica           | abc  | kill a; elect; start a; elect              | b
          a master that hung goes on            | abc  | hang a; wake a; elect                      | a
          unless they have another              | abc  | hang a; elect; wake a; elect               | b
          priority decides                      | abc  | priority c=200; kill a; elect              | c
          priority 0 is never master            | abc  | priority b=0; kill a; elect                | c
          a priority given too late             | abc  | kill a; elect; priority c=200; elect       | b
          cut off, the majority elects too      | abc  | cut a; elect                               | a b
          cut off, the minority elects nobody   | abc  | cut c; elect                               | a
          two masters meet and one is elected   | abc  | cut a; elect; heal; elect                  | a
          then priority decides as well         | abc  | cut a; elect; priority b=200; heal; elect  | b
          half of four is no quorum             | abcd | kill a; cut b; elect                       | nobody
          three of five are one                 | abcde | cut a+b; elect                            | a c
          halves without a master               | abcd | kill a; cut b+c; elect                     | nobody
          duplicate masters in two sites        | ab   | twosites; cut b; elect                     | a b
          twosites off: none                    | ab   | cut b; elect                               | a
          survivor of two                       | ab   | twosites; kill a; elect                    | b
          removed, and so no quorum is missing  | abcd | kill a; remove d; elect; kill c; elect     | b
          removal of the dead makes it a pair   | abc  | kill a; kill b; remove a; elect            | nobody
          a pair with twosites                  | abc  | kill a; kill b; remove a; twosites; elect  | c
          the last that is not removed          | abc  | kill a; remove a; remove b; elect          | c
          the master is removed                 | abc  | remove a; twosites; elect                  | b
          who was removed joins again           | abc  | remove c; start c; kill a; elect           | b
          """)
  void mastersAreWhereAQuorumIs(String why, String names, String events, String masters) {
    VotingGroup group = started(names);
    for (String event : events.split("; *", -1)) {
      group = after(group, event.strip());
    }
    assertEquals(masters == null ? "" : masters, String.join(" ", group.masters()), why);
  }

  private static VotingGroup started(String names) {
    List<Member> members = new ArrayList<>();
    names.chars().forEach(name -> members.add(new Member(Character.toString(name), 100)));
    VotingGroup group = new VotingGroup(members, false, AckPolicy.QUORUM, Duration.ofSeconds(1));
    group = group.withState(members.get(0).name(), State.RUNS).installed(members.get(0).name());
    for (Member member : members.subList(1, members.size())) {
      group = group.withState(member.name(), State.RUNS);
    }
    return group;
  }

  private static VotingGroup after(VotingGroup group, String event) {
    String[] words = event.split(" ", -1);
    String who = words.length > 1 ? words[1] : "";
    return switch (words[0]) {
      case "kill" -> group.withState(who, State.DOWN);
      case "start", "wake" -> group.withState(who, State.RUNS);
      case "hang" -> group.withState(who, State.HANGS);
      case "remove" -> group.withState(who, State.REMOVED);
      case "cut" -> group.cutOff(Set.of(who.split("\\+", -1)));
      case "heal" -> group.healed();
      case "priority" ->
          group.withPriority(who.substring(0, 1), Integer.parseInt(who.substring(2)));
      case "twosites" -> group.withTwoSites(true);
      case "elect" -> elected(group, Map.of());
      default -> throw new IllegalArgumentException(event);
    };
  }

  private static long log(Map<String, Long> logs, String member) {
    return logs.getOrDefault(member, 1L);
  }

  private static VotingGroup elected(VotingGroup group, Map<String, Long> logs) {
    VotingGroup next = group;
    for (int part : group.partsWithoutMaster()) {
      next = next.elect(part, name -> log(logs, name)).group();
    }
    return next;
  }

  @ParameterizedTest
  @CsvSource({
    "QUORUM, kill b, 0",
    "QUORUM, kill b; kill c, 1",
    "QUORUM, cut a, 1",
    "QUORUM, hang b; hang c, 1",
    "QUORUM, remove b; remove c, 0",
    "ALL_CLIENTS, kill b, 1",
    "ALL_AVAILABLE, kill b, 0",
    "ALL_CLIENTS, remove b, 0",
    "ONE_PEER, priority b=0; kill c, 1",
    "NONE, kill b; kill c, 0"
  })
  void commitsAreSlowWhereReplicasAreGone(AckPolicy policy, String events, int seconds) {
    VotingGroup group = started("abc").acknowledged(policy, Duration.ofSeconds(1));
    for (String event : events.split("; *", -1)) {
      group = after(group, event);
    }
    assertEquals(Duration.ofSeconds(seconds), group.commitWait("a", Set.of()));
  }

  @Test
  void logsThatLagAcknowledgeNothing() {
    VotingGroup group = started("abc");
    assertEquals(Duration.ZERO, group.commitWait("a", Set.of("b")));
    assertEquals(Duration.ofSeconds(1), group.commitWait("a", Set.of("b", "c")));
  }

  @Test
  void noPartEverHasTwoMastersAndNobodyIsElectedWithoutAQuorum() {
    Map<String, Integer> seen = new HashMap<>();
    for (int seed = 0; seed < RUNS; seed++) {
      Random random = new Random(seed);
      VotingGroup group = started("abcde".substring(0, 2 + random.nextInt(4)));
      List<String> history = new ArrayList<>();
      for (int i = 0; i < EVENTS; i++) {
        String event = anyEvent(group, random);
        history.add(event);
        String where = "seed " + seed + ": " + history;
        Map<String, Long> logs = new HashMap<>();
        group.members().forEach(member -> logs.put(member.name(), (long) random.nextInt(3)));
        VotingGroup before = group;
        group = event.equals("elect") ? elected(group, logs) : after(group, event);
        mustBeOneForEachPart(group, where);
        if (event.equals("elect")) {
          mustBeElectedByAQuorum(before, group, logs, where);
        } else {
          mustMakeNoMaster(before, group, event, where);
        }
        seen.merge(group.masters().size() + " masters", 1, Integer::sum);
      }
    }
    assertTrue(
        seen.getOrDefault("0 masters", 0) > 1_000
            && seen.getOrDefault("1 masters", 0) > 1_000
            && seen.getOrDefault("2 masters", 0) > 1_000,
        seen::toString);
  }

  private static String anyEvent(VotingGroup group, Random random) {
    List<Member> members = group.members();
    Member one = members.get(random.nextInt(members.size()));
    Member other = members.get(random.nextInt(members.size()));
    String pair = one.equals(other) ? one.name() : one.name() + "+" + other.name();
    return switch (random.nextInt(12)) {
      case 0 -> "kill " + one.name();
      case 1, 2, 3 -> "start " + one.name();
      case 4 -> one.state() == State.RUNS ? "hang " + one.name() : "start " + one.name();
      case 5 -> "cut " + pair;
      case 6 -> "heal";
      case 7 -> "priority " + one.name() + "=" + random.nextInt(3);
      case 8 -> random.nextInt(4) == 0 ? "remove " + one.name() : "start " + one.name();
      case 9 -> random.nextInt(4) == 0 ? "twosites" : "elect";
      default -> "elect";
    };
  }

  private static void mustBeOneForEachPart(VotingGroup group, String where) {
    Set<Integer> parts = new HashSet<>();
    for (Member member : group.members()) {
      if (member.state() == State.RUNS && member.master()) {
        assertTrue(parts.add(member.part()), where + ": two masters in " + group);
        assertEquals(member.name(), member.names(), where);
      }
    }
  }

  private static void mustBeElectedByAQuorum(
      VotingGroup before, VotingGroup after, Map<String, Long> logs, String where) {
    for (String name : after.masters()) {
      if (before.masters().contains(name)) {
        continue;
      }
      Member master = after.member(name);
      List<Member> group =
          after.members().stream().filter(member -> member.state() != State.REMOVED).toList();
      List<Member> part =
          group.stream()
              .filter(member -> member.state() == State.RUNS && member.part() == master.part())
              .toList();
      boolean survivor = group.size() == 2 && part.size() == 1 && after.twoSites();
      assertTrue(survivor || 2 * part.size() > group.size(), where + ": " + after);
      assertTrue(master.priority() > 0, where);
      for (Member voter : part) {
        assertEquals(name, voter.names(), where + ": all that hear it know");
        boolean better =
            voter.priority() > 0
                && (log(logs, voter.name()) > log(logs, name)
                    || (log(logs, voter.name()) == log(logs, name)
                        && voter.priority() > master.priority()));
        assertTrue(!better, where + ": " + voter + " is better than " + master);
      }
    }
  }

  /** Only an election makes a master, but for one that hung and goes on. */
  private static void mustMakeNoMaster(
      VotingGroup before, VotingGroup after, String event, String where) {
    for (String name : after.masters()) {
      boolean goesOn = event.equals("start " + name) && before.member(name).state() == State.HANGS;
      assertTrue(before.masters().contains(name) || goesOn, where);
    }
  }
}
