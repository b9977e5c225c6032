package org.openmmp.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.TransportConfig;

/** A server under implicit TLS that greets each client and sends back what it hears. */
final class TlsRig implements AutoCloseable {
  static final String GREETING = "* OK ready\r\n";

  final Transports transports;
  final Listener listener;

  /** What was known of each client's TLS once it stood. */
  final BlockingQueue<TlsFacts> facts = new ArrayBlockingQueue<>(10_000);

  /** How each handshake ended: SECURED with the client's certificate, or the failure's name. */
  final BlockingQueue<String> handshakes = new ArrayBlockingQueue<>(10_000);

  TlsRig(ServerTls tls, Duration limit) throws IOException {
    transports = Transports.open(Transports.Kind.EPOLL, 1);
    listener =
        Listener.bind(
            transports,
            new ListenAddress("127.0.0.1", 0, ""),
            new TransportConfig(
                TransportConfig.Kind.AUTO,
                1,
                1_024,
                false,
                false,
                Duration.ofMinutes(8),
                Duration.ofMinutes(2)),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(SocketChannel client) {
                secure(client, tls, limit);
              }
            });
  }

  private void secure(SocketChannel client, ServerTls tls, Duration limit) {
    client.pipeline().addLast(new Echo());
    TlsUpgrade.ofClient(
        client,
        tls,
        limit,
        new TlsListener() {
          @Override
          public void secured() {
            facts.add(Objects.requireNonNull(ServerTls.facts(client)));
            handshakes.add(
                "SECURED "
                    + ServerTls.clientCertificate(client)
                        .map(shown -> shown.getSubjectX500Principal().getName())
                        .orElse("nobody"));
            client.writeAndFlush(
                Unpooled.copiedBuffer(GREETING, StandardCharsets.US_ASCII), client.voidPromise());
            client.read();
          }

          @Override
          public void failed(TlsFailure why) {
            handshakes.add(why.name());
          }
        });
  }

  int port() {
    return listener.address().getPort();
  }

  String awaitHandshake() throws InterruptedException {
    String ended = handshakes.poll(30, TimeUnit.SECONDS);
    if (ended == null) {
      throw new AssertionError("no handshake ended");
    }
    return ended;
  }

  @Override
  public void close() {
    listener.close();
    transports.close();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message, ctx.voidPromise());
      ctx.read();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
