package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.DirectoryServerState.State;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.AffinitySnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostSnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostState;
import org.openmmp.repgroup.GroupSnapshot.Use;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;

class GroupsTableTest {
  private static final StoreHost HUEY = new StoreHost("huey.example.com");
  private static final StoreHost DEWEY = new StoreHost("dewey");

  /** Hosts that differ in nothing. */
  private static Map<HostTraits.Kind, String> alike(String group, String service) {
    return Map.of();
  }

  @ParameterizedTest // B8.3
  @CsvSource({
    "PT0S, 0s",
    "PT0.001S, 1s",
    "PT59S, 59s",
    "PT60S, 1m 0s",
    "PT59M59S, 59m 59s",
    "PT1H59S, 1h 0m",
    "PT23H59M, 23h 59m",
    "P400DT5H, 400d 5h",
  })
  void timeIsToldInItsTwoLargestUnits(Duration time, String words) {
    assertEquals(
        "cluster1 imap: master dewey for " + words + ", first of the list",
        situation(
            group(ClientKind.WRITER, affinity(time), false, host(DEWEY, HostState.WORKING, 1))));
  }

  @Test // B8.3
  void masterThatFailsNowIsTheLastMaster() {
    assertEquals(
        "cluster1 imap: last master dewey for 5s, first of the list",
        situation(
            group(
                ClientKind.WRITER,
                affinity(Duration.ofSeconds(5)),
                false,
                host(HUEY, HostState.WORKING, 1),
                host(DEWEY, HostState.HALF_OPEN, 1))));
  }

  @Test // B8.3
  void groupWhoseHostsAllFailSaysSoLoudly() {
    assertEquals(
        "cluster1 imap: no master known; NO HOST ANSWERS",
        situation(
            group(
                ClientKind.WRITER,
                null,
                false,
                host(HUEY, HostState.COOLING, 2),
                host(DEWEY, HostState.HALF_OPEN, 1))));
  }

  @ParameterizedTest // B2.16, B8.3
  @CsvSource({
    "WRITER, false, 0, cluster1 imap: not used yet",
    "WRITER, true, 1, cluster1 imap: no master known; NO HOST IS MASTER",
    "'SINGLE', false, 1, 'cluster1 imap, single: no failover, only the mail host is asked'",
  })
  void groupWithoutMasterSaysWhy(ClientKind kind, boolean noMaster, long attempts, String line) {
    assertEquals(
        line, situation(group(kind, null, noMaster, host(HUEY, HostState.UNKNOWN, attempts))));
  }

  @Test // B8.3
  void hostsStandBelowEachOtherWithTheirLastAnswer() {
    HostSnapshot failed =
        new HostSnapshot(
            HUEY,
            HostState.COOLING,
            Duration.ofMillis(4_200).toNanos(),
            1,
            AttemptOutcome.UNREACHABLE,
            "connection refused",
            12,
            0,
            64,
            0,
            0,
            false,
            Use.IN_USE,
            0);
    HostSnapshot serves =
        new HostSnapshot(
            DEWEY,
            HostState.WORKING,
            0,
            0,
            AttemptOutcome.ACCEPTED,
            "",
            3,
            0,
            64,
            0,
            0,
            false,
            Use.IN_USE,
            0);
    assertEquals(
        """
        group table f00d

        cluster1 imap: no master known
          host              state    cool-down left  attempts  sessions  last answer
          huey.example.com  cooling  5s              12        0         unreachable: connection refused
          dewey             working  -               3         5         accepted\
        """,
        GroupsTable.text(
            "f00d",
            List.of(),
            List.of(group(ClientKind.WRITER, null, false, failed, serves)),
            host -> host.equals("dewey") ? 5 : 0,
            host -> "full: 7 connections, 3 waiting",
            Recovery.NONE,
            Map.of(),
            GroupsTableTest::alike));
  }

  @Test // B9.5
  void groupSaysHowManyOfItsSessionsCouldBeMovedAndWhyTheOthersCouldNot() {
    GroupSnapshot group = group(ClientKind.WRITER, null, false);
    assertEquals(
        "  sessions that outlive their store: 40 could be moved now; not: command-open 1, notify 2",
        line(3, group, Map.of("cluster1", Map.of("", 40, "notify", 2, "command-open", 1))));
    assertEquals(
        "  sessions that outlive their store: 0 could be moved now",
        line(3, group, Map.of("cluster1", Map.of())));
  }

  private static String line(
      int number, GroupSnapshot group, Map<String, Map<String, Integer>> movable) {
    return line(number, List.of(), List.of(group), movable);
  }

  private static String line(
      int number,
      List<DirectoryServerState> servers,
      List<GroupSnapshot> groups,
      Map<String, Map<String, Integer>> movable) {
    return GroupsTable.text(
            "f00d",
            servers,
            groups,
            host -> 0,
            host -> "",
            Recovery.NONE,
            movable,
            GroupsTableTest::alike)
        .lines()
        .skip(number)
        .findFirst()
        .orElseThrow();
  }

  @Test // B2.39
  void hostsThatDifferStandBelowTheirGroup() {
    GroupSnapshot group =
        group(
            ClientKind.WRITER,
            null,
            false,
            host(HUEY, HostState.WORKING, 1),
            host(DEWEY, HostState.WORKING, 1));
    assertEquals(
        "  HOSTS DIFFER in clock: the clock of dewey is about 75 s ahead",
        GroupsTable.text(
                "f00d",
                List.of(),
                List.of(group),
                host -> 0,
                host -> "",
                Recovery.NONE,
                Map.of(),
                (name, service) ->
                    Map.of(HostTraits.Kind.CLOCK, "the clock of dewey is about 75 s ahead"))
            .lines()
            .skip(3)
            .findFirst()
            .orElseThrow());
  }

  @Test // B5.18
  void storeThatIsFullForDeliveriesSaysSo() {
    HostSnapshot host =
        new HostSnapshot(
            DEWEY,
            HostState.WORKING,
            0,
            0,
            AttemptOutcome.ACCEPTED,
            "",
            3,
            0,
            64,
            0,
            0,
            false,
            Use.IN_USE,
            0);
    GroupSnapshot group =
        new GroupSnapshot(
            "cluster1",
            new Service("lmtp"),
            ClientKind.WRITER,
            false,
            null,
            List.of(host),
            0,
            false,
            false,
            null);
    String text =
        GroupsTable.text(
            "f00d",
            List.of(),
            List.of(group),
            name -> 7,
            name -> "full: 7 connections, 3 waiting",
            Recovery.NONE,
            Map.of(),
            GroupsTableTest::alike);
    assertTrue(text.contains("dewey  working, full: 7 connections, 3 waiting  -"), text);
  }

  @ParameterizedTest // B8.3
  @CsvSource({
    "UNTRIED UNTRIED, not asked yet",
    "UP UNTRIED, all servers can be used",
    "UP BEHIND, all servers can be used",
    "UP ASIDE, 1 of 2 servers cannot be used",
    "UNTRIED ASIDE, 1 of 2 servers cannot be used",
    "ASIDE ASIDE, NO SERVER CAN BE USED",
  })
  void directoryThatCannotBeUsedSaysSoLoudly(String states, String situation) {
    List<DirectoryServerState> servers =
        Stream.of(states.split(" "))
            .map(name -> new DirectoryServerState("l", State.valueOf(name), 0, 0, ""))
            .toList();
    assertEquals("directory: " + situation, line(2, servers, List.of(), Map.of()));
  }

  private static String situation(GroupSnapshot group) {
    return line(2, group, Map.of());
  }

  private static AffinitySnapshot affinity(Duration since) {
    return new AffinitySnapshot(DEWEY, since.toNanos(), new Reason(Reason.Kind.FIRST_IN_LIST, ""));
  }

  private static HostSnapshot host(StoreHost host, HostState state, long attempts) {
    return new HostSnapshot(
        host, state, 0, 0, null, "", attempts, 0, 64, 0, 0, false, Use.IN_USE, 0);
  }

  private static GroupSnapshot group(
      ClientKind kind,
      @Nullable AffinitySnapshot affinity,
      boolean noMaster,
      HostSnapshot... hosts) {
    return new GroupSnapshot(
        "cluster1",
        AdminFixture.IMAP,
        kind,
        false,
        affinity,
        List.of(hosts),
        0,
        noMaster,
        false,
        null);
  }
}
