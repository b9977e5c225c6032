package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.fixture.Await;
import org.openmmp.transport.ProxyHeaders;

/** What follows from a client that a trusted load balancer announces (B6.5). */
final class AnnouncedClientTest {
  @SuppressWarnings("NullAway.Init") // every test starts it first
  private BalancedProxy proxy;

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  private RawClient announced(String client, String additions) {
    return proxy.balancer().send(ProxyHeaders.v2(client, "198.51.100.1", additions));
  }

  private RawClient announcedUnderTls(String additions) {
    return announced("192.0.2.7", ProxyHeaders.tls(1, 0, "") + additions);
  }

  // B6.3, B6.7
  @Test
  void addressesAreCountedAsAnnouncedAndConnectionsAsSockets(@TempDir Path workplace) {
    proxy =
        new BalancedProxy(
            workplace,
            "openmmp.limits { connections-per-address = 2, max-connections = 8 }\n"
                // Half a header holds its place until the test has seen it.
                + "openmmp.proxy-protocol.timeout = 60s");
    String over = "* BYE [LIMIT] Too many connections. Please try again later.";
    RawClient first = announced("192.0.2.7", "");
    RawClient second = announced("192.0.2.7", "");
    assertTrue(String.valueOf(first.line()).startsWith("* OK "));
    assertTrue(String.valueOf(second.line()).startsWith("* OK "));
    assertEquals(over, announced("192.0.2.7", "").line());
    assertEquals(over, announced("::ffff:192.0.2.7", "").line());
    assertTrue(String.valueOf(announced("192.0.2.8", "").line()).startsWith("* OK "));
    first.close();
    Await.until(
        "a place of the address is given back",
        Duration.ofSeconds(20),
        () -> String.valueOf(announced("192.0.2.7", "").line()).startsWith("* OK "));
    // Those that were turned away give their places back once they are gone.
    awaitHeld(3);
    for (int i = 0; i < 5; i++) {
      proxy.balancer().send("PROXY ");
    }
    awaitHeld(8);
    assertEquals(over, proxy.program().silentClient().line());
  }

  private void awaitHeld(int connections) {
    String gauge = "openmmp_connections_held " + connections + ".0";
    Await.until(
        () -> gauge + " in " + proxy.program().page("/metrics"),
        Duration.ofSeconds(20),
        () -> proxy.program().page("/metrics").lines().anyMatch(gauge::equals));
  }

  // B3.2
  @Test
  void tlsAtTheBalancerLetsPasswordsIn(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace, "openmmp.imap.clear-text-passwords = never");
    try (RawClient inClear = announced("192.0.2.7", ProxyHeaders.tls(0, 1, ""))) {
      String greeting = String.valueOf(inClear.line());
      assertTrue(greeting.contains("STARTTLS") && greeting.contains("LOGINDISABLED"), greeting);
      String answer = inClear.command("a", AttackedProxy.login("amy"));
      assertEquals("a NO [PRIVACYREQUIRED] Begin TLS first.", answer);
    }
    try (RawClient client = announcedUnderTls("")) {
      String greeting = String.valueOf(client.line());
      assertFalse(greeting.contains("STARTTLS") || greeting.contains("LOGINDISABLED"), greeting);
      assertTrue(client.command("s", "STARTTLS").startsWith("s BAD "));
      BalancedProxy.logIn(client);
    }
    proxy.awaitLog("client=192.0.2.7 client-port=40000 service=imap tls=yes");
  }

  // B3.2: this machine's clients are those that came over loopback all the way
  @Test
  void announcedLoopbackAddressIsThisMachinesOnlyFromThisMachine(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace, "openmmp.imap.clear-text-passwords = loopback");
    try (RawClient client = announced("127.0.0.1", "")) {
      BalancedProxy.logIn(client);
    }
    try (RawClient client = announced("192.0.2.7", "")) {
      String answer = client.command("a", AttackedProxy.login("amy"));
      assertEquals("a NO [PRIVACYREQUIRED] Begin TLS first.", answer);
    }
  }

  // B3.1, B3.13: send-proxy-v2-ssl-cn
  @Test
  void verifiedNameAtTheBalancerIsALoginNameWhereNamesAreCommonNames(@TempDir Path workplace) {
    proxy =
        new BalancedProxy(
            workplace,
            "openmmp.tls.certificate-name = cn",
            "openmmp.proxy.g { imapadmin = boss, imapadminpass = Secret-of-boss-7Qx }");
    try (RawClient client = announced("192.0.2.7", ProxyHeaders.tls(7, 0, "amy"))) {
      assertTrue(String.valueOf(client.line()).contains("AUTH=EXTERNAL"), client.heard());
      String answer = client.send("a AUTHENTICATE EXTERNAL =\r\n").answer("a");
      assertTrue(answer.startsWith("a OK"), answer);
    }
    assertEquals("amy@example.test", proxy.script().logins().get(0).authzid());
    for (String additions :
        new String[] {ProxyHeaders.tls(7, 1, "amy"), ProxyHeaders.tls(1, 0, "amy"), ""}) {
      try (RawClient client = announced("192.0.2.7", additions)) {
        assertFalse(String.valueOf(client.line()).contains("EXTERNAL"), client.heard());
      }
    }
  }

  @Test
  void commonNameIsNobodyWhereNamesAreMailAddresses(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace, "openmmp.tls.certificate-name = email");
    try (RawClient client = announced("192.0.2.7", ProxyHeaders.tls(7, 0, "amy"))) {
      assertFalse(String.valueOf(client.line()).contains("EXTERNAL"), client.heard());
    }
  }

  // B3.12: whose word is believed goes by the announced address
  @Test
  void claimsAreBelievedByTheAnnouncedAddress(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace, "openmmp.imap.trusted-proxies = [\"192.0.2.7\"]");
    String claim = "ID (\"x-originating-ip\" \"203.0.113.5\")";
    for (String client : new String[] {"192.0.2.7", "192.0.2.8"}) {
      int before = proxy.store().heard().length();
      try (RawClient announced = announced(client, "")) {
        announced.command("i", claim);
        BalancedProxy.logIn(announced);
      }
      String heard = proxy.store().heard().substring(before);
      String expected = client.equals("192.0.2.7") ? "203.0.113.5" : client;
      assertTrue(heard.contains("\"x-originating-ip\" \"" + expected + "\""), heard);
    }
  }

  // B1.5
  @Test
  void serviceAccessGoesByTheAnnouncedAddress(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace);
    proxy
        .program()
        .directory()
        .changeUser("amy@example.test", "mailAllowedServiceAccess", "+imap:192.0.2.7");
    try (RawClient client = announced("192.0.2.8", "")) {
      String answer = client.command("a", AttackedProxy.login("amy"));
      assertTrue(answer.startsWith("a NO [AUTHENTICATIONFAILED]"), answer);
    }
    try (RawClient client = announced("192.0.2.7", "")) {
      BalancedProxy.logIn(client);
    }
  }

  // B6.4
  @Test
  void wrongPasswordsDelayTheAnnouncedAddressAlone(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace, "openmmp.limits.penalty { first = 3s, max = 3s }");
    proxy.script().refusing(AttackedProxy.REFUSED);
    try (RawClient guessing = announced("192.0.2.66", "");
        RawClient good = announced("192.0.2.7", "")) {
      guessing.send("a LOGIN amy " + AttackedProxy.REFUSED + "\r\n");
      BalancedProxy.logIn(good);
      assertFalse(guessing.heard().contains("a NO"), guessing.heard());
      assertTrue(guessing.answer("a").startsWith("a NO [AUTHENTICATIONFAILED]"));
    }
  }
}
