package org.openmmp.storesim.imap;

import java.util.ArrayList;
import java.util.List;
import org.openmmp.storesim.session.CommandSyntaxException;

/** A set of message numbers or UIDs (RFC 3501 section 9, {@code sequence-set}). */
final class SequenceSet {
  private static final long STAR = -1;

  private final List<long[]> ranges = new ArrayList<>();

  private SequenceSet() {}

  static SequenceSet parse(String text) {
    SequenceSet set = new SequenceSet();
    for (String range : text.split(",", -1)) {
      String[] ends = range.split(":", -1);
      if (ends.length > 2) {
        throw new CommandSyntaxException("Not a sequence set");
      }
      set.ranges.add(new long[] {end(ends[0]), end(ends[ends.length - 1])});
    }
    return set;
  }

  /**
   * Whether the number is in the set.
   *
   * @param largest what a star stands for
   */
  boolean contains(long number, long largest) {
    for (long[] range : ranges) {
      long from = range[0] == STAR ? largest : range[0];
      long to = range[1] == STAR ? largest : range[1];
      if (number >= Math.min(from, to) && number <= Math.max(from, to)) {
        return true;
      }
    }
    return false;
  }

  private static long end(String text) {
    if (text.equals("*")) {
      return STAR;
    }
    if (!text.matches("\\d{1,10}") || Long.parseLong(text) == 0) {
      throw new CommandSyntaxException("Not a sequence set");
    }
    return Long.parseLong(text);
  }
}
