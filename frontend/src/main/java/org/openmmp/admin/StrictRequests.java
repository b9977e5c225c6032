package org.openmmp.admin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Reads requests strictly: what RFC 9112 lets a server tolerate in a request line is refused, for
 * no real client sends it.
 */
final class StrictRequests extends HttpRequestDecoder {
  /** Octets of the request line, and of the header fields. */
  static final int MAX_HEAD = 8 * 1024;

  private boolean betweenRequests = true;
  private int nextWord;

  StrictRequests() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_HEAD)
            .setMaxHeaderSize(MAX_HEAD)
            .setStrictLineParsing(true));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (betweenRequests && in.isReadable() && in.getByte(in.readerIndex()) <= ' ') {
      HttpMessage refused = createInvalidMessage();
      refused.setDecoderResult(DecoderResult.failure(malformed()));
      in.skipBytes(in.readableBytes());
      out.add(refused);
      return;
    }
    super.decode(ctx, in, out);
    betweenRequests = !out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent;
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    nextWord = start + length + 1;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    checkSpace(line, start);
    nextWord = start + length + 1;
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    checkSpace(line, start);
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private void checkSpace(byte[] line, int start) {
    if (start != nextWord || line[start - 1] != ' ') {
      throw malformed();
    }
  }

  @Override
  protected HttpMessage createMessage(String[] words) throws Exception {
    String target = words[1];
    String version = words[2];
    // The absolute form (RFC 9112 section 3.2.2) is for proxies, which this is none of.
    if (!target.startsWith("/")
        || !target.chars().allMatch(c -> c > ' ' && c < 0x7f)
        || version.isEmpty()
        || version.indexOf(' ') >= 0) {
      throw malformed();
    }
    if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
      throw new RefusedRequestException(
          HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0");
    }
    return super.createMessage(words);
  }

  /** Two lengths may be read as two requests (RFC 9112 section 6.1). */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw malformed();
  }

  private static RefusedRequestException malformed() {
    return new RefusedRequestException(
        HttpResponseStatus.BAD_REQUEST, "the request line is malformed");
  }
}
