package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.Network;

/** Rule B8.10: how much one trace tells, and of whom. */
final class WireTraceTest {
  private static final InetAddress CLIENT = InetAddress.getLoopbackAddress();

  private final List<String> told = new ArrayList<>();
  private int octets = 100;

  private int take(String text, Map<String, Object> tree) {
    told.add(text + " " + tree);
    return octets;
  }

  private static SessionFacts session(int number) {
    return new SessionFacts(
        "s" + number, "imap", Network.of(CLIENT), Instant.EPOCH, "", "", "", "", 0, 0);
  }

  private static void tell(WireTrace trace, int session) {
    trace.tell(session(session), Instant.EPOCH, "huey\n", true, "NOOP");
  }

  @Test // B8.10
  void aUserOfManySessionsEndsItBySize() {
    WireTrace trace = new WireTrace(null, (user, entry) -> true, this::take);
    List<String> why = new ArrayList<>();
    trace.ended().thenAccept(why::add);
    octets = 1024;
    for (int each = 0; each < 20_000; each++) {
      tell(trace, each);
    }
    assertEquals(List.of("size"), why);
    assertEquals(8 * 1024 + 1, trace.lines());
    assertEquals(8 * 1024 + 1, trace.sessions());
    assertEquals(8 * 1024 + 1, told.size());
    assertFalse(trace.end("time"));
  }

  @Test // B8.10
  void whatIsNotTakenIsNotCounted() {
    WireTrace trace = new WireTrace(CLIENT, (user, entry) -> true, this::take);
    octets = 0;
    tell(trace, 1);
    assertEquals(0, trace.lines());
    assertEquals(0, trace.sessions());
    assertEquals(
        "1970-01-01T00:00:00Z s1 imap to huey\\n: NOOP", told.get(0).replaceAll(" \\{.*", ""));
  }

  @Test // B8.10
  void itFollowsAUserOrAnAddress() {
    WireTrace address = new WireTrace(CLIENT, (user, entry) -> true, this::take);
    assertTrue(address.follows(CLIENT));
    assertFalse(address.follows("alice", ""));
    WireTrace user = new WireTrace(null, (name, entry) -> name.equals("alice"), this::take);
    assertTrue(user.byUser());
    assertFalse(user.follows(CLIENT));
    assertTrue(user.follows("alice", ""));
    assertFalse(user.follows("bob", ""));
  }
}
