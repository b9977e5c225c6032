package org.openmmp.lmtp.protocol;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of MAIL or RCPT (RFC 5321 section 4.1.2).
 *
 * @param keyword in upper case
 * @param value as it was sent, encoding and all; empty if there is none
 */
public record EsmtpParameter(String keyword, String value) {
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "([A-Za-z0-9][A-Za-z0-9-]{0,63})(?:=([!-<>-~\\u00a0-\\u2027\\u202a-\\ufffc]+))?");

  /** The parameter, or null if the text is none. */
  static @Nullable EsmtpParameter parse(String text) {
    var matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    String value = matcher.group(2);
    return new EsmtpParameter(
        matcher.group(1).toUpperCase(Locale.ROOT), value == null ? "" : value);
  }

  @Override
  public String toString() {
    return value.isEmpty() ? keyword : keyword + '=' + value;
  }
}
