package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GroupTableTest {
  private static final ReplicationGroup CLUSTER =
      Walks.group("cluster1", "huey.example.com", "dewey.example.com", "louie.example.com");
  private static final ReplicationGroup STORE1 =
      Walks.group("store1.example.com", "store1a", "store1b", "spare");
  private static final ReplicationGroup STORE2 =
      Walks.group("Store2.Example.COM.", "store2.example.com", "store2b", "spare");
  private static final GroupTable TABLE = GroupTable.of(List.of(CLUSTER, STORE1, STORE2));

  @ParameterizedTest
  @CsvSource({ // B2.1
    "cluster1, cluster1",
    "CLUSTER1., cluster1",
    "store1.example.com, store1.example.com",
    "STORE1.example.COM., store1.example.com",
    "dewey.example.com, cluster1",
    "Dewey.Example.Com., cluster1",
    "store2.example.com, store2.example.com",
    "elsewhere.example.com, elsewhere.example.com",
    "192.0.2.7, 192.0.2.7",
    "2001:db8::7, 2001:db8::7"
  })
  void mailHostLeadsToTheGroupOfThatNameThenToTheGroupThatListsIt(String mailHost, String group) {
    GroupMatch match = TABLE.groupOf(mailHost);
    assertEquals(GroupMatch.Kind.FOUND, match.kind());
    assertEquals(group, match.found().name());
  }

  @Test
  void unknownMailHostIsAGroupOfItself() { // B2.1
    ReplicationGroup group = TABLE.groupOf("Elsewhere.example.com").found();
    assertTrue(group.implicit());
    assertEquals(List.of(new StoreHost("elsewhere.example.com")), group.hosts());
  }

  @Test
  void mailHostOfTwoGroupsIsAmbiguous() { // B2.1
    GroupMatch match = TABLE.groupOf("spare");
    assertEquals(GroupMatch.Kind.AMBIGUOUS, match.kind());
    assertTrue(match.reason().contains("store1.example.com and store2.example.com"));
    assertThrows(IllegalStateException.class, match::found);
    assertEquals(Optional.empty(), TABLE.listing(new StoreHost("spare")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a..b",
        "-a",
        "a b",
        "host:143",
        "[::1]",
        "fe80::1%eth0",
        "a/b",
        "user@host",
        "a\r\nb",
        "a\0",
        "*",
        "ho%73t",
        "\u212Aelvin.example.com"
      })
  void textThatIsNoHostNameLeadsNowhere(String mailHost) { // R8
    assertEquals(GroupMatch.Kind.INVALID, TABLE.groupOf(mailHost).kind());
  }

  @Test
  void overlongNameLeadsNowhereSoon() { // R8
    assertEquals(GroupMatch.Kind.INVALID, TABLE.groupOf("a".repeat(100_000)).kind());
    assertEquals(GroupMatch.Kind.INVALID, TABLE.groupOf("a-".repeat(127) + "!").kind());
  }

  @Test
  void twoGroupsOfOneNameAreRefused() { // B2.1
    List<ReplicationGroup> groups = List.of(CLUSTER, Walks.group("Cluster1.", "other"));
    assertThrows(IllegalArgumentException.class, () -> GroupTable.of(groups));
  }

  @Test
  void groupNamedLikeAHostOfAnotherGroupIsRefused() { // B2.1
    List<ReplicationGroup> groups = List.of(CLUSTER, Walks.group("huey.example.com", "other"));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> GroupTable.of(groups));
    assertEquals(
        "group huey.example.com is named like a host of group cluster1", refusal.getMessage());
  }

  @Test
  void fingerprintIsThatOfTheTableAndNotOfItsOrder() { // B7.4
    String fingerprint = TABLE.fingerprint();
    assertEquals(16, fingerprint.length());
    assertEquals(fingerprint, GroupTable.of(List.of(STORE2, CLUSTER, STORE1)).fingerprint());
    assertNotEquals(fingerprint, GroupTable.of(List.of(CLUSTER, STORE1)).fingerprint());
    ReplicationGroup turned =
        Walks.group("cluster1", "dewey.example.com", "huey.example.com", "louie.example.com");
    ReplicationGroup withSite =
        new ReplicationGroup(
            "cluster1", CLUSTER.hosts(), Set.of(CLUSTER.hosts().get(2)), true, false);
    ReplicationGroup plain =
        new ReplicationGroup("cluster1", CLUSTER.hosts(), Set.of(), false, false);
    for (ReplicationGroup other : List.of(turned, withSite, plain)) {
      assertNotEquals(fingerprint, GroupTable.of(List.of(other, STORE1, STORE2)).fingerprint());
    }
  }

  @Test
  void hostThatIsListedTwiceCountsOnceWhereItStandsFirst() {
    assertEquals(Walks.group("g", "a", "b").hosts(), Walks.group("g", "a", "B.", "b", "A").hosts());
  }

  @Test
  void groupWithoutHostsOrWithAForeignStandbySiteIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> ReplicationGroup.of("g", List.of()));
    List<StoreHost> hosts = List.of(new StoreHost("a"));
    Set<StoreHost> foreign = Set.of(new StoreHost("b"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ReplicationGroup("g", hosts, foreign, true, false));
  }
}
