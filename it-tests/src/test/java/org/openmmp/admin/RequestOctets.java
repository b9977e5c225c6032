package org.openmmp.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the admin listener reads out of the octets of a connection, up to the first bad request. */
public final class RequestOctets {
  private RequestOctets() {}

  /** Its requests. */
  public static String read(List<byte[]> pieces) {
    EmbeddedChannel channel = new EmbeddedChannel(new StrictRequests());
    StringBuilder text = new StringBuilder();
    boolean refused = false;
    for (byte[] piece : pieces) {
      if (!refused) {
        channel.writeInbound(Unpooled.copiedBuffer(piece));
      }
      for (Object each = channel.readInbound(); each != null; each = channel.readInbound()) {
        if (!refused) {
          refused = isRefused(each, text);
        }
        ReferenceCountUtil.release(each);
      }
    }
    channel.finishAndReleaseAll();
    return text.toString();
  }

  private static boolean isRefused(Object read, StringBuilder text) {
    if (read instanceof HttpRequest request) {
      if (request.decoderResult().isFailure()) {
        text.append("refused");
        return true;
      }
      text.append(request.method()).append(' ').append(request.uri()).append(request.headers());
    }
    if (read instanceof HttpContent content) {
      if (content.decoderResult().isFailure()) {
        text.append("refused");
        return true;
      }
      text.append(content.content().toString(StandardCharsets.ISO_8859_1));
      text.append(content instanceof LastHttpContent ? "<end>" : "");
    }
    return false;
  }
}
