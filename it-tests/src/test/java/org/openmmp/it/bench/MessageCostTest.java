package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What one message to one recipient, over a connection that stands, asks of the system and of the
 * heap, counted as {@link LoginCostTest} counts.
 */
@Tag("real-servers")
final class MessageCostTest {
  private static final String LISTENERS = "lmtp.listen = [\"127.0.0.1:0\"]";

  /** A message, how many are counted, and the most that one may cost. */
  private enum Message {
    NOTE(4 * 1024, 300, 16, 31_000),
    BOOK(1024 * 1024, 50, 70, 80_000);

    private final int octets;
    private final int counted;
    private final double mostCalls;
    private final long mostOctets;

    Message(int octets, int counted, double mostCalls, long mostOctets) {
      this.octets = octets;
      this.counted = counted;
      this.mostCalls = mostCalls;
      this.mostOctets = mostOctets;
    }
  }

  @Test
  void aMessageCostsNoMoreThanBefore() throws Exception {
    List<String> tooMuch = new ArrayList<>();
    try (FrontEnds frontEnds = new FrontEnds(1);
        FrontEndUnderTest relay =
            frontEnds.openMmp(
                "openmmp",
                "relay",
                LISTENERS,
                System.getProperty("java.home"),
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1");
        Connection client = relay.door("lmtp").open()) {
      CountedProgram program =
          new CountedProgram(relay.process().pid(), frontEnds.folder("counted"));
      new BulkLetter(1, false, Message.NOTE.octets).introduce(client);
      for (Message message : Message.values()) {
        BulkLetter letter = new BulkLetter(1, false, message.octets);
        program
            .above(
                message.mostCalls,
                message.mostOctets,
                message.name().toLowerCase(Locale.ROOT),
                message.counted,
                times -> {
                  for (int i = 0; i < times; i++) {
                    letter.deliver(client);
                  }
                })
            .ifPresent(tooMuch::add);
      }
    }
    assertEquals(List.of(), tooMuch);
  }
}
