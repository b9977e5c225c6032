package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.repgroup.ReferralTrust.Claim;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;

/** One resolver for the names that directories and stores give (rule B2.24). */
class NameResolutionTest {
  private static final ReplicationGroup G1 =
      Walks.group("g1", "a1.example.com", "a2.example.com", "2001:db8::a");
  private static final ReplicationGroup STORE2 =
      Walks.group("store2.example.com", "store2a.example.com", "a2.example.net", "bare");
  private static final ReplicationGroup OWN =
      Walks.group("own.example.com", "own.example.com", "other.example.com");
  private static final GroupTable TABLE =
      GroupTable.of(
          List.of(G1, STORE2, OWN),
          Map.of(
              "A1.example.com.", List.of("192.0.2.1", "2001:DB8:0::1"),
              "a2.example.com", List.of("192.0.2.2", "192.0.2.9"),
              "store2a.example.com", List.of("192.0.2.9"),
              "elsewhere.example.com", List.of("192.0.2.77")));
  private static final ReferralTrust TRUST = new ReferralTrust(List.of(), Set.of(1143), 3);

  @ParameterizedTest // B2.1, B2.24
  @CsvSource({
    "g1, g1, ''",
    "G1., g1, ''",
    "a1.example.com, g1, a1.example.com",
    "A1.Example.Com., g1, a1.example.com",
    "a1, g1, a1.example.com",
    "A1, g1, a1.example.com",
    "192.0.2.1, g1, a1.example.com",
    "2001:db8::1, g1, a1.example.com",
    "2001:0DB8:0:0:0:0:0:0001, g1, a1.example.com",
    "2001:db8:0:0::a, g1, 2001:db8::a",
    "::ffff:192.0.2.1, g1, a1.example.com",
    "store2.example.com, store2.example.com, ''",
    "store2a, store2.example.com, store2a.example.com",
    "BARE, store2.example.com, bare",
    "own.example.com, own.example.com, own.example.com",
    "own, own.example.com, own.example.com",
    "192.0.2.77, 192.0.2.77, 192.0.2.77",
    "unknown, unknown, unknown",
    "0:0::7, ::7, ::7"
  })
  void mailHostLeadsToItsGroupHoweverItIsWritten(String mailHost, String group, String host) {
    GroupMatch match = TABLE.groupOf(mailHost);
    assertEquals(GroupMatch.Kind.FOUND, match.kind(), match.reason());
    assertEquals(group, match.found().name());
    assertEquals(host.isEmpty() ? null : new StoreHost(host), match.host());
  }

  @ParameterizedTest // B2.24
  @CsvSource({
    "a2, 'the mail host may be any of a2.example.com, a2.example.net'",
    "192.0.2.9, 'the mail host may be any of a2.example.com, store2a.example.com'"
  })
  void nameThatFitsSeveralHostsIsAmbiguous(String mailHost, String reason) {
    GroupMatch match = TABLE.groupOf(mailHost);
    assertEquals(GroupMatch.Kind.AMBIGUOUS, match.kind());
    assertEquals(reason, match.reason());
  }

  @ParameterizedTest // B2.24, B3.6, B3.9
  @CsvSource({
    "store2.example.com, 0, OTHER_GROUP, store2.example.com, ''",
    "STORE2.example.com., 143, OTHER_GROUP, store2.example.com, ''",
    "store2.example.com, 1143, OTHER_GROUP, store2.example.com, ''",
    "store2.example.com, 99, PORT_NOT_FOLLOWED, '', ''",
    "store2a, 0, OTHER_GROUP, store2.example.com, store2a.example.com",
    "bare, 0, OTHER_GROUP, store2.example.com, bare",
    "own.example.com, 0, OTHER_GROUP, own.example.com, ''",
    "own, 0, OTHER_GROUP, own.example.com, own.example.com",
    "a2.example.com, 0, IN_GROUP, g1, a2.example.com",
    "192.0.2.2, 0, IN_GROUP, g1, a2.example.com",
    "2001:db8:0:0:0::a, 0, IN_GROUP, g1, 2001:db8::a",
    "g1, 0, PASSED_OVER, '', ''",
    "G1., 99, PASSED_OVER, '', ''",
    "a2, 0, PASSED_OVER, '', ''",
    "192.0.2.9, 0, PASSED_OVER, '', ''",
    "a2.example.com, 99, PASSED_OVER, '', a2.example.com",
    "a1, 0, NOT_A_REFERRAL, '', a1.example.com",
    "192.0.2.1, 0, NOT_A_REFERRAL, '', a1.example.com",
    "2001:db8::1, 0, NOT_A_REFERRAL, '', a1.example.com",
    "192.0.2.77, 0, UNTRUSTED, '', 192.0.2.77",
    "unknown, 0, UNTRUSTED, '', unknown"
  })
  void targetOfAReferralIsResolvedAsAMailHostIs(
      String target, int port, Kind kind, String group, String host) {
    Verdict verdict = judged(G1, "a1.example.com", target, port);
    assertEquals(kind, verdict.kind(), verdict.reason());
    assertEquals(host.isEmpty() ? null : new StoreHost(host), verdict.host());
    ReplicationGroup to = verdict.group();
    assertEquals(group, to == null ? "" : to.name());
  }

  @Test
  void hostOfTheGroupComesBeforeItsName() { // B2.24
    Verdict verdict = judged(OWN, "other.example.com", "own.example.com", 0);
    assertEquals(Kind.IN_GROUP, verdict.kind());
    assertEquals(new StoreHost("own.example.com"), verdict.host());
    assertEquals(Kind.NOT_A_REFERRAL, judged(OWN, "own.example.com", "OWN.example.com.", 0).kind());
  }

  @Test
  void severalHostsOfOtherGroupsAreNotTrusted() { // B2.24
    Verdict verdict = judged(OWN, "own.example.com", "a2", 0);
    assertEquals(Kind.UNTRUSTED, verdict.kind());
    assertNull(verdict.group());
  }

  @ParameterizedTest // B2.24: RFC 5952 section 4
  @CsvSource({
    "2001:0db8:0000:0000:0001:0000:0000:0001, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:DB8::1:0:0:0, 2001:db8:0:0:1::",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1::, 1::",
    "::ffff:192.0.2.1, 192.0.2.1",
    "2001:db8::192.0.2.1, 2001:db8::c000:201"
  })
  void ipv6AddressHasOneText(String written, String text) {
    assertEquals(text, new StoreHost(written).name());
    assertEquals(new StoreHost(text), new StoreHost(written));
  }

  @Test
  void referralsAndMailHostsLeadToTheSameGroupWhateverTheText() { // B2.24, a property
    Random random = new Random(24);
    String[] texts = {
      "g1", "a1.example.com", "a2.example.com", "a1", "a2", "store2.example.com", "store2a",
      "store2a.example.com", "bare", "own.example.com", "own", "other", "192.0.2.1", "192.0.2.2",
      "192.0.2.9", "2001:db8::a", "2001:db8::1", "g2", "x.example.org", "-", "a..b"
    };
    for (int i = 0; i < 5_000; i++) {
      String text = respelled(texts[random.nextInt(texts.length)], random);
      ReplicationGroup current = List.of(G1, STORE2, OWN).get(random.nextInt(3));
      StoreHost by = current.hosts().get(random.nextInt(current.hosts().size()));
      Verdict verdict = judged(current, by.name(), text, 0);
      GroupMatch match = TABLE.groupOf(text);
      ReplicationGroup followed = verdict.group();
      if (followed != null) {
        assertEquals(match.found(), followed, text);
        assertEquals(current.equals(followed), verdict.kind() == Kind.IN_GROUP, text);
      } else {
        boolean elsewhere =
            match.kind() == GroupMatch.Kind.FOUND
                && !match.found().implicit()
                && !match.found().equals(current);
        assertEquals(false, elsewhere, text + " from " + by + ": " + verdict.reason());
        assertNotEquals(Kind.IN_GROUP, verdict.kind(), text);
      }
    }
  }

  private static String respelled(String text, Random random) {
    String other = random.nextBoolean() ? text : text.toUpperCase(Locale.ROOT);
    boolean dotted = random.nextBoolean() && text.indexOf(':') < 0;
    return (dotted ? other + "." : other).replace("::", random.nextBoolean() ? "::" : ":0::");
  }

  private static Verdict judged(ReplicationGroup current, String by, String target, int port) {
    StoreHost from = new StoreHost(by);
    return TRUST.judge(TABLE, current, new Claim(from, Set.of(from), target, port, 0), any -> 143);
  }
}
