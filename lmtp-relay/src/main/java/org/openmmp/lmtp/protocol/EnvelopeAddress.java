package org.openmmp.lmtp.protocol;

/**
 * An address of the envelope (RFC 5321 section 4.1.2, RFC 6531 section 3.3), without its angle
 * brackets and without a source route.
 *
 * @param text as it was sent, quotes and all: this goes to the store
 * @param localPart without quotes; empty for the null reverse-path, and where a sender has none
 * @param domain as it was sent, an address literal in its brackets; empty if there is none
 */
public record EnvelopeAddress(String text, String localPart, String domain) {
  /** RFC 5321 section 4.5.3.1.2. */
  public static final int MAX_DOMAIN_OCTETS = 255;

  /**
   * RFC 5321 section 4.5.3.1.1 asks for 64 at the least. Senders that put a return address into
   * theirs (VERP, SRS) exceed that, and MTAs let them.
   */
  public static final int MAX_LOCAL_PART_OCTETS = 256;

  /** What is carried without being understood; RFC 5321 section 4.5.3.1.3 asks for 256. */
  static final int MAX_PATH_OCTETS = 512;

  /** The reverse-path of a bounce, {@code <>}. */
  public static final EnvelopeAddress NULL = new EnvelopeAddress("", "", "");

  /** Whether this is the null reverse-path. */
  public boolean isNull() {
    return text.isEmpty();
  }

  /**
   * What a directory knows it by: the local part without quotes, and the domain if there is one.
   */
  public String mailbox() {
    return domain.isEmpty() ? localPart : localPart + '@' + domain;
  }

  /** Whether it can only be sent where SMTPUTF8 is spoken (RFC 6531 section 3.1). */
  public boolean needsSmtpUtf8() {
    return !isAscii(text);
  }

  static boolean isAscii(String text) {
    int at = 0;
    while (at < text.length() && text.charAt(at) < 0x80) {
      at++;
    }
    return at == text.length();
  }

  /** In angle brackets, for a command. */
  public String path() {
    return '<' + text + '>';
  }
}
