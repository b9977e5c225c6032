package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Looks for the words that a client ends its session with, in any case and wherever they stand,
 * without keeping octets; and for the one behind which they are compressed, so that they may have
 * been said.
 */
final class LeaveWatch {
  private static final List<String> WORDS = List.of("LOGOUT", "QUIT", "COMPRESS");

  private final int[] matched = new int[WORDS.size()];

  /** Whether one of the words is complete with these octets, which are not consumed. */
  boolean sees(ByteBuf octets) {
    return octets.forEachByte(this::goesOn) >= 0;
  }

  private boolean goesOn(byte octet) {
    char letter = Character.toUpperCase((char) octet);
    boolean complete = false;
    for (int i = 0; i < matched.length; i++) {
      String word = WORDS.get(i);
      // No first letter comes again within its word.
      matched[i] =
          letter == word.charAt(matched[i]) ? matched[i] + 1 : letter == word.charAt(0) ? 1 : 0;
      if (matched[i] == word.length()) {
        matched[i] = 0;
        complete = true;
      }
    }
    return !complete;
  }
}
