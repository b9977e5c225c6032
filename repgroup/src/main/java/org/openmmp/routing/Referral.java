package org.openmmp.routing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostPort;
import org.openmmp.wire.LoginOctets;
import org.openmmp.wire.ResponseCode;

/**
 * A store's word "log in at that host instead", as it was parsed and before it is trusted: of an
 * IMAP URL, or of a POP3 response code.
 *
 * @param host host name or address literal without brackets, in lower case; may be empty, which is
 *     no referral
 * @param port 1..65535, or 0 if the store named none
 * @param user the user it names, free of control characters, empty if none; ignored unless
 *     configured (rule B3.8)
 * @param loggedIn whether the login succeeded all the same (RFC 2221 section 4.1, the OK form)
 */
public record Referral(String host, int port, String user, boolean loggedIn) {
  /** A longer text is no referral, whatever it says. */
  private static final int MAX_LENGTH = 2048;

  private static final String SCHEME = "imap://";
  private static final String REFER = "REFER";

  /**
   * Reads the server part of an IMAP URL (RFC 5092 section 3, RFC 2192), its octets as ISO-8859-1:
   * {@code imap://[user][;AUTH=type]@host[:port][/…]}. What follows the host is read over.
   *
   * @return null if the text is none: another scheme, a percent-encoded control character, a bad
   *     port, an octet that no host name has, too long
   */
  public static @Nullable Referral ofUrl(String text, boolean loggedIn) {
    if (text.length() > MAX_LENGTH || !text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String authority = text.substring(SCHEME.length(), endOfAuthority(text));
    // A store may send user@domain without encoding its "@": Dovecot does. The last one counts.
    int at = authority.lastIndexOf('@');
    String user = at < 0 ? "" : decodedUser(authority.substring(0, at));
    HostPort target = decodedHost(authority.substring(at + 1));
    return user == null || target == null
        ? null
        : new Referral(target.host(), target.port(), user, loggedIn);
  }

  /** Whether a POP3 response code means a referral, sound or not. */
  public static boolean isIn(ResponseCode code) {
    return code.name().equals("REFERRAL") || refers(code);
  }

  /**
   * Reads a POP3 response code: {@code [SYS/REFER/host]}, or {@code [REFERRAL/user@host:port]} as
   * Dovecot has it; any case.
   *
   * @return null if it is no referral, or is malformed
   */
  public static @Nullable Referral ofCode(ResponseCode code) {
    if (!code.closed() || code.octets().length() > MAX_LENGTH || !isIn(code)) {
      return null;
    }
    String target = code.argument();
    if (refers(code)) {
      return at("", target.substring(Math.min(REFER.length() + 1, target.length())));
    }
    // A user may hold an "@" of its own, as user@domain: the last one counts.
    int at = target.lastIndexOf('@');
    String user =
        at < 0
            ? ""
            : LoginOctets.name(target.substring(0, at).getBytes(StandardCharsets.ISO_8859_1));
    return user == null ? null : at(user, target.substring(at + 1));
  }

  private static boolean refers(ResponseCode code) {
    String argument = code.argument();
    return code.name().equals("SYS")
        && argument.regionMatches(true, 0, REFER, 0, REFER.length())
        && (argument.length() == REFER.length() || argument.charAt(REFER.length()) == '/');
  }

  private static @Nullable Referral at(String user, String hostPort) {
    // A bare IPv6 address is no host and port, and can be nothing else.
    HostPort target =
        HostPort.isIpv6(hostPort) ? HostPort.parse('[' + hostPort + ']') : HostPort.parse(hostPort);
    return target == null ? null : new Referral(target.host(), target.port(), user, false);
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

  private static @Nullable HostPort decodedHost(String hostPort) {
    byte[] octets = percentDecoded(hostPort);
    String decoded = octets == null ? "" : new String(octets, StandardCharsets.ISO_8859_1);
    // An escape may hide a letter, never a delimiter.
    return octets != null && delimiters(decoded) == delimiters(hostPort)
        ? HostPort.parse(decoded)
        : null;
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
