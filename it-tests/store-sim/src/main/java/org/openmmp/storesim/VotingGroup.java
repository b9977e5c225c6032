package org.openmmp.storesim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/**
 * A replication group as its own members have it: who belongs to it, who hears whom, and who is
 * master there. A value: what happens makes another one, and no port or clock is needed.
 *
 * <p>Members hear each other if they run and are in the same part of the network. Each part holds
 * elections of its own, and a majority of the whole group is asked for, so that one part at most
 * finds a master; but a master that is cut off goes on, alone or not, until the parts meet again.
 *
 * @param members in list order, those that were removed too
 * @param twoSites whether the survivor of a group of two may take over alone
 * @param ackPolicy whose acknowledgements a commit waits for
 * @param ackTimeout how long it waits where it does not get them
 */
public record VotingGroup(
    List<Member> members, boolean twoSites, AckPolicy ackPolicy, Duration ackTimeout) {

  /** Copies the members. */
  public VotingGroup {
    members = List.copyOf(members);
  }

  /** What a member does. */
  public enum State {
    /** It was removed: the group is smaller by it. */
    REMOVED,
    /** It does not run. */
    DOWN,
    /** It runs and says nothing. */
    HANGS,
    /** It runs. */
    RUNS
  }

  /**
   * One host of the group.
   *
   * @param priority in elections; 0: never master
   * @param part which part of the network it is in
   * @param master whether it takes itself for the master
   * @param names whom it takes for the group's master; empty if it has heard of none yet
   */
  public record Member(
      String name, int priority, State state, int part, boolean master, String names) {

    /** One that was not started yet. */
    Member(String name, int priority) {
      this(name, priority, State.DOWN, 0, false, "");
    }

    private Member in(State other) {
      return new Member(name, priority, other, part, master, names);
    }

    private Member of(boolean masterNow, String namesNow) {
      return new Member(name, priority, state, part, masterNow, namesNow);
    }

    private Member at(int otherPart) {
      return new Member(name, priority, state, otherPart, master, names);
    }

    private Member withPriority(int other) {
      return new Member(name, other, state, part, master, names);
    }

    /** Whether it is the master that its part of the group agreed upon. */
    boolean seated() {
      return state == State.RUNS && master && names.equals(name);
    }
  }

  /** An election's end: the group behind it, and how it was decided. */
  record Elected(VotingGroup group, Election.Decision decision) {}

  /** A group that was not started yet. */
  static VotingGroup of(ClusterSettings settings) {
    return new VotingGroup(
        settings.nodes().stream().map(node -> new Member(node.name(), node.priority())).toList(),
        settings.twoSites(),
        settings.ackPolicy(),
        settings.ackTimeout());
  }

  /** A member by its name; {@link IllegalArgumentException} if there is none. */
  public Member member(String name) {
    return members.stream()
        .filter(member -> member.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no member " + name));
  }

  /** The masters that their parts agreed upon, in list order; one at most unless it is cut. */
  public List<String> masters() {
    return members.stream().filter(Member::seated).map(Member::name).toList();
  }

  /** The parts in which somebody runs, in list order of their first members. */
  Set<Integer> parts() {
    Set<Integer> parts = new LinkedHashSet<>();
    members.stream()
        .filter(member -> member.state() == State.RUNS)
        .forEach(member -> parts.add(member.part()));
    return parts;
  }

  /** The parts of {@link #parts} that have no master. */
  Set<Integer> partsWithoutMaster() {
    Set<Integer> parts = parts();
    members.stream().filter(Member::seated).forEach(master -> parts.remove(master.part()));
    return parts;
  }

  /**
   * A member is started, ends, hangs or goes on. One that runs again learns from those that it
   * hears who is master; one that only hung goes on as master, unless they had another since.
   */
  VotingGroup withState(String name, State state) {
    Member before = member(name);
    Member now = before.in(state);
    if (state == State.DOWN || state == State.REMOVED) {
      return with(now.of(false, before.names()));
    }
    if (state == State.HANGS || before.state() == State.RUNS) {
      return with(now);
    }
    String seated = masterHeardBy(now);
    String named = seated.isEmpty() ? namedAround(now) : seated;
    boolean stays = before.state() == State.HANGS && before.master() && named.equals(name);
    VotingGroup with = with(now.of(stays, named));
    return stays ? with.installed(name) : with;
  }

  /** These members hear each other and nobody else from now on. */
  VotingGroup cutOff(Set<String> names) {
    names.forEach(this::member);
    int next = members.stream().mapToInt(Member::part).max().orElse(0) + 1;
    return change(member -> names.contains(member.name()) ? member.at(next) : member).met();
  }

  /** Everybody hears everybody again. */
  VotingGroup healed() {
    return change(member -> member.at(0)).met();
  }

  /**
   * Where masters meet all of them step down, and an election has to decide; one is everybody's.
   */
  private VotingGroup met() {
    VotingGroup next = this;
    for (int part : parts()) {
      List<Member> masters =
          members.stream().filter(member -> member.seated() && member.part() == part).toList();
      next =
          masters.size() == 1
              ? next.installed(masters.get(0).name())
              : next.change(
                  member -> masters.contains(member) ? member.of(false, member.names()) : member);
    }
    return next;
  }

  /** A member's priority from now on; the next election goes by it. */
  VotingGroup withPriority(String name, int priority) {
    if (priority < 0) {
      throw new IllegalArgumentException("a priority is 0 or more");
    }
    return with(member(name).withPriority(priority));
  }

  /** The same with or without take-over by the survivor of two. */
  VotingGroup withTwoSites(boolean allowed) {
    return new VotingGroup(members, allowed, ackPolicy, ackTimeout);
  }

  /** The same with commits that wait otherwise. */
  VotingGroup acknowledged(AckPolicy policy, Duration timeout) {
    return new VotingGroup(members, twoSites, policy, timeout);
  }

  /** One part holds an election; who finds nobody leaves everything as it was. */
  Elected elect(int part, ToLongFunction<String> logRecords) {
    Election.Decision decision =
        Election.decide(
            members.stream()
                .filter(member -> member.state() != State.REMOVED)
                .map(
                    member ->
                        new Election.Candidate(
                            member.name(),
                            member.state() == State.RUNS && member.part() == part,
                            logRecords.applyAsLong(member.name()),
                            member.priority()))
                .toList(),
            twoSites);
    String winner = decision.master();
    return new Elected(winner == null ? this : installed(winner), decision);
  }

  /** A member is master of its part from now on, and all that hear it know. */
  VotingGroup installed(String name) {
    Member master = member(name);
    return change(
        member ->
            member.name().equals(name)
                ? member.of(true, name)
                : member.state() == State.RUNS && member.part() == master.part()
                    ? member.of(false, name)
                    : member);
  }

  /** A member takes itself for the master beside the one that its part has. */
  VotingGroup splitOff(String name) {
    Member member = member(name);
    return with(member.of(true, member.names()));
  }

  /**
   * How long a commit waits at a member that is master: not at all, or for the whole timeout.
   *
   * @param lagging members whose logs do not follow, and which acknowledge nothing
   */
  Duration commitWait(String name, Set<String> lagging) {
    Member master = member(name);
    Predicate<Member> client =
        member -> !member.name().equals(name) && member.state() != State.REMOVED;
    Predicate<Member> heard =
        client.and(member -> member.state() == State.RUNS && member.part() == master.part());
    boolean enough =
        ackPolicy.enough(
            count(client),
            count(heard),
            count(heard.and(member -> !lagging.contains(member.name()))));
    return enough ? Duration.ZERO : ackTimeout;
  }

  private AckPolicy.Replicas count(Predicate<Member> which) {
    List<Member> those = members.stream().filter(which).toList();
    return new AckPolicy.Replicas(
        those.size(), (int) those.stream().filter(member -> member.priority() > 0).count());
  }

  private String masterHeardBy(Member listener) {
    return first(member -> member.seated() && member.part() == listener.part(), Member::name);
  }

  /** Whom its neighbours name; what it knew itself if none of them runs. */
  private String namedAround(Member listener) {
    String named =
        first(
            member ->
                member.state() == State.RUNS
                    && member.part() == listener.part()
                    && !member.name().equals(listener.name()),
            Member::names);
    return named.isEmpty() ? listener.names() : named;
  }

  private String first(Predicate<Member> which, Function<Member, String> what) {
    return members.stream()
        .filter(which)
        .map(what)
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse("");
  }

  private VotingGroup with(Member changed) {
    return change(member -> member.name().equals(changed.name()) ? changed : member);
  }

  private VotingGroup change(UnaryOperator<Member> each) {
    List<Member> changed = new ArrayList<>();
    members.forEach(member -> changed.add(each.apply(member)));
    return new VotingGroup(changed, twoSites, ackPolicy, ackTimeout);
  }
}
