package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ProxyProtocolConfig;
import org.openmmp.wire.NetworkSet;

/** What comes behind a header on real sockets, whose transports differ at a peer's end. */
class HeaderOnSocketsTest {
  @ParameterizedTest
  @ValueSource(strings = {"EPOLL", "NIO", "IO_URING"})
  void everyTransportServesWhatComesBehindAHeader(String kind) throws Exception {
    ListenAddress at = new ListenAddress("127.0.0.1", 0, "", true);
    ClientOrigins origins =
        new ClientOrigins(
            at,
            new ProxyProtocolConfig(NetworkSet.parse(List.of("127.0.0.1")), Duration.ofSeconds(30)),
            false,
            (why, client, port, detail) -> {});
    try (Transports transports = Transports.open(Transports.Kind.valueOf(kind), 1);
        Listener listener =
            Listener.bind(
                transports,
                at,
                ListenerTest.config(false, false),
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    client.config().setAllowHalfClosure(true);
                    origins.find(client, origin -> echo(client), client::close);
                  }
                })) {
      for (String octets : List.of(Accepted.V1 + "hello", ProxyHeaders.v2(0x20, 0, "") + "hello")) {
        for (int step : new int[] {1, octets.length()}) {
          try (Socket client =
              new Socket(listener.address().getAddress(), listener.address().getPort())) {
            client.setTcpNoDelay(true);
            client.setSoTimeout(30_000);
            for (int i = 0; i < octets.length(); i += step) {
              client
                  .getOutputStream()
                  .write(octets.substring(i, i + step).getBytes(StandardCharsets.ISO_8859_1));
            }
            client.shutdownOutput();
            assertEquals(
                "hello",
                new String(client.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
          }
        }
      }
    }
  }

  /** Sends back what comes behind a header. */
  private static void echo(SocketChannel client) {
    client
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.writeAndFlush(message, ctx.voidPromise());
                ctx.read();
              }
            });
    client.read();
  }
}
