package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaveWatchTest {
  @ParameterizedTest // B2.20; behind COMPRESS nobody sees a LOGOUT
  @CsvSource({
    "a LOGOUT, true",
    "a logout, true",
    "a NOOP b LoGoUt, true",
    "QUIT, true",
    "LOGLOGOUT, true",
    "a COMPRESS DEFLATE, true",
    "a compress deflate, true",
    "a SELECT INBOX, false",
    "a LOG OUT, false",
    "a COMPREHEND, false"
  })
  void wordThatEndsTheSessionOrHidesItsEndIsSeenHoweverItIsCut(String said, boolean seen) {
    LeaveWatch whole = new LeaveWatch();
    assertEquals(seen, whole.sees(Unpooled.copiedBuffer(said, StandardCharsets.US_ASCII)));
    LeaveWatch cut = new LeaveWatch();
    boolean any = false;
    for (byte octet : said.getBytes(StandardCharsets.US_ASCII)) {
      any |= cut.sees(Unpooled.wrappedBuffer(new byte[] {octet}));
    }
    assertEquals(seen, any);
  }
}
