package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.ClientClaims;

/**
 * What an ID command says (RFC 2971), by field names in lower case; fields that are NIL are left
 * out.
 */
record ImapId(Map<String, String> fields) {
  /** RFC 2971 section 3.3: at most 30 pairs, names of 30 octets, values of 1,024. */
  private static final int MAX_FIELDS = 30;

  private static final int MAX_NAME_OCTETS = 30;
  private static final int MAX_VALUE_OCTETS = 1024;

  /**
   * Takes the arguments: {@code NIL}, a list, or nothing; null if they are malformed or over a
   * limit. Between strings there may be any spaces, and the last value may be missing, as some
   * clients have it and Dovecot takes it.
   */
  static @Nullable ImapId parse(ImapCommand arguments) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (arguments.atEnd() || arguments.takeNil()) {
      return arguments.atEnd() ? new ImapId(fields) : null;
    }
    boolean taken = arguments.take('(') && takeFields(arguments, fields);
    return taken && arguments.atEnd() ? new ImapId(fields) : null;
  }

  /** What the command says of the client of whoever sent it (rule B3.12). */
  ClientClaims claims() {
    return new ClientClaims(
        fields.get("x-originating-ip"),
        fields.get("x-originating-port"),
        fields.get("x-connected-ip"),
        fields.get("x-connected-port"),
        fields.get("x-proxy-ttl"),
        fields.get("x-session-id"));
  }

  private static boolean takeFields(ImapCommand arguments, Map<String, String> fields) {
    for (int i = 0; i <= MAX_FIELDS; i++) {
      arguments.takeSpaces();
      if (arguments.take(')')) {
        return true;
      }
      byte[] name = i < MAX_FIELDS ? arguments.string() : null;
      if (name == null || name.length > MAX_NAME_OCTETS) {
        return false;
      }
      arguments.takeSpaces();
      if (arguments.take(')')) {
        return true;
      }
      if (!arguments.takeNil()) {
        byte[] value = arguments.string();
        if (value == null || value.length > MAX_VALUE_OCTETS) {
          return false;
        }
        fields.putIfAbsent(text(name).toLowerCase(Locale.ROOT), text(value));
      }
    }
    return false;
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }
}
