package org.openmmp.config;

import java.util.Arrays;
import java.util.Locale;

/** How far two keys are from each other. */
final class Nearness {
  private Nearness() {}

  /**
   * The number of letters to insert, drop or replace; case, hyphens and underscores do not count.
   */
  static int distance(String one, String other) {
    String a = plain(one);
    String b = plain(other);
    int[] above = new int[b.length() + 1];
    Arrays.setAll(above, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }

  private static String plain(String key) {
    return key.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
  }
}
