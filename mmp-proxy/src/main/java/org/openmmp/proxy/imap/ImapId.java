package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.wire.AddressLiteral;

/**
 * What an ID command says (RFC 2971), by field names in lower case; fields that are NIL are left
 * out.
 */
record ImapId(Map<String, String> fields) {
  /** RFC 2971 section 3.3: at most 30 pairs, names of 30 octets, values of 1,024. */
  private static final int MAX_FIELDS = 30;

  private static final int MAX_NAME_OCTETS = 30;
  private static final int MAX_VALUE_OCTETS = 1024;
  private static final int MAX_SESSION_ID_LENGTH = 64;

  /** Takes the arguments: {@code NIL} or a list; null if they are malformed or over a limit. */
  static @Nullable ImapId parse(ImapCommandParser arguments) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (!arguments.take(' ')) {
      return null;
    }
    if (!arguments.takeNil() && !(arguments.take('(') && takeFields(arguments, fields))) {
      return null;
    }
    return arguments.atEnd() ? new ImapId(fields) : null;
  }

  /**
   * The client as this command describes it; what is missing or unfit stays as it is. Only to be
   * asked where whoever sent it is trusted (rule B3.12).
   */
  ClientFacts appliedTo(ClientFacts own) {
    String clientIp = address("x-originating-ip", own.clientIp());
    String serverIp = address("x-connected-ip", own.serverIp());
    return new ClientFacts(
        sessionId(own.sessionId()),
        clientIp,
        number("x-originating-port", 1, 65535, own.clientPort()),
        serverIp,
        number("x-connected-port", 1, 65535, own.serverPort()),
        own.tls(),
        own.certificateName(),
        own.secretsInClearAllowed(),
        Math.min(own.proxyTtl(), number("x-proxy-ttl", 2, 255, 257) - 2));
  }

  /**
   * Whether the proxy in front says that no further one may stand here: two of them refer to each
   * other.
   */
  boolean endsHere() {
    return fields.containsKey("x-proxy-ttl") && number("x-proxy-ttl", 0, 255, 0) < 2;
  }

  private static boolean takeFields(ImapCommandParser arguments, Map<String, String> fields) {
    if (arguments.take(')')) {
      return true;
    }
    for (int i = 0; i < MAX_FIELDS; i++) {
      byte[] name = arguments.string();
      if (name == null || name.length > MAX_NAME_OCTETS || !arguments.take(' ')) {
        return false;
      }
      if (!arguments.takeNil()) {
        byte[] value = arguments.string();
        if (value == null || value.length > MAX_VALUE_OCTETS) {
          return false;
        }
        fields.putIfAbsent(text(name).toLowerCase(Locale.ROOT), text(value));
      }
      if (arguments.take(')')) {
        return true;
      }
      if (!arguments.take(' ')) {
        return false;
      }
    }
    return false;
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  private String address(String name, String otherwise) {
    String text = fields.get(name);
    return text != null && AddressLiteral.parse(text) != null ? text : otherwise;
  }

  private String sessionId(String otherwise) {
    String text = fields.get("x-session-id");
    boolean fit =
        text != null
            && !text.isEmpty()
            && text.length() <= MAX_SESSION_ID_LENGTH
            && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
    return text != null && fit ? text : otherwise;
  }

  private int number(String name, int least, int most, int otherwise) {
    String text = fields.get(name);
    if (text == null || text.isEmpty() || text.length() > 5) {
      return otherwise;
    }
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return otherwise;
      }
      number = number * 10 + digit;
    }
    return number >= least && number <= most ? number : otherwise;
  }
}
