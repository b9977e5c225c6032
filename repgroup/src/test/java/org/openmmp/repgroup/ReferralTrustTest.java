package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferralTrustTest {
  private static final ReplicationGroup CLUSTER = Walks.group("cluster1", "huey", "dewey", "louie");
  private static final ReplicationGroup OTHER =
      Walks.group("store1", "store1a", "store1b", "spare");
  private static final ReplicationGroup THIRD =
      Walks.group("store2", "store2a", "127.0.0.1", "spare");
  private static final GroupTable TABLE = GroupTable.of(List.of(CLUSTER, OTHER, THIRD));
  private static final ReferralTrust TRUST =
      new ReferralTrust(
          List.of("*.Mail.Example.com", "exact.example.net.", "a*b*c", "10.0.0.9"),
          Set.of(1143),
          3);

  private static ReferralTrust.Verdict judge(String host, int port, int hops) {
    ReferralTrust.Claim claim =
        new ReferralTrust.Claim(
            new StoreHost("huey"),
            Set.of(new StoreHost("huey"), new StoreHost("louie")),
            host,
            port,
            hops);
    return TRUST.judge(TABLE, CLUSTER, claim, group -> group.name().equals("store1") ? 2143 : 143);
  }

  @ParameterizedTest
  @CsvSource({
    "dewey, 0, IN_GROUP", // B3.6
    "DEWEY., 143, IN_GROUP",
    "dewey, 1143, IN_GROUP",
    "dewey, 993, PASSED_OVER", // B3.5, B3.9
    "store1a, 0, OTHER_GROUP", // B3.7
    "store1b, 2143, OTHER_GROUP",
    "store1b, 143, PORT_NOT_FOLLOWED",
    "127.0.0.1, 0, OTHER_GROUP", // R2: configured so
    "spare, 0, UNTRUSTED", // B2.1
    "x.mail.example.com, 0, TRUSTED",
    "X.Y.MAIL.example.COM., 143, TRUSTED",
    "mail.example.com, 0, UNTRUSTED",
    "x.mail.example.com.evil.org, 0, UNTRUSTED",
    "exact.example.net, 1143, TRUSTED",
    "exact.example.net, 22, PORT_NOT_FOLLOWED", // R2
    "axxbyyc, 0, TRUSTED",
    "axxcyyb, 0, UNTRUSTED",
    "10.0.0.9, 0, TRUSTED",
    "evil.example.org, 0, UNTRUSTED", // R1
    "localhost, 0, UNTRUSTED", // R2
    "169.254.169.254, 0, UNTRUSTED",
    "::1, 0, UNTRUSTED",
    "'', 0, NOT_A_REFERRAL", // B3.8
    "huey, 0, NOT_A_REFERRAL",
    "HUEY., 143, NOT_A_REFERRAL",
    "louie, 0, VISITED", // R4
    "'evil@dewey', 0, UNTRUSTED", // R6
    "'dewey:143', 0, UNTRUSTED",
    "'[::1]', 0, UNTRUSTED",
    "'..', 0, UNTRUSTED"
  })
  void referralIsFollowedOnlyToATrustedHostAndPort(
      String host, int port, ReferralTrust.Kind expected) {
    ReferralTrust.Verdict verdict = judge(host, port, 0);
    assertEquals(expected, verdict.kind(), verdict.reason());
    assertEquals(expected.followed(), verdict.group() != null);
  }

  @Test
  void addressIsNeverTrustedByAPatternWithAsterisk() { // R2
    GroupTable noGroups = GroupTable.of(List.of());
    ReferralTrust everything = new ReferralTrust(List.of("*"), Set.of(), 3);
    for (String address :
        List.of(
            "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "::1", "::ffff:7f00:1")) {
      ReferralTrust.Claim claim =
          new ReferralTrust.Claim(new StoreHost("huey"), Set.of(), address, 0, 0);
      assertEquals(
          ReferralTrust.Kind.UNTRUSTED,
          everything.judge(noGroups, CLUSTER, claim, group -> 143).kind(),
          address);
    }
  }

  @Test
  void fourthReferralIsOneTooMany() { // B3.8
    assertEquals(ReferralTrust.Kind.IN_GROUP, judge("dewey", 0, 2).kind());
    assertEquals(ReferralTrust.Kind.PASSED_OVER, judge("dewey", 0, 3).kind(), "B3.9");
    assertEquals(ReferralTrust.Kind.TOO_MANY_HOPS, judge("store1a", 0, 3).kind());
    assertEquals(ReferralTrust.Kind.TOO_MANY_HOPS, judge("store1", 0, 3).kind());
    assertEquals(ReferralTrust.Kind.NOT_A_REFERRAL, judge("huey", 0, 3).kind());
  }

  @Test
  void portOfTheVerdictIsTheOneToDial() { // B3.5
    assertEquals(0, judge("dewey", 143, 0).port());
    assertEquals(1143, judge("dewey", 1143, 0).port());
  }

  @Test
  void groupOfTheVerdictIsTheOneToWalk() { // B3.6
    assertEquals(OTHER, judge("store1a", 0, 0).group());
    assertEquals(
        ReplicationGroup.implicit(new StoreHost("exact.example.net")),
        judge("exact.example.net", 0, 0).group());
    assertNull(judge("evil.example.org", 0, 0).group());
  }
}
