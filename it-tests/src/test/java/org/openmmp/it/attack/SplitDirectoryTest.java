package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.MailProtocol;

/** A directory that knows a part of the tree only, and says of another where it is (B1.11). */
final class SplitDirectoryTest {
  private static final String ELSEWHERE = "ldap://elsewhere.invalid/ou=elsewhere";

  private static String references(String meaning) {
    return meaning.isEmpty() ? "" : "openmmp.directory.continuation-references = " + meaning;
  }

  @ParameterizedTest // B1.11
  @CsvSource({"'', 451 4.4.3", "outage, 451 4.4.3", "ignore, 550 5.1.1"})
  void recipientOfWhomNoServerHereKnowsIsReturnedOnlyByASetting(
      String meaning, String unknown, @TempDir Path workplace) {
    try (AttackedRelay relay = new AttackedRelay(workplace, 1, 1, references(meaning))) {
      AttackedRelay.Group group = relay.next();
      group.open(0, new DeliveryScript());
      String user = group.user("a");
      relay.directory().addReference(ELSEWHERE);
      assertEquals(
          List.of("250 2.0.0", unknown), relay.deliver(List.of(user, "nobody@example.test")));
      assertEquals(List.of(unknown), relay.deliver(List.of("nobody+x@example.test")));
    }
  }

  @ParameterizedTest // B1.11
  @CsvSource({
    "IMAP, ''",
    "IMAP, outage",
    "IMAP, ignore",
    "POP3, ''",
    "POP3, outage",
    "POP3, ignore"
  })
  void loginOfWhomNoServerHereKnowsIsNoWrongPasswordButByASetting(
      MailProtocol protocol, String meaning, @TempDir Path workplace) {
    Place place = Place.of(1);
    try (AttackedProxy proxy =
        AttackedProxy.start(workplace, place.group("g0"), references(meaning))) {
      proxy.store(place, 0, protocol == MailProtocol.IMAP ? new ImapScript() : new Pop3Script());
      proxy.user("amy", "g0").directory().addReference(ELSEWHERE);
      assertTrue(
          answer(proxy, protocol, "amy@example.test", AttackedProxy.passwordOf("amy"))
              .startsWith(protocol.accepted()));
      String unknown = answer(proxy, protocol, "nobody@example.test", "x");
      assertTrue(
          unknown.startsWith(
              meaning.equals("ignore") ? protocol.wrongPassword() : protocol.unavailable()),
          unknown);
    }
  }

  private static String answer(
      AttackedProxy proxy, MailProtocol protocol, String user, String password) {
    try (RawClient client = proxy.client(protocol)) {
      return client.logIn(protocol, user, password);
    }
  }
}
