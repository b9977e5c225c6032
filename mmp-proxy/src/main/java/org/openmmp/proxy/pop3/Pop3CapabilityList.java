package org.openmmp.proxy.pop3;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openmmp.proxy.store.StoreCapabilities;

/**
 * Capabilities as one store listed them (RFC 2449 section 5).
 *
 * @param names in upper case, the arguments with their capability; where arguments are a set, as
 *     those of SASL and UTF8 are, the capability alone and once with each
 */
record Pop3CapabilityList(List<String> names) implements StoreCapabilities.Listing {
  static final String MECHANISM = "SASL ";

  private static final int MAX_LINES = 64;
  private static final int MAX_LENGTH = 256;

  /** Copies the names. */
  Pop3CapabilityList {
    names = List.copyOf(names);
  }

  /** Takes the lines of the list; what is no capability, or too long, is left out. */
  static Pop3CapabilityList of(List<String> lines) {
    List<String> names = new ArrayList<>();
    for (String line : lines.subList(0, Math.min(lines.size(), MAX_LINES))) {
      String upper = line.strip().toUpperCase(Locale.ROOT);
      if (!upper.isEmpty() && upper.length() <= MAX_LENGTH && isPrintable(upper)) {
        addTo(names, upper.split(" +"));
      }
    }
    return new Pop3CapabilityList(names);
  }

  @Override
  public boolean has(String name) {
    return names.contains(name);
  }

  @Override
  public boolean hasMechanism(String saslName) {
    return has(MECHANISM + saslName);
  }

  private static void addTo(List<String> names, String[] words) {
    String name = words[0];
    if (!name.equals("SASL") && !name.equals("UTF8")) {
      names.add(String.join(" ", words));
      return;
    }
    names.add(name);
    for (int i = 1; i < words.length; i++) {
      names.add(name + ' ' + words[i]);
    }
  }

  private static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f) && text.charAt(0) != '.';
  }
}
