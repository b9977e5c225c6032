package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rule B8.10: what a reader of lines gets, and what becomes of the rest. */
final class LineStreamTest {
  private final AtomicInteger resumed = new AtomicInteger();
  private final LineStream lines = new LineStream(true, resumed::incrementAndGet);

  private String read() {
    StringBuilder all = new StringBuilder();
    ByteBuf chunk = lines.readChunk(UnpooledByteBufAllocator.DEFAULT);
    while (chunk != null) {
      all.append(chunk.toString(StandardCharsets.UTF_8));
      chunk.release();
      chunk = lines.readChunk(UnpooledByteBufAllocator.DEFAULT);
    }
    return all.toString();
  }

  @Test // B8.10
  void aSlowReaderIsToldHowManyLinesItMissed() {
    for (int each = 0; each < LineStream.MOST_WAITING; each++) {
      assertEquals(2, lines.tell("x", Map.of()));
    }
    assertEquals(0, lines.tell("y", Map.of()));
    lines.live();
    String all = read();
    assertEquals("x\n".repeat(LineStream.MOST_WAITING) + "(1 lines were not read in time)\n", all);
    assertEquals(2, lines.tell("z", Map.of()));
    assertEquals("z\n", read());
    assertEquals(LineStream.MOST_WAITING + 1, resumed.get());
  }

  @Test // B8.10
  void itEndsBehindWhatWaits() {
    lines.tell("x", Map.of());
    lines.end("over", Map.of());
    lines.end("again", Map.of());
    assertEquals(0, lines.tell("late", Map.of()));
    assertFalse(lines.isEndOfInput());
    assertEquals("x\nover\n", read());
    assertTrue(lines.isEndOfInput());
  }

  @Test // B8.10
  void whoeverComesLateHearsThatTheReaderHasGone() {
    AtomicInteger heard = new AtomicInteger();
    lines.tell("x", Map.of());
    lines.close();
    lines.close();
    lines.onClose(heard::incrementAndGet);
    assertEquals(1, heard.get());
    assertNull(lines.readChunk(UnpooledByteBufAllocator.DEFAULT));
  }
}
