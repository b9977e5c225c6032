package org.openmmp.lmtp.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a command line asks for. */
public enum LmtpVerb {
  LHLO,
  MAIL,
  RCPT,
  DATA,
  BDAT,
  RSET,
  NOOP,
  VRFY,
  QUIT,
  STARTTLS,
  XCLIENT,
  /** Known from SMTP, and not offered. */
  HELP,
  /** Known from SMTP, and not offered. */
  EXPN,
  /** RFC 2033 section 4.1: not a command of LMTP. */
  HELO,
  /** RFC 2033 section 4.1: not a command of LMTP. */
  EHLO,
  /** No command. */
  UNKNOWN;

  private static final Map<String, LmtpVerb> BY_NAME =
      Arrays.stream(values())
          .filter(verb -> verb != UNKNOWN)
          .collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

  /** The verb of that name in any case. */
  static LmtpVerb named(String name) {
    // Beyond ASCII there are letters whose upper case is an ASCII letter.
    return EnvelopeAddress.isAscii(name)
        ? BY_NAME.getOrDefault(name.toUpperCase(Locale.ROOT), UNKNOWN)
        : UNKNOWN;
  }
}
