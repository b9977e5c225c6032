package org.openmmp.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request line and the header fields of one HTTP/1 request (RFC 9112).
 *
 * @param method as sent; methods are told apart by case
 * @param path the part of the target before any question mark, exactly as sent, nothing decoded;
 *     begins with a slash
 * @param query the part behind the question mark, as sent; empty if none
 * @param http11 whether the version is HTTP/1.1, which must name its host
 * @param fields values by name in lower case, in the order they were sent
 */
record RequestHead(
    String method, String path, String query, boolean http11, Map<String, List<String>> fields) {

  /** The first value of a field, null if it was not sent. */
  @Nullable String field(String lowerCaseName) {
    List<String> values = fields.get(lowerCaseName);
    return values == null ? null : values.get(0);
  }

  /** How often a field was sent. */
  int count(String lowerCaseName) {
    List<String> values = fields.get(lowerCaseName);
    return values == null ? 0 : values.size();
  }
}
