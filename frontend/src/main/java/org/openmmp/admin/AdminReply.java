package org.openmmp.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.stream.ChunkedInput;
import io.netty.handler.stream.ChunkedStream;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.openmmp.text.Json;

/**
 * One HTTP answer, sent piece by piece as its reader takes it.
 *
 * @param contentType the body's
 * @param length the body's octets; -1: known only when it ends, as with events sent by the server
 * @param fields further header fields
 */
record AdminReply(
    HttpResponseStatus status,
    String contentType,
    long length,
    ChunkedInput<ByteBuf> body,
    Map<String, String> fields) {
  private static final String JSON = "application/json; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** Small, so that there is room for it when buffers run out and somebody wants to know why. */
  private static final int PIECE = 2 * 1024;

  static AdminReply of(HttpResponseStatus status, String contentType, String body) {
    byte[] octets = body.getBytes(StandardCharsets.UTF_8);
    return new AdminReply(
        status,
        contentType,
        octets.length,
        new ChunkedStream(new ByteArrayInputStream(octets), PIECE),
        Map.of());
  }

  static AdminReply text(HttpResponseStatus status, String line) {
    return of(status, TEXT, line + "\n");
  }

  static AdminReply json(HttpResponseStatus status, Object tree) {
    return of(status, JSON, Json.write(tree) + "\n");
  }

  /** What another page, or several, told: a text for people, or JSON. */
  static AdminReply whole(int status, boolean text, String body) {
    return of(HttpResponseStatus.valueOf(status), text ? TEXT : JSON, body);
  }

  /** The body of an answer that ends, as one text; it cannot be sent any more. */
  String whole() {
    try {
      StringBuilder all = new StringBuilder();
      for (ByteBuf piece = body.readChunk(ByteBufAllocator.DEFAULT);
          piece != null;
          piece = body.readChunk(ByteBufAllocator.DEFAULT)) {
        octets(piece, all);
      }
      return new String(
          all.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    } catch (Exception unreadable) {
      throw new IllegalStateException("an answer in memory can be read", unreadable);
    }
  }

  private static void octets(ByteBuf piece, StringBuilder all) {
    all.append(piece.toString(StandardCharsets.ISO_8859_1));
    piece.release();
  }

  AdminReply withField(String name, String value) {
    return new AdminReply(status, contentType, length, body, Map.of(name, value));
  }
}
