package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.StoreHost;

/** B5.1, L10: what is offered is what every store in service has. */
class OfferedExtensionsTest {
  private static final StoreHost HUEY = new StoreHost("huey");
  private static final StoreHost DEWEY = new StoreHost("dewey");

  private final OfferedExtensions offered =
      new OfferedExtensions(List.of("PIPELINING", "SIZE", "8BITMIME"), 1_000);

  @Test
  void configuredListHoldsUntilAStoreWasHeard() {
    assertEquals("PIPELINING, 8BITMIME, SIZE 1000", offer());
    offered.learn(HUEY, store("CHUNKING", "X-OTHER"));
    assertEquals("CHUNKING", offer());
  }

  @Test
  void smallestLimitHolds() {
    offered.learn(HUEY, store("SIZE 5000", "DSN"));
    assertEquals("SIZE 1000, DSN", offer());
    offered.learn(DEWEY, store("DSN", "SIZE 300"));
    assertEquals("SIZE 300, DSN", offer());
  }

  @Test
  void hostThatIsNoMoreInServiceDoesNotCount() {
    offered.learn(HUEY, store("PIPELINING", "DSN"));
    offered.learn(DEWEY, store("PIPELINING"));
    assertEquals("PIPELINING", offer());
    offered.retain(List.of(HUEY));
    assertEquals("PIPELINING, DSN", offer());
  }

  @Test
  void hostThatLearnsSomethingNewCountsAnew() {
    offered.learn(HUEY, store("DSN"));
    offered.learn(HUEY, store("DSN", "SMTPUTF8"));
    assertEquals("SMTPUTF8, DSN", offer());
  }

  // what is between two peers alone is never passed on
  @Test
  void storesTlsAndTrustAreItsOwn() {
    offered.learn(HUEY, store("STARTTLS", "XCLIENT ADDR", "DSN"));
    assertEquals("DSN", offer());
  }

  private static Extensions store(String... lines) {
    return Extensions.of(
        new LmtpReply(250, "", Stream.concat(Stream.of("store"), Stream.of(lines)).toList()));
  }

  private String offer() {
    List<String> lines = offered.common().reply("relay").lines();
    return String.join(", ", lines.subList(1, lines.size()));
  }
}
