package org.openmmp.lmtp.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of MAIL and RCPT that are understood, each with the extension it belongs to. */
enum ParameterKeyword {
  /** RFC 1870 section 5. */
  SIZE(LmtpVerb.MAIL, Extension.SIZE),
  /** RFC 6152 section 2; BINARYMIME is not offered. */
  BODY(LmtpVerb.MAIL, Extension.EIGHT_BIT_MIME),
  /** RFC 6531 section 3.4. */
  SMTPUTF8(LmtpVerb.MAIL, Extension.SMTPUTF8),
  /** RFC 3461 section 4.3. */
  RET(LmtpVerb.MAIL, Extension.DSN),
  /** RFC 3461 section 4.4. */
  ENVID(LmtpVerb.MAIL, Extension.DSN),
  /** RFC 3461 section 4.1. */
  NOTIFY(LmtpVerb.RCPT, Extension.DSN),
  /** RFC 3461 section 4.2. */
  ORCPT(LmtpVerb.RCPT, Extension.DSN);

  private static final int MAX_ENVID_CHARS = 100;
  private static final int MAX_ORCPT_CHARS = 500;
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");
  private static final Pattern ADDRESS_TYPE = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final List<String> NOTIFY_WORDS = List.of("SUCCESS", "FAILURE", "DELAY");

  private final LmtpVerb verb;
  private final Extension extension;

  ParameterKeyword(LmtpVerb verb, Extension extension) {
    this.verb = verb;
    this.extension = extension;
  }

  /** The keyword that the verb may have, or null. */
  static @Nullable ParameterKeyword of(LmtpVerb verb, EsmtpParameter parameter) {
    for (ParameterKeyword keyword : values()) {
      if (keyword.verb == verb && keyword.name().equals(parameter.keyword())) {
        return keyword;
      }
    }
    return null;
  }

  /** The extension without which it may not be sent. */
  Extension extension() {
    return extension;
  }

  /** Whether it may have that value; empty for none. */
  boolean accepts(String value) {
    if (this != ORCPT && !value.chars().allMatch(c -> c < 0x80)) {
      return false;
    }
    return switch (this) {
      case SIZE -> DIGITS.matcher(value).matches();
      case BODY -> value.equalsIgnoreCase("7BIT") || value.equalsIgnoreCase("8BITMIME");
      case SMTPUTF8 -> value.isEmpty();
      case RET -> value.equalsIgnoreCase("FULL") || value.equalsIgnoreCase("HDRS");
      case ENVID -> value.length() <= MAX_ENVID_CHARS && isXtext(value);
      case NOTIFY -> value.equalsIgnoreCase("NEVER") || isNotifyList(value);
      case ORCPT -> value.length() <= MAX_ORCPT_CHARS && isTypedAddress(value);
    };
  }

  private static boolean isNotifyList(String value) {
    return Arrays.stream(value.split(",", -1))
        .allMatch(word -> NOTIFY_WORDS.contains(word.toUpperCase(Locale.ROOT)));
  }

  private static boolean isTypedAddress(String value) {
    int semicolon = value.indexOf(';');
    return semicolon > 0
        && ADDRESS_TYPE.matcher(value.substring(0, semicolon)).matches()
        && isXtext(value.substring(semicolon + 1));
  }

  /** RFC 3461 section 4.4: what is encoded is printable. */
  private static boolean isXtext(String value) {
    String decoded = Xtext.decode(value);
    return decoded != null
        && !decoded.isEmpty()
        && decoded.chars().allMatch(c -> c >= ' ' && c != 0x7f);
  }
}
