package org.openmmp.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.CONTINUE;
import static io.netty.handler.codec.http.HttpResponseStatus.INTERNAL_SERVER_ERROR;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.Network;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One caller of the admin listener: a request at a time comes through the gate, has its page asked,
 * and is answered; then the next may come.
 *
 * <p>Each step has its time, after which the caller is closed whatever it does: to send a whole
 * request, and to take a whole answer. Only an answer without a known length may last, as long as
 * its reader takes what there is.
 */
final class AdminConnection extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger log = LoggerFactory.getLogger(AdminConnection.class);

  /** Octets of a request's body. */
  static final int MAX_BODY = 64 * 1024;

  private static final int MAX_FIELDS = 64;
  private static final long LINGER_MILLIS = 500;

  private final AdminServer server;

  /** What came with a request behind it, until that is answered. */
  private final Queue<HttpObject> later = new ArrayDeque<>();

  private byte[] body = new byte[0];
  private @Nullable HttpRequest request;
  private @Nullable AdminPage page;
  private AdminGate.@Nullable Caller caller;
  private @Nullable Future<?> deadline;
  private boolean answering;
  private boolean lasting;
  private boolean inputEnded;
  private boolean refused;

  AdminConnection(AdminServer server) {
    this.server = server;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    server.admit(ctx.channel());
    awaitRequest(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    server.forget(ctx.channel());
    if (deadline != null) {
      deadline.cancel(false);
    }
    later.forEach(ReferenceCountUtil::release);
    later.clear();
    if (!answering) {
      forgetBody();
    }
  }

  /** It may be a password. */
  private void forgetBody() {
    Arrays.fill(body, (byte) 0);
    body = new byte[0];
  }

  private void awaitRequest(ChannelHandlerContext ctx) {
    request = null;
    page = null;
    caller = null;
    answering = false;
    forgetBody();
    server.owesRequest(ctx.channel());
    closeAfter(ctx, server.longestStep().toMillis());
    while (!answering && !refused && !later.isEmpty()) {
      HttpObject part = later.remove();
      take(ctx, part);
      ReferenceCountUtil.release(part);
    }
    if (!answering) {
      ctx.read();
    }
    closeIfAllIsSaid(ctx);
  }

  private void closeIfAllIsSaid(ChannelHandlerContext ctx) {
    if (inputEnded && !answering) {
      ctx.close();
    }
  }

  private void closeAfter(ChannelHandlerContext ctx, long millis) {
    if (deadline != null) {
      deadline.cancel(false);
    }
    deadline = ctx.executor().schedule(() -> ctx.close(), millis, TimeUnit.MILLISECONDS);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    if (refused) {
      ctx.read();
    } else if (answering) {
      later.add(ReferenceCountUtil.retain(part));
    } else if (ctx.channel().isActive()) {
      take(ctx, part);
    }
  }

  private void take(ChannelHandlerContext ctx, HttpObject part) {
    try {
      DecoderResult decoded = part.decoderResult();
      if (decoded.isFailure()) {
        throw refusalOf(decoded.cause());
      }
      if (part instanceof HttpRequest head) {
        begin(ctx, head);
      }
      if (part instanceof HttpContent content) {
        add(content.content());
      }
    } catch (RefusedRequestException e) {
      refused = true;
      server.owesNothing(ctx.channel());
      answer(ctx, e.refusal());
      return;
    }
    if (part instanceof LastHttpContent) {
      ask(ctx);
    } else {
      ctx.read();
    }
  }

  private static RefusedRequestException refusalOf(Throwable cause) {
    if (cause instanceof RefusedRequestException refusal) {
      return refusal;
    }
    return cause instanceof TooLongFrameException
        ? new RefusedRequestException(
            REQUEST_HEADER_FIELDS_TOO_LARGE,
            "more than " + StrictRequests.MAX_HEAD + " octets before the end of the head")
        : new RefusedRequestException(BAD_REQUEST, "the request is malformed");
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) {
    request = head;
    if (head.headers().size() > MAX_FIELDS) {
      throw new RefusedRequestException(REQUEST_HEADER_FIELDS_TOO_LARGE, "too many header fields");
    }
    AdminPage asked = server.page(path(head));
    caller =
        server
            .gate()
            .check(
                head,
                address(ctx),
                AdminSocket.accountAtTheOtherEndOf(ctx.channel()),
                asked == null ? AdminPage.Access.LOOK : asked.accessFor(head.method()));
    if (asked == null) {
      throw new RefusedRequestException(NOT_FOUND, "no such page");
    }
    if (!asked.methods().contains(head.method())) {
      String methods =
          asked.methods().stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
      throw new RefusedRequestException(
          AdminReply.text(METHOD_NOT_ALLOWED, "only " + methods).withField("Allow", methods));
    }
    page = asked;
    checkBody(head);
    if (HttpUtil.is100ContinueExpected(head)) {
      ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, CONTINUE));
    }
  }

  private static String path(HttpRequest head) {
    int mark = head.uri().indexOf('?');
    return mark < 0 ? head.uri() : head.uri().substring(0, mark);
  }

  private static String query(HttpRequest head) {
    int mark = head.uri().indexOf('?');
    return mark < 0 ? "" : head.uri().substring(mark + 1);
  }

  /** Null for a caller at the socket. */
  private static @Nullable InetAddress address(ChannelHandlerContext ctx) {
    return ctx.channel() instanceof SocketChannel tcp ? tcp.remoteAddress().getAddress() : null;
  }

  private static void checkBody(HttpRequest head) {
    boolean encoded = head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    long length = HttpUtil.getContentLength(head, 0L);
    if (head.method().equals(HttpMethod.GET) || head.method().equals(HttpMethod.HEAD)) {
      if (encoded || length != 0) {
        throw new RefusedRequestException(BAD_REQUEST, "no body is read");
      }
    } else if (encoded && !HttpUtil.isTransferEncodingChunked(head)) {
      throw new RefusedRequestException(BAD_REQUEST, "the only transfer encoding is chunked");
    } else if (length > MAX_BODY) {
      throw tooLarge();
    }
  }

  private void add(ByteBuf content) {
    int more = content.readableBytes();
    if (body.length + more > MAX_BODY) {
      throw tooLarge();
    }
    byte[] before = body;
    body = Arrays.copyOf(before, before.length + more);
    content.getBytes(content.readerIndex(), body, before.length, more);
    Arrays.fill(before, (byte) 0);
  }

  private static RefusedRequestException tooLarge() {
    return new RefusedRequestException(
        REQUEST_ENTITY_TOO_LARGE, "more than " + MAX_BODY + " octets of a body");
  }

  private void ask(ChannelHandlerContext ctx) {
    answering = true;
    server.owesNothing(ctx.channel());
    closeAfter(ctx, server.longestStep().toMillis());
    AdminPage asked = Objects.requireNonNull(page);
    AdminPage.Request asking =
        new AdminPage.Request(
            query(Objects.requireNonNull(request)),
            body,
            ctx.pipeline().get(ChunkedWriteHandler.class)::resumeTransfer);
    CompletableFuture<AdminReply> reply =
        asked.access() == AdminPage.Access.OPEN
            ? CompletableFuture.completedFuture(asking).thenCompose(asked.answer())
            : CompletableFuture.completedFuture(asking)
                .thenComposeAsync(asked.answer(), server.workers());
    reply
        .whenComplete((made, failure) -> Arrays.fill(asking.body(), (byte) 0))
        .exceptionally(AdminConnection::failed)
        .thenAccept(made -> ctx.executor().execute(() -> answer(ctx, made)));
  }

  private static AdminReply failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof RefusedRequestException refusal) {
      return refusal.refusal();
    }
    log.error("an admin page failed", cause);
    return AdminReply.text(INTERNAL_SERVER_ERROR, "the page failed; the log says why");
  }

  private void answer(ChannelHandlerContext ctx, AdminReply reply) {
    answering = true;
    HttpRequest asked = request;
    tellDoing(ctx, reply);
    boolean http11 = asked != null && asked.protocolVersion().equals(HttpVersion.HTTP_1_1);
    boolean measured = reply.length() >= 0;
    boolean goesOn =
        !refused && asked != null && HttpUtil.isKeepAlive(asked) && (measured || http11);
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, reply.status());
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, reply.contentType())
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("X-Content-Type-Options", "nosniff")
        .set(
            HttpHeaderNames.CONNECTION,
            goesOn ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    reply.fields().forEach(head.headers()::set);
    if (measured) {
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, reply.length());
    } else if (http11) {
      head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    ctx.write(head);
    // HEAD hears the same header fields, and no body (RFC 9110 section 9.3.2).
    boolean withBody = asked == null || !asked.method().equals(HttpMethod.HEAD);
    lasting = withBody && !measured;
    if (lasting && deadline != null) {
      deadline.cancel(false);
    }
    ctx.writeAndFlush(
            withBody ? new HttpChunkedInput(reply.body()) : LastHttpContent.EMPTY_LAST_CONTENT)
        .addListener(
            sent -> {
              lasting = false;
              if (!sent.isSuccess()) {
                ctx.close();
              } else if (goesOn) {
                awaitRequest(ctx);
              } else {
                end(ctx);
              }
            });
  }

  /** Whoever acted, or was refused to, is told of (rule B8.7). */
  private void tellDoing(ChannelHandlerContext ctx, AdminReply reply) {
    HttpRequest asked = request;
    AdminPage known = asked == null ? null : server.page(path(asked));
    if (asked != null
        && known != null
        && known.access() == AdminPage.Access.ACT
        && asked.method().equals(HttpMethod.POST)) {
      InetAddress address = address(ctx);
      AdminGate.Caller by =
          caller != null
              ? caller
              : new AdminGate.Caller(
                  "", address == null ? "socket" : Network.of(address).toString());
      server.acted(by, known.path(), query(asked), reply.status().code());
    }
  }

  /** A lasting answer has its time whenever its reader does not take what there is. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (lasting) {
      if (!ctx.channel().isWritable()) {
        closeAfter(ctx, server.longestStep().toMillis());
      } else if (deadline != null) {
        deadline.cancel(false);
      }
    }
    ctx.fireChannelWritabilityChanged();
  }

  /** What is not read when a socket closes resets it, and may cost the caller its answer. */
  private void end(ChannelHandlerContext ctx) {
    answering = false;
    refused = true;
    if (inputEnded) {
      ctx.close();
      return;
    }
    ((DuplexChannel) ctx.channel()).shutdownOutput();
    closeAfter(ctx, LINGER_MILLIS);
    ctx.read();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      closeIfAllIsSaid(ctx);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("an admin connection ended early: {}", cause.getMessage());
    ctx.close();
  }
}
