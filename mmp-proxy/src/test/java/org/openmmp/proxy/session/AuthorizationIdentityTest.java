package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.NetworkSet;

/** Whose mailbox it is where somebody else's password opens it. */
final class AuthorizationIdentityTest {
  private final SessionRig rig = new SessionRig();

  @ParameterizedTest // B3.18
  @CsvSource({
    "bob/admin, '', bob, admin",
    "bob/admin, *, bob, admin",
    "bob*admin, *, bob, admin",
    "bob@example.org*admin@example.org, *, bob@example.org, admin@example.org",
    "bob*admin*2, *, bob, admin*2",
    "x/bob*admin, *, x, bob*admin"
  })
  void userIsLookedUpAndWhoAuthenticatesIsTold(
      String typed, String separator, String user, String authcid) {
    rig.masterUserSeparator = separator;
    TestClient client = rig.client();
    client.say(typed + " secret\n");
    assertNotNull(client.asked);
    assertEquals(user, client.asked.loginName());
    client.found("geese");
    assertEquals(List.of("gus"), client.dialled, "the user's group");
    assertEquals("BOB", client.storeLogin().storeName(), "the user's name there");
    assertEquals(authcid, client.storeLogin().authenticates());
    client.accepts();
    LoginReport report = rig.lastLogin();
    assertEquals("bob@example.org", report.user());
    assertEquals(authcid, report.authcid());
    assertEquals("geese", report.group());
  }

  @ParameterizedTest // B3.18
  @CsvSource({
    "bob, '', bob",
    "bob, *, bob",
    "bob*admin, '', bob*admin",
    "bob*admin, %, bob*admin",
    "*admin, *, *admin",
    "bob*, *, bob*",
    "bob/bob, *, bob",
    "bob@example.org/bob, '', bob",
    "bob@example.org*bob, *, bob",
    "token:bob*admin, *, bob*admin",
    "scram:bob*admin, *, bob*admin"
  })
  void whoMeansItselfIsNobodyElse(String typed, String separator, String user) {
    rig.masterUserSeparator = separator;
    TestClient client = rig.client();
    client.say(typed + " secret\n");
    assertNotNull(client.asked);
    assertEquals(user, client.asked.loginName());
    client.lookedUp(LookupResult.failed(Kind.NO_SUCH_USER, user, "none"));
    client.passToDeadline();
    assertEquals("", rig.lastLogin().authcid());
  }

  @Test
  void sessionsOfTheUserAreCountedAndNotThoseOfWhoAuthenticates() { // B6.3, B3.18
    SessionRig one =
        new SessionRig(new LimitsConfig(0, 0, 1, 0, NetworkSet.NONE, SessionRig.noPenalty()));
    TestClient first = one.client();
    first.say("bob/admin secret\n");
    first.found("ducks");
    first.accepts();
    assertNotNull(first.handOver);
    TestClient second = one.client();
    second.say("bob/helper secret\n");
    second.found("ducks");
    assertEquals("hello\nno OVER_LIMIT\n", second.heard());
    TestClient other = one.client();
    other.say("ann/admin secret\n");
    other.lookedUp(entry(Kind.FOUND, "ann@example.org", "ducks"));
    other.accepts();
    assertNotNull(other.handOver);
  }

  @ParameterizedTest // B1.4: the user's status, whoever asks
  @CsvSource({
    "DISABLED, BAD_CREDENTIALS",
    "DELETED, BAD_CREDENTIALS",
    "NO_SUCH_USER, BAD_CREDENTIALS",
    "INACTIVE, USER_UNAVAILABLE",
    "NO_MAIL_HOST, USER_UNAVAILABLE"
  })
  void statusIsTheUsers(Kind kind, LoginFailure failure) {
    TestClient client = rig.client();
    client.say("bob/admin secret\n");
    client.lookedUp(LookupResult.failed(kind, "bob@example.org", "so"));
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    assertEquals("hello\nno " + failure + "\n", client.heard());
    assertEquals("bob@example.org", rig.lastLogin().user());
    assertEquals("admin", rig.lastLogin().authcid());
  }

  @ParameterizedTest // B1.8
  @EnumSource(
      value = Kind.class,
      names = {"FOUND", "NO_MAIL_HOST"})
  void directoryChecksThePasswordOfWhoAuthenticates(Kind kind) {
    rig.directory.preAuthenticates = true;
    TestClient client = rig.client();
    client.say("bob/admin secret\n");
    client.found("geese");
    assertEquals(List.of(), client.bound, "not bob's");
    assertNotNull(client.asked);
    assertEquals("admin", client.asked.loginName());
    client.lookedUp(entry(kind, "admin@example.org", "ducks"));
    assertEquals(List.of("uid=admin@example.org secret"), client.boundAsWhom);
    client.boundAs(BindResult.ACCEPTED);
    assertEquals(List.of("gus"), client.dialled);
    client.accepts();
    assertEquals("bob@example.org", rig.lastLogin().user());
  }

  @ParameterizedTest // B1.8: an authorization identity is no way around the check
  @CsvSource({
    "NO_SUCH_USER, BAD_CREDENTIALS",
    "DISABLED, BAD_CREDENTIALS",
    "DELETED, BAD_CREDENTIALS",
    "NOT_ALLOWED, BAD_CREDENTIALS",
    "INACTIVE, USER_UNAVAILABLE",
    "AMBIGUOUS, USER_UNAVAILABLE",
    "BAD_ENTRY, USER_UNAVAILABLE",
    "DIRECTORY_DOWN, DIRECTORY_DOWN"
  })
  void whoCannotBeCheckedGoesToNoStore(Kind kind, LoginFailure failure) {
    rig.directory.preAuthenticates = true;
    TestClient client = rig.client();
    client.say("bob/admin secret\n");
    client.found("ducks");
    client.lookedUp(LookupResult.failed(kind, "admin@example.org", "so"));
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    assertEquals("hello\nno " + failure + "\n", client.heard());
    assertEquals(List.of(), client.bound);
    assertEquals(List.of(), client.dialled);
  }

  @ParameterizedTest // B1.8: the domain of either name may want the check
  @CsvSource({
    "bob@plain.example, admin@checked.example",
    "bob@checked.example, admin@plain.example"
  })
  void domainOfEitherNameMayWantTheCheck(String user, String authcid) {
    rig.directory.preAuthenticatedDomain = "checked.example";
    TestClient client = rig.client();
    client.say(user + "/" + authcid + " secret\n");
    client.lookedUp(entry(Kind.FOUND, user, "ducks"));
    assertEquals(List.of(), client.dialled);
    assertNotNull(client.asked);
    assertEquals(authcid, client.asked.loginName());
    client.lookedUp(entry(Kind.FOUND, authcid, "geese"));
    client.boundAs(BindResult.REJECTED);
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
    assertEquals(List.of(), client.dialled);
  }

  @Test
  void wrongPasswordsCountForWhoAuthenticates() { // B6.4
    LimitsConfig.Penalty penalty =
        new LimitsConfig.Penalty(
            Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofMinutes(10), 100);
    SessionRig strict = new SessionRig(new LimitsConfig(0, 0, 0, 0, NetworkSet.NONE, penalty));
    TestClient good = strict.client();
    good.say("bob secret\n");
    good.found("ducks");
    good.accepts();
    TestClient guesser = strict.client();
    guesser.say("bob/admin wrong\n");
    guesser.found("ducks");
    guesser.answers(new StoreAnswer(AttemptOutcome.AUTH_REJECTED, null, List.of(), "no", "wrong"));
    guesser.passToDeadline();
    TestClient again = strict.client();
    again.say("bob other\n");
    assertEquals(SessionState.LOOKING_UP, again.state(), "bob himself has no wrong password");
    TestClient admin = strict.client();
    admin.say("ann/admin other\n");
    assertEquals(SessionState.HELD_BACK, admin.state());
  }

  @Test
  void exchangeForAnotherNamesTheUserAsTheStoreKnowsIt() { // B3.18
    TestClient client = rig.client();
    client.say("scram:BOB/admin n,a=BOB,n=admin,r=x\n");
    client.found("ducks");
    assertEquals(List.of("huey"), client.dialled);
    TestClient other = rig.client();
    other.say("scram:bob/BOB n,a=bob,n=BOB,r=x\n");
    other.found("ducks");
    assertEquals("hello\nno MECHANISM_UNAVAILABLE\n", other.heard());
  }

  @Test
  void tokenIsForTheUserThatItNames() { // B3.18
    TestClient client = rig.client();
    client.say("token:bob abc\n");
    client.found("geese");
    assertEquals(List.of("gus"), client.dialled);
    assertEquals("BOB", client.storeLogin().storeName());
    assertEquals("", client.storeLogin().authenticates());
  }

  private static LookupResult entry(Kind kind, String login, String mailHost) {
    return new LookupResult(
        kind, login, mailHost, login, "uid=" + login, Map.of(), Freshness.LOOKED_UP, "found");
  }
}
