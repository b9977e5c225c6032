package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.client.SaslExchange;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/** Logins by certificate, which an administrator makes at the store (rules B3.1, B3.13, T11). */
final class CertificateLoginTest {
  private static final CertificateIdentity BY_SERIAL =
      new CertificateIdentity("", "(serialNumber=4711)", "dc=example", "mail");

  private final SessionRig rig = new SessionRig();

  private static StoreAccess withAdministrator(TlsPolicy tls) {
    StoreAccess access = SessionRig.access(tls);
    return new StoreAccess(
        access.port(),
        access.tls(),
        access.trust(),
        access.connectTimeout(),
        access.greetingTimeout(),
        access.answerTimeout(),
        "admin",
        Secret.taking("adminpass".getBytes(UTF_8)),
        access.clientId(),
        access.survival());
  }

  private TestClient showing(CertificateIdentity identity, String login) {
    TestClient client = new TestClient(rig, true);
    client.see(client.session.onOpen(identity, rig.clock.now()));
    client.say(login + "\n");
    return client;
  }

  @Test
  void ownerIsLoggedInByTheGroupsAdministrator() { // B3.13
    rig.access.put("ducks", withAdministrator(TlsPolicy.OFF));
    TestClient client = showing(CertificateIdentity.named("bob"), "cert:bob ");
    client.found("ducks");
    assertEquals("admin", client.storeLogin().adminName());
    assertEquals("BOB", client.storeLogin().storeName());
    client.accepts();
    assertNotNull(client.handOver);
  }

  @Test
  void groupWithoutAdministratorAnswersThatItCannotServeCertificates() { // B3.13
    TestClient client = showing(CertificateIdentity.named("bob"), "cert:bob ");
    client.found("ducks");
    assertEquals("hello\nno MECHANISM_UNAVAILABLE\n", client.heard());
    assertEquals(List.of(), client.dialled);
    assertEquals(
        "the group ducks has no imapadmin to log a certificate's owner in", rig.lastLogin().why());
  }

  @ParameterizedTest // B3.10, B3.13
  @CsvSource({
    "AUTH_REJECTED, 'NO [AUTHENTICATIONFAILED] x',  true",
    "AUTH_REJECTED, 'NO [AUTHORIZATIONFAILED] x',   true",
    "AUTH_REJECTED, NO x,                           true",
    "AUTH_REJECTED, -ERR [AUTH] x,                  true",
    "AUTH_REJECTED, -ERR x,                         true",
    "AUTH_REJECTED, '',                             true",
    "USER_REFUSED,  'NO [EXPIRED] x',               true",
    "USER_REFUSED,  'NO [ALERT] [expired] x',       true",
    "USER_REFUSED,  'NO [LIMIT] x',                 false",
    "USER_REFUSED,  'NO x [EXPIRED]',               false",
    "USER_REFUSED,  '-ERR [SYS/PERM] x',            false",
    "TEMPORARY_FAILURE, 'NO [UNAVAILABLE] x',       false",
  })
  void refusedAdministratorIsOurTroubleAndNoWrongPassword(
      AttemptOutcome outcome, String words, boolean ofAdministrator) {
    SessionRig strict = new SessionRig(withPenalty());
    strict.access.put("ducks", withAdministrator(TlsPolicy.OFF));
    TestClient client = new TestClient(strict, true);
    client.see(client.session.onOpen(CertificateIdentity.named("bob"), strict.clock.now()));
    client.say("cert:bob \n");
    client.found("ducks");
    for (int i = 0; i < 3; i++) {
      StoreAnswer said = new StoreAnswer(outcome, null, List.of(), words, "the store said no");
      client.answers(client.storeLogin().meaningFor(said));
    }
    assertTrue(client.heard().startsWith("hello\nno NO_STORE_ANSWERED"), client::heard);
    assertEquals(
        ofAdministrator ? List.of("huey", "dewey", "louie") : List.of(),
        strict.administratorsRefused);
    // The next login waits for nothing: nobody guessed.
    client.say("cert:bob \n");
    client.found("ducks");
    assertEquals(4, client.dialled.size());
  }

  @Test
  void refusedPasswordOfAUserIsNoTroubleOfTheAdministrators() { // B3.10
    TestClient client = rig.atTheDucks();
    StoreAnswer said =
        new StoreAnswer(AttemptOutcome.AUTH_REJECTED, null, List.of(), "NO x", "wrong");
    client.answers(client.storeLogin().meaningFor(said));
    client.passToDeadline();
    assertTrue(client.heard().startsWith("hello\nno BAD_CREDENTIALS\n"), client::heard);
    assertEquals(List.of(), rig.administratorsRefused);
  }

  private static LimitsConfig withPenalty() {
    return new LimitsConfig(
        0,
        0,
        0,
        0,
        NetworkSet.NONE,
        new LimitsConfig.Penalty(
            Duration.ofSeconds(4), Duration.ofSeconds(8), Duration.ofMinutes(1), 100));
  }

  @ParameterizedTest // B3.1
  @CsvSource({"'', true", "bob@example.org, true", "bob, true", "alice@example.org, false"})
  void ownerWhomTheDirectoryKnowsMayBeNobodyElse(String authzid, boolean accepted) {
    rig.access.put("ducks", withAdministrator(TlsPolicy.OFF));
    TestClient client = showing(BY_SERIAL, "cert: " + authzid);
    assertNotNull(client.asked);
    assertEquals(BY_SERIAL, client.asked.certificate());
    client.found("ducks");
    if (!accepted) {
      client.passToDeadline();
      assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
    }
    assertEquals(accepted ? List.of("huey") : List.of(), client.dialled);
  }

  @Test
  void certificateThatIsNobodysIsAFailedLogin() { // T11
    TestClient client = showing(BY_SERIAL, "cert: ");
    client.lookedUp(LookupResult.failed(LookupResult.Kind.NO_SUCH_USER, "", "nobody's"));
    client.passToDeadline();
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
    client.say("bob secret\n");
    client.found("ducks");
    client.accepts();
    assertNotNull(client.handOver, "the session goes on");
  }

  @Test
  void passwordOfAClientWithACertificateIsLookedUpByItsName() {
    TestClient client = showing(BY_SERIAL, "bob secret");
    assertNotNull(client.asked);
    assertEquals(CertificateIdentity.NOBODY, client.asked.certificate());
    assertEquals("bob", client.asked.loginName());
  }

  @Test
  void exchangeOfACertificateWaitsForTheDirectoryToKnowItsOwner() { // B3.1
    SaslExchange exchange = new SaslExchange(Mechanism.EXTERNAL, BY_SERIAL);
    assertEquals(SaslExchange.Progress.COMPLETE, exchange.start("Ym9i".getBytes(UTF_8))); // bob
    assertEquals("bob", exchange.credentials().authzid());
    assertEquals("", exchange.credentials().authcid());
    SaslExchange nobodys = new SaslExchange(Mechanism.EXTERNAL, CertificateIdentity.NOBODY);
    assertEquals(SaslExchange.Progress.REFUSED, nobodys.start("Ym9i".getBytes(UTF_8)));
  }
}
