package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A drain while sessions of users are open: words only where they cannot be taken for mail. */
final class DrainTest {
  // B8.1
  @ParameterizedTest
  @ValueSource(ints = {10, 300_000})
  void aSessionWithinALiteralIsClosedWithoutWords(int sent, @TempDir Path workplace) {
    Place place = Place.of(1);
    try (AttackedProxy proxy =
        AttackedProxy.start(workplace, place.group("g"), "openmmp.drain.limit = 0s")) {
      proxy.user("amy", "g").user("bob", "g");
      String half = "* 1 FETCH (BODY[] {1000000}\r\n" + "x\r\n".repeat(sent);
      proxy.store(
          place,
          0,
          new ImapScript()
              .mailbox(
                  peer -> {
                    if (peer.line() != null) {
                      peer.send(half);
                    }
                    peer.awaitClose();
                  }));
      RawClient fetching = proxy.client();
      assertTrue(fetching.command("a", AttackedProxy.login("amy")).startsWith("a OK "));
      fetching.send("b FETCH 1 BODY[]\r\n");
      assertEquals(half, fetching.octets(half.length()));
      RawClient quiet = proxy.client();
      assertTrue(quiet.command("a", AttackedProxy.login("bob")).startsWith("a OK "));
      RawClient before = proxy.client();

      proxy.drain();

      assertEquals("", fetching.rest());
      assertTrue(quiet.rest().startsWith("* BYE "), quiet.heard());
      assertTrue(before.rest().startsWith("* BYE "), before.heard());
      assertFalse(fetching.heard().contains("BYE"), "words within a message");
    }
  }
}
