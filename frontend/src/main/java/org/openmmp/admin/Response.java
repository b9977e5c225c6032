package org.openmmp.admin;

import java.nio.charset.StandardCharsets;

/**
 * One HTTP answer; the connection ends with it.
 *
 * @param status code and phrase
 * @param contentType the body's
 * @param body text, sent in UTF-8
 * @param extraField one more header field with its line end, or empty
 */
record Response(Status status, String contentType, String body, String extraField) {
  static final String JSON = "application/json; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** The answers in use (RFC 9110 section 15). */
  enum Status {
    OK(200, "OK"),
    BAD_REQUEST(400, "Bad Request"),
    UNAUTHORIZED(401, "Unauthorized"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not Found"),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
    TOO_LARGE(431, "Request Header Fields Too Large"),
    INTERNAL_ERROR(500, "Internal Server Error"),
    UNAVAILABLE(503, "Service Unavailable"),
    VERSION_NOT_SUPPORTED(505, "HTTP Version Not Supported");

    private final int code;
    private final String phrase;

    Status(int code, String phrase) {
      this.code = code;
      this.phrase = phrase;
    }

    int code() {
      return code;
    }
  }

  static Response text(Status status, String line) {
    return new Response(status, TEXT, line + "\n", "");
  }

  static Response json(Object tree) {
    return new Response(Status.OK, JSON, Json.write(tree) + "\n", "");
  }

  Response withField(String name, String value) {
    return new Response(status, contentType, body, name + ": " + value + "\r\n");
  }

  /**
   * The octets on the wire.
   *
   * @param withBody false answers HEAD: the same header fields, no body (RFC 9110 section 9.3.2)
   */
  byte[] octets(boolean withBody) {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 "
            + status.code
            + " "
            + status.phrase
            + "\r\nContent-Type: "
            + contentType
            + "\r\nContent-Length: "
            + content.length
            + "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            + extraField
            + "Connection: close\r\n\r\n";
    byte[] headOctets = head.getBytes(StandardCharsets.US_ASCII);
    if (!withBody) {
      return headOctets;
    }
    byte[] all = new byte[headOctets.length + content.length];
    System.arraycopy(headOctets, 0, all, 0, headOctets.length);
    System.arraycopy(content, 0, all, headOctets.length, content.length);
    return all;
  }
}
