package org.openmmp.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openmmp.text.SafeText;

/**
 * The parameters behind a request's question mark: each at most once, and none that the page does
 * not know.
 */
public final class Query {
  private final Map<String, String> values;

  private Query(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Takes a query apart; a plus sign stands for itself.
   *
   * @param query as sent; empty: there are no parameters
   * @param known the page's parameters
   * @param needed those of them that it must have
   * @throws RefusedRequestException if it is not one of these, and in {@link #wantsText} too
   */
  static Query parse(String query, List<String> known, List<String> needed) {
    Map<String, String> values = new HashMap<>();
    for (String part : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      if (equals < 0 || !known.contains(name) || values.containsKey(name)) {
        throw new RefusedRequestException(
            BAD_REQUEST, "the parameters are " + String.join(", ", known) + ", each once at most");
      }
      String value = decoded(part.substring(equals + 1));
      if (!SafeText.isVisible(value)) {
        throw new RefusedRequestException(
            BAD_REQUEST, name + " has characters that cannot be shown");
      }
      values.put(name, value);
    }
    for (String each : needed) {
      if (values.getOrDefault(each, "").isEmpty()) {
        throw new RefusedRequestException(BAD_REQUEST, each + "= is needed");
      }
    }
    return new Query(values);
  }

  /** A parameter's value, percent-decoded. */
  public String value(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /** Whether {@code format=text} asks for the form for people instead of JSON. */
  boolean wantsText() {
    return switch (value("format", "json")) {
      case "json" -> false;
      case "text" -> true;
      default -> throw new RefusedRequestException(BAD_REQUEST, "format is json or text");
    };
  }

  private static String decoded(String value) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(value.length());
    int i = 0;
    while (i < value.length()) {
      char c = value.charAt(i++);
      if (c != '%') {
        octets.write(c);
        continue;
      }
      int high = i + 1 < value.length() ? Character.digit(value.charAt(i), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(value.charAt(i + 1), 16);
      if (low < 0) {
        throw new RefusedRequestException(BAD_REQUEST, "a percent sign without two digits");
      }
      octets.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.toByteArray())) + "";
    } catch (CharacterCodingException e) {
      throw new RefusedRequestException(BAD_REQUEST, "a value is not UTF-8");
    }
  }
}
