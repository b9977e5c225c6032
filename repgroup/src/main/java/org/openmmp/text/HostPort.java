package org.openmmp.text;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A host and perhaps a port, as URLs and referrals name them: {@code host}, {@code host:port},
 * {@code [IPv6 address]:port} (RFC 3986 section 3.2.2).
 *
 * @param host name or address literal without brackets, in lower case; may be empty. What only
 *     looks like an address, as {@code 0x7f.1}, is told as it is: whoever asks whom it means
 *     refuses it
 * @param port 1..65535, or 0 if none is named
 */
public record HostPort(String host, int port) {
  private static final int MAX_HOST_LENGTH = 255;
  private static final int MAX_PORT = 65535;

  /**
   * Reads one, its octets as ISO-8859-1.
   *
   * @return null if the text is none: a bad port, brackets around no IPv6 address, an octet that no
   *     host name has
   */
  public static @Nullable HostPort parse(String text) {
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      String address = close < 0 ? "" : text.substring(1, close);
      return isIpv6(address) ? withPort(address, text.substring(close + 1)) : null;
    }
    int colon = text.indexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    return isHostName(host) ? withPort(host, colon < 0 ? "" : text.substring(colon)) : null;
  }

  /** Whether the text is an IPv6 address literal, without brackets. */
  public static boolean isIpv6(String text) {
    return text.indexOf(':') >= 0 && AddressLiteral.parse(text) != null;
  }

  /** A port may be announced and left out: {@code host:} (RFC 3986 section 3.2.3). */
  private static @Nullable HostPort withPort(String host, String colonPort) {
    if (!colonPort.isEmpty() && colonPort.charAt(0) != ':') {
      return null;
    }
    int port = colonPort.length() < 2 ? 0 : portNumber(colonPort.substring(1));
    return port < 0
        ? null
        : new HostPort(AddressLiteral.canonical(host.toLowerCase(Locale.ROOT)), port);
  }

  private static int portNumber(String digits) {
    if (digits.length() > 5) {
      return -1;
    }
    int port = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      port = port * 10 + (c - '0');
    }
    return port >= 1 && port <= MAX_PORT ? port : -1;
  }

  private static boolean isHostName(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (!isLetterOrDigit(c) && c != '-' && c != '.' && c != '_') {
        return false;
      }
    }
    return host.length() <= MAX_HOST_LENGTH;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
