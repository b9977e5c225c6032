package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.MailProtocol;

/** Who has ended its sending before its login holds no place that another one needs. */
final class HalfClosedRoomTest {
  // B6.1, B6.3, B6.7
  @ParameterizedTest
  @CsvSource({
    "connections-per-address, 3, IMAP",
    "connections-per-address, 3, POP3",
    "max-connections, 3, IMAP",
    "max-connections, 3, POP3",
    "before-login.connections, 2, IMAP", // who was let in is not counted there
    "before-login.connections, 2, POP3"
  })
  void whoHasEndedItsSendingMakesRoomAtALimit(
      String limit, int places, MailProtocol protocol, @TempDir Path workplace) {
    Place place = Place.of(1);
    try (AttackedProxy proxy =
        AttackedProxy.start(
            workplace, place.group("g"), "openmmp.limits." + limit + " = " + places)) {
      proxy.user("amy", "g").user("silent", "g");
      ScriptedStore store =
          proxy.store(
              place,
              0,
              StoreScript.of(protocol)
                  .answer(
                      login ->
                          login.user().startsWith("silent")
                              ? ""
                              : protocol == MailProtocol.IMAP
                                  ? "%t OK [CAPABILITY IMAP4rev1] in\r\n"
                                  : "+OK 1 message\r\n"));
      RawClient inside = proxy.client(protocol);
      inside.logIn(protocol, "amy@example.test", AttackedProxy.passwordOf("amy"));
      RawClient there = proxy.client(protocol);
      RawClient halfClosed = proxy.client(protocol);
      String password = AttackedProxy.passwordOf("silent");
      halfClosed
          .send(
              protocol == MailProtocol.IMAP
                  ? "a LOGIN silent@example.test " + password + "\r\n"
                  : "USER silent@example.test\r\nPASS " + password + "\r\n")
          .finish();
      Await.until(
          "its login is at the store",
          Duration.ofSeconds(10),
          () -> store.connections() == 2 && proxy.log().text().contains("silent"));

      RawClient next = proxy.silentClient(protocol);
      assertNotNull(next.line());
      assertServes(protocol, next);
      halfClosed.rest();
      assertServes(protocol, there);

      // Nobody is left who may be gone: who was let in stays, and the newest is turned away.
      String refusal = proxy.silentClient(protocol).rest();
      assertEquals(protocol == MailProtocol.IMAP ? "* BYE" : "-ERR ", refusal.substring(0, 5));
      assertServes(protocol, there);
      assertServes(protocol, next);
    }
  }

  private static void assertServes(MailProtocol protocol, RawClient client) {
    if (protocol == MailProtocol.IMAP) {
      assertEquals("z OK Nothing done.", client.command("z", "NOOP"));
    } else {
      assertEquals("+OK Nothing done.", client.reply("NOOP"));
    }
  }
}
