package org.openmmp.it.fuzz;

import java.util.Arrays;
import java.util.Locale;

/** Where Jazzer, which is guided by coverage, comes in; {@code -Dfuzz.target} names the reader. */
public final class FuzzEntry {
  private static final FuzzTarget TARGET =
      FuzzTarget.valueOf(System.getProperty("fuzz.target", "imap_client").toUpperCase(Locale.ROOT));

  private FuzzEntry() {}

  /** Called by Jazzer with each input. */
  public static void fuzzerTestOneInput(byte[] octets) {
    TARGET.check(
        octets.length > FuzzTarget.MOST_OCTETS
            ? Arrays.copyOf(octets, FuzzTarget.MOST_OCTETS)
            : octets);
  }
}
