package org.openmmp.admin;

import static org.openmmp.admin.Response.Status.BAD_REQUEST;
import static org.openmmp.admin.Response.Status.TOO_LARGE;
import static org.openmmp.admin.Response.Status.VERSION_NOT_SUPPORTED;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the head of one request, strictly: what RFC 9112 lets a server tolerate is refused, for no
 * real client sends it.
 */
final class RequestHeadParser {
  /** Octets of request line and header fields. */
  static final int MAX_HEAD = 8 * 1024;

  private static final int MAX_FIELDS = 64;
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private RequestHeadParser() {}

  /**
   * Reads as far as the empty line and no octet further.
   *
   * @throws RefusedRequestException if it is no request that is answered here
   * @throws IOException if the connection ends before
   */
  static RequestHead read(InputStream in) throws IOException, RefusedRequestException {
    List<String> lines = new ArrayList<>();
    int left = MAX_HEAD;
    while (true) {
      String line = readLine(in, left);
      left -= line.length() + 2;
      if (line.isEmpty()) {
        return parse(lines);
      }
      lines.add(line);
      if (lines.size() > MAX_FIELDS + 1) {
        throw RefusedRequestException.of(TOO_LARGE, "too many header fields");
      }
    }
  }

  private static String readLine(InputStream in, int limit)
      throws IOException, RefusedRequestException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("closed before the end of the request");
      }
      if (octet == '\r') {
        if (in.read() != '\n') {
          throw RefusedRequestException.of(BAD_REQUEST, "a CR without its LF");
        }
        return line.toString(StandardCharsets.ISO_8859_1);
      }
      if ((octet < ' ' && octet != '\t') || octet == 0x7f) {
        throw RefusedRequestException.of(BAD_REQUEST, "a control character in the head");
      }
      if (line.size() + 2 >= limit) {
        throw RefusedRequestException.of(
            TOO_LARGE, "more than " + MAX_HEAD + " octets before the end of the head");
      }
      line.write(octet);
    }
  }

  private static RequestHead parse(List<String> lines) throws RefusedRequestException {
    String requestLine = lines.isEmpty() ? "" : lines.get(0);
    int first = requestLine.indexOf(' ');
    int last = requestLine.lastIndexOf(' ');
    if (first < 1 || last <= first) {
      throw RefusedRequestException.of(BAD_REQUEST, "no request line");
    }
    String method = requestLine.substring(0, first);
    String target = requestLine.substring(first + 1, last);
    String version = requestLine.substring(last + 1);
    if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
      throw RefusedRequestException.of(VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0");
    }
    // The absolute form (RFC 9112 section 3.2.2) is for proxies, which this is none of.
    if (!isToken(method) || !target.startsWith("/") || !isVisible(target)) {
      throw RefusedRequestException.of(BAD_REQUEST, "the request line is malformed");
    }
    Map<String, List<String>> fields = fields(lines.subList(1, lines.size()));
    int mark = target.indexOf('?');
    return new RequestHead(
        method,
        mark < 0 ? target : target.substring(0, mark),
        mark < 0 ? "" : target.substring(mark + 1),
        version.equals("HTTP/1.1"),
        fields);
  }

  private static Map<String, List<String>> fields(List<String> lines)
      throws RefusedRequestException {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon < 1 || !isToken(line.substring(0, colon))) {
        throw RefusedRequestException.of(BAD_REQUEST, "a header field is malformed");
      }
      fields
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
          .add(line.substring(colon + 1).strip());
    }
    return fields;
  }

  private static boolean isToken(String text) {
    return text.chars()
        .allMatch(
            c ->
                (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || TOKEN_MARKS.indexOf(c) >= 0);
  }

  private static boolean isVisible(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
