package org.openmmp.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client's first SCRAM message (RFC 5802 section 7) says of who logs in. The rest of the
 * exchange is between the client and whoever knows the password.
 *
 * @param couldBind whether the client could bind the channel and thinks that the server cannot
 *     ({@code y}): a server that can then refuses it (section 6)
 * @param authzid authorization identity, empty if none was given
 * @param authcid authentication identity, not empty
 */
public record SaslScram(boolean couldBind, String authzid, String authcid) {
  /**
   * The header, the name, and a nonce of printable ASCII without a comma. Channel binding ({@code
   * p=}) and mandatory extensions ({@code m=}) stand outside: neither is ever offered.
   */
  private static final Pattern FIRST =
      Pattern.compile("([ny]),(?:a=([^,]+))?,n=([^,]+),r=[!-+\\--~]+(?:,[A-Za-z]=[^,\\x00]+)*+");

  /**
   * Reads a decoded message.
   *
   * @return null if it is malformed, asks for channel binding or an extension, or its names are not
   *     what {@link LoginOctets} allows
   */
  public static @Nullable SaslScram parse(byte[] octets) {
    Matcher message = FIRST.matcher(new String(octets, ISO_8859_1));
    if (!message.matches()) {
      return null;
    }
    String authzid = message.group(2) == null ? "" : name(message.group(2));
    String authcid = name(message.group(3));
    return authzid == null || authcid == null
        ? null
        : new SaslScram(message.group(1).equals("y"), authzid, authcid);
  }

  /**
   * Section 5.1: a comma is {@code =2C}, an equals sign {@code =3D}, and nothing else is escaped.
   */
  private static @Nullable String name(String escaped) {
    for (int at = escaped.indexOf('='); at >= 0; at = escaped.indexOf('=', at + 1)) {
      if (!escaped.startsWith("=2C", at) && !escaped.startsWith("=3D", at)) {
        return null;
      }
    }
    String plain = escaped.replace("=2C", ",").replace("=3D", "=");
    return LoginOctets.name(plain.getBytes(ISO_8859_1));
  }
}
