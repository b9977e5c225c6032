package org.openmmp.storesim.imap;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes strings as the grammar wants them (RFC 3501 section 4.3). */
final class ImapText {
  private ImapText() {}

  /** A quoted string where that can be, else a literal; octets as ISO-8859-1. */
  static String string(String octets) {
    boolean quotable = octets.chars().allMatch(each -> each >= ' ' && each < 0x7f);
    return quotable
        ? "\"" + octets.replace("\\", "\\\\").replace("\"", "\\\"") + "\""
        : "{" + octets.length() + "}\r\n" + octets;
  }

  /** The same, or NIL. */
  static String nstring(@Nullable String octets) {
    return octets == null ? "NIL" : string(octets);
  }

  /** Words in parentheses. */
  static String list(List<String> words) {
    return "(" + String.join(" ", words) + ")";
  }
}
