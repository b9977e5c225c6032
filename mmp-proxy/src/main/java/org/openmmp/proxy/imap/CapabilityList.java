package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.wire.ResponseCode;

/**
 * Capabilities as one store listed them (RFC 9051 section 7.2.2).
 *
 * @param line the names with spaces between, without the word CAPABILITY
 */
record CapabilityList(String line) implements StoreCapabilities.Listing {
  private static final int MAX_NAMES = 128;
  private static final int MAX_NAME_LENGTH = 64;

  /** The list in the codes of a response's text, or null if there is none. */
  static @Nullable CapabilityList inCodeOf(String text) {
    for (ResponseCode code : ResponseCode.split(text).codes()) {
      if (code.name().equals("CAPABILITY")) {
        return new CapabilityList(code.argument());
      }
    }
    return null;
  }

  @Override
  public boolean has(String name) {
    for (int at = 0; at < line.length(); ) {
      int end = line.indexOf(' ', at);
      int stop = end < 0 ? line.length() : end;
      if (stop - at == name.length() && line.regionMatches(true, at, name, 0, name.length())) {
        return true;
      }
      at = stop + 1;
    }
    return false;
  }

  @Override
  public boolean hasMechanism(String saslName) {
    return has("AUTH=" + saslName);
  }

  /** The names in upper case, each an atom; what cannot be one is left out. */
  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (int at = 0; at < line.length() && names.size() < MAX_NAMES; ) {
      int end = line.indexOf(' ', at);
      int stop = end < 0 ? line.length() : end;
      if (stop > at && stop - at <= MAX_NAME_LENGTH && isAtom(at, stop)) {
        names.add(line.substring(at, stop).toUpperCase(Locale.ROOT));
      }
      at = stop + 1;
    }
    return names;
  }

  private boolean isAtom(int from, int to) {
    for (int i = from; i < to; i++) {
      char c = line.charAt(i);
      if (c <= ' ' || c >= 0x7f || "(){%*\"\\]".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }
}
