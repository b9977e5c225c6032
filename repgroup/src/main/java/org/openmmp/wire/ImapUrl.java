package org.openmmp.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostPort;

/**
 * The server part of an IMAP URL (RFC 5092 section 3, RFC 2192): {@code
 * imap://[user][;AUTH=type]@host[:port][/…]}. What follows the host is read over.
 *
 * @param user percent-decoded, empty if none; free of control characters
 * @param host name or address literal without brackets, in lower case; may be empty
 * @param port 1..65535, or 0 if the URL names none
 */
public record ImapUrl(String user, String host, int port) {
  /** A longer text is no URL, whatever it says. */
  public static final int MAX_LENGTH = 2048;

  private static final String SCHEME = "imap://";

  /**
   * Reads a URL, its octets as ISO-8859-1.
   *
   * @return null if the text is none: another scheme, a percent-encoded control character, a bad
   *     port, an octet that no host name has, too long
   */
  public static @Nullable ImapUrl parse(String text) {
    if (text.length() > MAX_LENGTH || !text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String authority = text.substring(SCHEME.length(), endOfAuthority(text));
    // A store may send user@domain without encoding its "@": Dovecot does. The last one counts.
    int at = authority.lastIndexOf('@');
    String user = at < 0 ? "" : decodedUser(authority.substring(0, at));
    return user == null ? null : withHost(user, authority.substring(at + 1));
  }

  private static int endOfAuthority(String text) {
    for (int i = SCHEME.length(); i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '/' || c == '?' || c == '#') {
        return i;
      }
    }
    return text.length();
  }

  private static @Nullable String decodedUser(String userInfo) {
    int parameter = userInfo.indexOf(';');
    if (parameter >= 0 && !userInfo.regionMatches(true, parameter, ";AUTH=", 0, 6)) {
      return null;
    }
    byte[] octets = percentDecoded(parameter < 0 ? userInfo : userInfo.substring(0, parameter));
    return octets == null ? null : LoginOctets.name(octets);
  }

  private static @Nullable ImapUrl withHost(String user, String hostPort) {
    byte[] octets = percentDecoded(hostPort);
    String decoded = octets == null ? "" : new String(octets, StandardCharsets.ISO_8859_1);
    // An escape may hide a letter, never a delimiter.
    HostPort target =
        octets != null && delimiters(decoded) == delimiters(hostPort)
            ? HostPort.parse(decoded)
            : null;
    return target == null ? null : new ImapUrl(user, target.host(), target.port());
  }

  private static long delimiters(String text) {
    return text.chars().filter(c -> c == ':' || c == '[' || c == ']').count();
  }

  private static byte @Nullable [] percentDecoded(String text) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        octets.write(c);
        continue;
      }
      boolean whole = i + 2 < text.length();
      int high = whole ? hexValue(text.charAt(i + 1)) : -1;
      int low = whole ? hexValue(text.charAt(i + 2)) : -1;
      if (high < 0 || low < 0) {
        return null;
      }
      octets.write(high << 4 | low);
      i += 2;
    }
    return octets.toByteArray();
  }

  private static int hexValue(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }
}
