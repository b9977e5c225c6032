package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.storesim.DirectoryUser;

/** Row R8 for the relay: a directory that does not say where, or does not answer (B1.9, B5.2). */
@Tag("slow")
final class RelayDirectoryAttackTest {
  private static final String SLOW_SERVER = "openmmp.directory.cache.stale-for = 0s";

  private final DeliveryScript store = new DeliveryScript();
  private AttackedRelay relay;
  private AttackedRelay.Group group;
  private ScriptedStore open;

  @BeforeEach
  void startRelay(@TempDir Path workplace) {
    relay = new AttackedRelay(workplace, 1, 1, SLOW_SERVER);
    group = relay.next();
    open = group.open(0, store);
  }

  @AfterEach
  void stopRelay() {
    relay.close();
  }

  private String answerTo(String recipient) {
    return relay.deliver(List.of(recipient)).get(0);
  }

  @Test
  void directoryThatIsDownIsAnOutage() {
    String user = group.user("a");
    relay.directory().goDown();
    assertEquals("451 4.4.3", answerTo(user));
    assertEquals("451 4.4.3", answerTo("nobody@example.test"));
    assertEquals(0, open.connections());
    relay.directory().comeUp();
  }

  @Test
  void directoryThatIsSlowIsAnOutageWithinTheMtasPatience() {
    String user = group.user("a");
    relay.directory().slowDown(Duration.ofSeconds(6));
    long begun = System.nanoTime();
    assertEquals("451 4.4.3", answerTo(user));
    assertTrue(Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 28);
    assertEquals(0, open.connections());
    relay.directory().slowDown(Duration.ZERO);
  }

  @Test
  void twoEntriesForOneAddressAreNeverAGuess() {
    String user = group.user("a");
    String other = group.user("b");
    relay.expectError("more than one entry has this name"); // B1.9
    relay.directory().changeUser(other, "mail", user);
    String answer = answerTo(user);
    assertTrue(answer.startsWith("451 4."), answer);
    assertEquals(0, open.connections());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {" ", "no-such-host.example.test", "127.0.0.1:24", "a b", "[::1]", "..", "*"})
  void mailHostThatLeadsNowhereIsAnOutage(String mailHost) {
    relay.directory().add(new DirectoryUser("lost", "example.test", "Secret-of-lost", mailHost));
    String answer = answerTo("lost@example.test");
    assertTrue(answer.startsWith("451 4."), answer);
    assertEquals(0, open.connections());
  }

  // L11, P3: what an address says is no filter and no path
  @ParameterizedTest
  @ValueSource(
      strings = {
        "*@example.test",
        "a*@example.test",
        "\"a)(mail=*\"@example.test",
        "\"\\2a\"@example.test",
        "a-g0@evil.test",
        "\"a-g0@example.test\"@evil.test",
        "a-g0%example.test@evil.test",
        "evil.test!a-g0@example.test",
        "\"a-g0@example.test:24\"@example.test",
        "${jndi:ldap://x}@example.test",
        "+a-g0@example.test",
        "postmaster"
      })
  void addressThatIsNobodysGetsNobodysMailbox(String address) {
    String user = group.user("a");
    String answer = answerTo(address);
    assertTrue(answer.startsWith("550 5.1.1") || answer.startsWith("50"), answer);
    assertEquals(0, open.connections());
    assertEquals("250 2.0.0", answerTo(user));
  }

  @Test
  void floodOfUnknownRecipientsDelaysNobodyForLong() {
    String user = group.user("a");
    try (RawClient flood = relay.client();
        DeliveryConnection mta = relay.mta()) {
      StringBuilder all = new StringBuilder("LHLO x\r\nMAIL FROM:<>\r\n");
      for (int i = 0; i < 900; i++) {
        all.append("RCPT TO:<nobody").append(i).append("@example.test>\r\n");
      }
      // Until a server has found somebody its "nobody" is an outage (B1.11).
      assertEquals(List.of("250 2.0.0"), relay.deliver(mta, List.of(user), "x\r\n"));
      flood.send(all.append("QUIT\r\n").toString());
      assertEquals(List.of("250 2.0.0"), relay.deliver(mta, List.of(user), "x\r\n"));
      String rest = flood.rest();
      assertEquals(
          List.of(),
          rest.lines().filter(line -> !line.matches("(220|25|550 5.1.1|221).*")).toList());
      assertEquals(900, rest.lines().filter(line -> line.startsWith("550 5.1.1")).count());
    }
  }
}
