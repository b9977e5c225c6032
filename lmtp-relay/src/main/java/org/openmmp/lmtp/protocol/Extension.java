package org.openmmp.lmtp.protocol;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An extension of LMTP that the relay can honour on both sides. */
public enum Extension {
  /** RFC 2920. */
  PIPELINING("PIPELINING"),
  /** RFC 2034. */
  ENHANCED_STATUS_CODES("ENHANCEDSTATUSCODES"),
  /** RFC 6152. */
  EIGHT_BIT_MIME("8BITMIME"),
  /** RFC 6531. */
  SMTPUTF8("SMTPUTF8"),
  /** RFC 1870. */
  SIZE("SIZE"),
  /** RFC 3030. */
  CHUNKING("CHUNKING"),
  /** RFC 3461. */
  DSN("DSN"),
  /** RFC 3207. */
  STARTTLS("STARTTLS"),
  /** Postfix's XCLIENT_README. */
  XCLIENT("XCLIENT");

  private final String keyword;

  Extension(String keyword) {
    this.keyword = keyword;
  }

  /** As it stands in the reply to LHLO. */
  public String keyword() {
    return keyword;
  }

  /** The extension of that keyword in any case, or null. */
  public static @Nullable Extension of(String keyword) {
    String upper = keyword.toUpperCase(Locale.ROOT);
    for (Extension extension : values()) {
      if (extension.keyword.equals(upper)) {
        return extension;
      }
    }
    return null;
  }
}
