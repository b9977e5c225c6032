package org.openmmp.directory;

import java.text.Normalizer;
import java.util.Locale;
import org.openmmp.text.SafeText;

/**
 * A login name, split into user and domain (rule B1.1).
 *
 * <p>Names that an LDAP server matches as equal must be one identity everywhere: in its search, in
 * caches and limits, and at the store. So a name is folded before it is split: NFKC and lower case,
 * as RFC 4518 section 2 prepares values of caseIgnoreMatch; names with characters that this
 * preparation would drop or ignore (controls, format characters, spaces at an end or in a row) are
 * refused.
 *
 * @param original as the client typed it
 * @param user folded, never empty
 * @param domain folded, without a trailing dot; empty if there is none at all
 */
public record LoginName(String original, String user, String domain) {
  /** The longest name that is accepted, in chars, as typed and as folded. */
  public static final int MAX_LENGTH = 320;

  /**
   * Splits at the last delimiter.
   *
   * @param typed as the client typed it
   * @param delimiters each char ends the user and begins the domain, such as {@code @}
   * @param defaultDomain for a name without a delimiter; may be empty
   * @throws UnusableValueException if it can be nobody's name
   */
  public static LoginName parse(String typed, String delimiters, String defaultDomain)
      throws UnusableValueException {
    if (typed.length() > MAX_LENGTH) {
      throw new UnusableValueException("the login name is longer than " + MAX_LENGTH);
    }
    checkCharacters(typed);
    String folded = fold(typed);
    if (folded.length() > MAX_LENGTH) {
      throw new UnusableValueException("the login name is longer than " + MAX_LENGTH);
    }
    checkCharacters(folded);
    int at = lastDelimiter(folded, delimiters);
    String user = at < 0 ? folded : folded.substring(0, at);
    String domain = at < 0 ? fold(defaultDomain) : folded.substring(at + 1);
    if (at >= 0 && domain.isEmpty()) {
      throw new UnusableValueException("the login name has an empty domain");
    }
    if (domain.endsWith(".")) {
      domain = domain.substring(0, domain.length() - 1);
    }
    checkUser(user);
    checkDomain(domain, at >= 0);
    return new LoginName(typed, user, domain);
  }

  /** The whole name: {@code user@domain}, or the user alone where there is no domain. */
  public String login() {
    return domain.isEmpty() ? user : user + "@" + domain;
  }

  /** The form in which names are compared. */
  static String fold(String name) {
    if (isAscii(name)) {
      return name.toLowerCase(Locale.ROOT); // nothing there is composed of others
    }
    return Normalizer.normalize(
        Normalizer.normalize(name, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT),
        Normalizer.Form.NFKC);
  }

  private static boolean isAscii(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static int lastDelimiter(String name, String delimiters) {
    for (int i = name.length() - 1; i >= 0; i--) {
      if (delimiters.indexOf(name.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static void checkCharacters(String name) throws UnusableValueException {
    int codePoint;
    for (int i = 0; i < name.length(); i += Character.charCount(codePoint)) {
      codePoint = name.codePointAt(i);
      if (!SafeText.isVisible(codePoint) || codePoint == 0xFFFD) {
        throw new UnusableValueException("the login name has characters that no name has");
      }
    }
  }

  private static void checkUser(String user) throws UnusableValueException {
    if (user.isEmpty()) {
      throw new UnusableValueException("the login name has no user");
    }
    if (user.startsWith(" ") || user.endsWith(" ") || user.contains("  ")) {
      throw new UnusableValueException("the login name has spaces at an end or in a row");
    }
  }

  private static void checkDomain(String domain, boolean typed) throws UnusableValueException {
    if (domain.isEmpty() && !typed) {
      return;
    }
    boolean inner = !domain.startsWith(".") && !domain.endsWith(".") && !domain.contains("..");
    if (domain.isEmpty() || !inner || !hasOnlyLetters(domain)) {
      throw new UnusableValueException("the login name's domain cannot be one");
    }
  }

  private static boolean hasOnlyLetters(String domain) {
    int codePoint;
    for (int i = 0; i < domain.length(); i += Character.charCount(codePoint)) {
      codePoint = domain.codePointAt(i);
      boolean sign = codePoint == '.' || codePoint == '-' || codePoint == '_';
      if (!sign && !isLetterOrDigitOrMark(codePoint)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetterOrDigitOrMark(int codePoint) {
    int type = Character.getType(codePoint);
    return Character.isLetterOrDigit(codePoint)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }
}
