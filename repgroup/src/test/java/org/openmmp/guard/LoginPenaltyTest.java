package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

class LoginPenaltyTest {
  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final long SECOND = 1_000_000_000L;
  private static final String HOME = "192.0.2.1";

  private final LoginPenalty penalty = penalty(1_000);

  private static LoginPenalty penalty(int tableSize) {
    return penalty(Duration.ofSeconds(1), Duration.ofSeconds(15), tableSize);
  }

  private static LoginPenalty penalty(Duration first, Duration max, int tableSize) {
    var delays = new LimitsConfig.Penalty(first, max, Duration.ofMinutes(5), tableSize);
    return new LoginPenalty(
        new LimitsConfig(
            0, 0, 0, 0, NetworkSet.parse(List.of("10.9.0.0/16", "2001:db8:9::/48")), delays),
        KEY);
  }

  private LoginPenalty.Judgement login(String client, String user, String password) {
    return penalty.begin(
        Clients.at(client), user, Secret.taking(password.getBytes(StandardCharsets.UTF_8)));
  }

  private long rejectedMillis(String client, String user, String password, long now) {
    return login(client, user, password).rejected(now).toMillis();
  }

  private long beforeMillis(String client, String user, String password, long now) {
    return login(client, user, password).delayBefore(now).toMillis();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -5, Long.MAX_VALUE - 3, Long.MIN_VALUE, Long.MAX_VALUE - 90 * SECOND})
  void delayDoublesWithEveryWrongPasswordAndIsForgottenStepByStep(long origin) { // B6.4
    long[] expected = {1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], rejectedMillis(HOME, "ada", "guess" + i, origin), "guess " + i);
    }
    long known = rejectedMillis(HOME, "ada", "guess6", origin + 59 * SECOND);
    assertEquals(15_000, known, "nothing is forgotten yet");
    assertEquals(8_000, rejectedMillis(HOME, "ada", "guess6", origin + 60 * SECOND));
    assertEquals(4_000, rejectedMillis(HOME, "ada", "guess6", origin + 120 * SECOND));
    assertEquals(4_000, rejectedMillis(HOME, "ada", "new", origin + 190 * SECOND));
    assertEquals(2_000, rejectedMillis(HOME, "ada", "new", origin + 240 * SECOND));
    assertEquals(1_000, rejectedMillis(HOME, "ada", "new", origin + 300 * SECOND));
    assertEquals(0, beforeMillis(HOME, "bob", "right", origin + 600 * SECOND));
    assertEquals(1_000, rejectedMillis(HOME, "ada", "new", origin + 600 * SECOND), "the least");
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 1000, 1000, 1000, 1000",
    "1000, 1500, 1000, 1500, 1500",
    "300, 1000, 300, 600, 1000",
    "0, 0, 0, 0, 0",
  })
  void delaysAreTheConfiguredOnes(int first, int max, int one, int two, int three) {
    LoginPenalty configured = penalty(Duration.ofMillis(first), Duration.ofMillis(max), 10);
    for (int expected : new int[] {one, two, three}) {
      byte[] guess = {(byte) configured.tableEntries(), (byte) expected, (byte) (expected >> 8)};
      LoginPenalty.Judgement wrong = configured.begin(Clients.at(HOME), "u", Secret.taking(guess));
      assertEquals(expected, wrong.rejected(0).toMillis());
    }
  }

  @Test
  void samePasswordAgainDoesNotRaiseTheDelay() { // B6.4: a telephone with an old password
    for (int i = 0; i < 100; i++) {
      assertEquals(1_000, rejectedMillis(HOME, "ada", "old", i));
    }
    assertEquals(2_000, rejectedMillis(HOME, "bob", "old", 100), "another user's is another one");
  }

  @Test
  void everyRejectionCountsWhereTheSecretIsNotSeen() { // B6.4
    for (int expected : new int[] {1_000, 2_000, 4_000, 8_000, 15_000, 15_000}) {
      assertEquals(expected, penalty.beginUnseen(Clients.at(HOME), "ada").rejected(0).toMillis());
    }
    assertEquals(500, beforeMillis(HOME, "ada", "right", 0));
    assertEquals(0, beforeMillis("10.9.1.1", "ada", "right", 0));
    assertEquals(0, penalty.beginUnseen(Clients.at("10.9.1.1"), "ada").rejected(0).toMillis());
  }

  @Test
  void acceptedLoginWhoseSecretIsNotSeenProvesNoOther() { // B6.4
    login(HOME, "ada", "right").accepted();
    penalty.beginUnseen(Clients.at(HOME), "ada").accepted();
    assertFalse(penalty.beginUnseen(Clients.at(HOME), "ada").proven());
    assertTrue(login(HOME, "ada", "right").proven(), "what was seen before is still known");
    rejectedMillis(HOME, "bob", "guess", 0);
    assertEquals(0, penalty.beginUnseen(Clients.at(HOME), "ada").delayBefore(0).toMillis());
  }

  @Test
  void devicesWithDifferentOldPasswordsAreKnownEach() {
    for (int i = 0; i < 50; i++) {
      rejectedMillis(HOME, "ada", "old" + i % 8, i);
    }
    assertEquals(15_000, rejectedMillis(HOME, "ada", "old3", 50));
    assertEquals(1_000, rejectedMillis(HOME, "ada", "old3", 300 * SECOND));
  }

  @Test
  void clientIsAnAddressOrASlash64() { // B6.4
    rejectedMillis("2001:db8::1", "ada", "a", 0);
    assertEquals(2_000, rejectedMillis("2001:db8::2", "ada", "b", 0));
    assertEquals(1_000, rejectedMillis("2001:db8:0:1::1", "ada", "b", 0));
    assertEquals(1_000, rejectedMillis(HOME, "ada", "c", 0));
    assertEquals(2_000, rejectedMillis("::ffff:192.0.2.1", "ada", "d", 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.9.1.2", "2001:db8:9::5"})
  void exemptNetworkIsNeverDelayedNorRemembered(String client) { // B6.4
    for (int i = 0; i < 20; i++) {
      assertEquals(0, beforeMillis(client, "ada", "guess" + i, 0));
      assertEquals(0, rejectedMillis(client, "ada", "guess" + i, 0));
      login(client, "ada", "right").accepted();
    }
    assertEquals(0, penalty.tableEntries());
  }

  @Test
  void goodUsersBehindAnAttackedAddressAreUnderASecondLate() { // R12
    login(HOME, "ada", "right").accepted();
    for (int i = 0; i < 100; i++) {
      rejectedMillis(HOME, "victim" + i, "guess", 0);
    }
    LoginPenalty.Judgement proven = login(HOME, "ADA", "right");
    assertTrue(proven.proven());
    assertEquals(0, proven.delayBefore(0).toMillis(), "known user, known password");
    assertEquals(0, beforeMillis(HOME, "ada", "changed", 0), "known user, new password");
    assertEquals(500, beforeMillis(HOME, "newcomer", "right", 0), "never seen here before");
    assertEquals(0, beforeMillis("192.0.2.2", "newcomer", "right", 0), "another address");
  }

  @Test
  void knownUserIsStillProtectedAgainstGuesses() {
    login(HOME, "ada", "right").accepted();
    assertFalse(login(HOME, "ada", "guess").proven());
    assertEquals(1_000, rejectedMillis(HOME, "ada", "guess1", 0));
    assertEquals(2_000, rejectedMillis(HOME, "ada", "guess2", 0));
    assertEquals(500, beforeMillis(HOME, "ada", "guess3", 0));
    assertEquals(0, beforeMillis(HOME, "ada", "right", 0));
  }

  @Test
  void rightPasswordIsProvenFromEveryNetwork() { // R12
    login(HOME, "ada", "right").accepted();
    assertTrue(login("192.0.2.2", "ada", "right").proven());
    assertFalse(login(HOME, "bob", "right").proven());
    assertFalse(login(HOME, "ada", "righ").proven());
    login(HOME, "ada", "changed").accepted();
    assertFalse(login(HOME, "ada", "right").proven(), "only the last one");
  }

  @Test
  void userIsKnownOnlyAtTheNetworksItCameFrom() {
    login(HOME, "ada", "right").accepted();
    rejectedMillis("192.0.2.2", "bob", "guess", 0);
    assertEquals(500, beforeMillis("192.0.2.2", "ada", "guess", 0));
    assertEquals(0, beforeMillis("192.0.2.2", "ada", "right", 0));
  }

  @Test
  void acceptedLoginForgivesTheUserAndNotTheNetwork() {
    rejectedMillis(HOME, "ada", "typo", 0);
    login(HOME, "ada", "right").accepted();
    assertEquals(0, beforeMillis(HOME, "ada", "typo", 0));
    assertEquals(500, beforeMillis(HOME, "bob", "any", 0));
    assertEquals(1_000, rejectedMillis(HOME, "ada", "typo", 0), "still known as an old password");
  }

  @Test
  void knownAndUnknownUsersAreRejectedAfterTheSameTime() { // R11
    login(HOME, "ada", "right").accepted();
    for (int i = 0; i < 10; i++) {
      rejectedMillis(HOME, "victim" + i, "guess", 0);
    }
    LoginPenalty.Judgement known = login(HOME, "ada", "guess");
    LoginPenalty.Judgement unknown = login(HOME, "nobody", "guess");
    assertEquals(15_000, known.delayBefore(0).plus(known.rejected(0)).toMillis());
    assertEquals(15_000, unknown.delayBefore(0).plus(unknown.rejected(0)).toMillis());
  }

  @Tag("slow")
  @Test
  void tablesStayBoundedUnderAMillionNamesAndAddresses() { // R13
    LoginPenalty small = penalty(1_000);
    for (int i = 0; i < 300_000; i++) {
      small.begin(Clients.number(i), "user" + i, Secret.none()).rejected(i);
    }
    for (int i = 0; i < 10_000; i++) {
      small.begin(Clients.number(i), "user" + i, Secret.none()).accepted();
    }
    assertTrue(small.tableEntries() <= 4_000, small.tableEntries() + "");
  }

  @Test
  void sprayedNamesDoNotDisplaceKnownUsers() { // R12, R13
    LoginPenalty small = penalty(100);
    small.begin(Clients.at(HOME), "ada", Secret.none()).accepted();
    for (int i = 0; i < 100_000; i++) {
      small.begin(Clients.at(HOME), "user" + i, Secret.none()).rejected(i);
    }
    assertTrue(small.begin(Clients.at(HOME), "ada", Secret.none()).proven());
  }

  @Test
  void everyOneOfManyParallelGuessesCounts() throws Exception { // R12
    var threads = Executors.newFixedThreadPool(8);
    List<Callable<Long>> guesses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String guess = "guess" + i;
      guesses.add(() -> rejectedMillis(HOME, "ada", guess, 0));
    }
    List<Long> delays = new ArrayList<>();
    for (var done : threads.invokeAll(guesses, 60, TimeUnit.SECONDS)) {
      delays.add(done.get());
    }
    threads.shutdown();
    delays.sort(null);
    assertEquals(List.of(1_000L, 2_000L, 4_000L, 8_000L), delays.subList(0, 4));
    assertEquals(15_000, delays.get(4));
  }

  @Test
  void secretStaysTheCallersAndShortKeysAreRefused() {
    Secret secret = Secret.taking(new byte[] {1, 2, 3});
    penalty.begin(Clients.at(HOME), "ada", secret).rejected(0);
    assertEquals(3, secret.length());
    var limits =
        new LimitsConfig(
            0,
            0,
            0,
            0,
            NetworkSet.NONE,
            new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1), 1));
    assertThrows(IllegalArgumentException.class, () -> new LoginPenalty(limits, new byte[15]));
  }

  @Test
  void otherPenaltyCountsWhatIsRemembered() { // B7.3
    assertEquals(1_000, rejectedMillis(HOME, "ada", "one", 0));
    assertEquals(2_000, rejectedMillis(HOME, "ada", "two", 0));
    penalty.change(
        new LimitsConfig(
            0,
            0,
            0,
            0,
            NetworkSet.NONE,
            new LimitsConfig.Penalty(
                Duration.ofMillis(100), Duration.ofSeconds(15), Duration.ofMinutes(5), 2_000)));
    assertEquals(400, rejectedMillis(HOME, "ada", "three", 0));
    assertEquals(100, rejectedMillis("10.9.0.1", "eve", "one", 0));
  }

  @Test
  void whoGuessesAtThreeFrontEndsIsSlowedAsAtOne() { // B10.5
    List<LoginPenalty> all = List.of(penalty(1_000), penalty(1_000), penalty(1_000));
    byte[] siteKey = "the key of the site".getBytes(StandardCharsets.US_ASCII);
    for (LoginPenalty each : all) {
      each.share(
          siteKey,
          wrong ->
              all.stream()
                  .filter(other -> other != each)
                  .forEach(other -> other.heard(wrong, SECOND)));
    }
    long[] expected = {1_000, 2_000, 4_000, 8_000, 15_000, 15_000};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], rejectedMillis(all.get(i % 3), "ada", "guess" + i), "guess " + i);
    }
  }

  @Test
  void onePasswordIsOneWhereverItIsTried() { // B10.5
    List<WrongPassword> told = new ArrayList<>();
    LoginPenalty other = penalty(1_000);
    byte[] siteKey = "the key of the site".getBytes(StandardCharsets.US_ASCII);
    other.share(siteKey, told::add);
    penalty.share(siteKey, told::add);
    for (int i = 0; i < 5; i++) {
      rejectedMillis(other, "Ada", "old");
    }
    assertEquals(1, told.size());
    penalty.heard(told.get(0), SECOND);
    penalty.heard(told.get(0), SECOND);
    assertEquals(1_000, rejectedMillis(penalty, "ada", "old"));
    assertEquals(1, told.size(), "what was heard is not told on");
    assertEquals(2_000, rejectedMillis(penalty, "ada", "another"));
    penalty.shareNothing();
    rejectedMillis(penalty, "ada", "third");
    assertEquals(2, told.size());
  }

  @Test
  void whatIsHeardLetsNobodyInAndKeepsNobodyOut() { // B10.5
    penalty.share(KEY, any -> {});
    login(HOME, "ada", "right").accepted();
    for (int i = 0; i < 100_000; i++) {
      penalty.heard(
          new WrongPassword(i, -i, Network.ofClient(Clients.at(HOME)), i, i % 2 == 0), SECOND);
    }
    assertTrue(login(HOME, "ada", "right").proven());
    assertEquals(0, beforeMillis(HOME, "ada", "right", SECOND));
    assertEquals(500, beforeMillis(HOME, "bob", "right", SECOND));
    assertTrue(penalty.tableEntries() <= 4_000, () -> penalty.tableEntries() + " entries");
    penalty.share("another key of a site".getBytes(StandardCharsets.US_ASCII), any -> {});
    assertFalse(login(HOME, "ada", "right").proven());
  }

  private static long rejectedMillis(LoginPenalty at, String user, String password) {
    return at.begin(Clients.at(HOME), user, Secret.of(password)).rejected(SECOND).toMillis();
  }
}
