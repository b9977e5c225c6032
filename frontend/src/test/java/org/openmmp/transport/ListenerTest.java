package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.TransportConfig;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.testkit.OwnLoopback;

class ListenerTest {
  /** An address for documentation (RFC 5737): no machine has it. */
  private static final String NOT_UP = "192.0.2.77";

  private Transports transports;

  @BeforeEach
  void open() {
    transports = Transports.open(Transports.Kind.EPOLL, 1);
  }

  @AfterEach
  void close() {
    transports.close();
  }

  static TransportConfig config(boolean reusePort, boolean bindBeforeUp) {
    return new TransportConfig(
        TransportConfig.Kind.EPOLL,
        1,
        256,
        reusePort,
        bindBeforeUp,
        Duration.ofMinutes(8),
        Duration.ofMinutes(2));
  }

  /** Greets with one octet, and echoes. */
  static Listener greeting(Transports transports, String host, int port, TransportConfig config)
      throws IOException {
    return Listener.bind(
        transports,
        new ListenAddress(host, port, ""),
        config,
        new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel client) {
            client.pipeline().addLast(new Greeting());
          }
        });
  }

  private static final class Greeting extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(Unpooled.copiedBuffer("*", StandardCharsets.US_ASCII), ctx.voidPromise());
      ctx.read();
    }

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

  private static Socket connect(Listener listener) throws IOException {
    Socket socket = new Socket(listener.address().getAddress(), listener.address().getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "localhost"})
  void bindsEveryFormOfAddress(String host) throws Exception {
    try (Listener listener = greeting(transports, host, 0, config(false, false));
        Socket client = connect(listener)) {
      assertEquals('*', client.getInputStream().read());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EPOLL", "NIO", "IO_URING"})
  void everyTransportServes(String wanted) throws Exception {
    try (Transports other = Transports.open(Transports.Kind.valueOf(wanted), 1);
        Listener listener = greeting(other, "127.0.0.1", 0, config(false, false));
        Socket client = connect(listener)) {
      client.getOutputStream().write('x');
      assertEquals("*x", new String(client.getInputStream().readNBytes(2), StandardCharsets.UTF_8));
    }
  }

  // B8.1
  @Test
  void portIsSharedOnlyWhereAskedFor() throws Exception {
    Listener first = greeting(transports, "127.0.0.1", 0, config(true, false));
    int shared = first.address().getPort();
    try (Listener second = greeting(transports, "127.0.0.1", shared, config(true, false))) {
      first.close();
      try (Socket client = connect(second)) {
        assertEquals('*', client.getInputStream().read());
      }
    }
    try (Listener alone = greeting(transports, "127.0.0.1", 0, config(false, false))) {
      int port = alone.address().getPort();
      IOException refused =
          assertThrows(
              IOException.class,
              () -> greeting(transports, "127.0.0.1", port, config(false, false)));
      assertTrue(String.valueOf(refused.getMessage()).contains("127.0.0.1:" + port));
    }
  }

  // B7.5
  @Test
  void addressIsBoundBeforeItIsUpOnlyWhereAskedFor() throws Exception {
    try (Listener early = greeting(transports, NOT_UP, 0, config(false, true))) {
      assertEquals(NOT_UP, early.address().getAddress().getHostAddress());
    }
    IOException refused =
        assertThrows(
            IOException.class, () -> greeting(transports, NOT_UP, 0, config(false, false)));
    assertEquals(
        "cannot listen on "
            + NOT_UP
            + ":0: Cannot assign requested address (no interface of this machine has it now; with"
            + " openmmp.transport.bind-before-up = on a listener waits there for it)",
        refused.getMessage());
  }

  // B8.1
  @Test
  void closingHarmsNoAcceptedConnection() throws Exception {
    Listener listener = greeting(transports, OwnLoopback.TEXT, 0, config(false, false));
    try (Socket client = connect(listener)) {
      assertEquals('*', client.getInputStream().read());
      listener.close();
      assertThrows(ConnectException.class, () -> connect(listener));
      client.getOutputStream().write('y');
      assertEquals('y', client.getInputStream().read());
    }
  }

  /** Descriptors run out in a process of its own: accepting pauses and recovers. */
  @Test
  void acceptingRecoversWhenDescriptorsWereExhausted() throws Exception {
    Process process =
        new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -n 150 && exec \"$0\" -cp \"$1\" \"$2\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"),
                ListenerTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = output.readLine();
      while (!line.startsWith("port ")) {
        line = output.readLine();
      }
      int port = Integer.parseInt(line.substring("port ".length()));
      List<Socket> flood = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        flood.add(new Socket(InetAddress.getLoopbackAddress(), port));
      }
      assertEquals('*', flood.get(0).getInputStream().read());
      flood.get(0).getOutputStream().write('z');
      assertEquals('z', flood.get(0).getInputStream().read());
      Set<String> told = new HashSet<>(); // B2.22
      while (told.size() < 2) {
        told.add(output.readLine());
      }
      assertEquals(
          Set.of(
              "DESCRIPTOR accepting on 127.0.0.1:0",
              "DESCRIPTOR connecting to 127.0.0.1 (127.0.0.1:" + port + ")"),
          told);
      for (Socket socket : flood) {
        socket.close();
      }
      try (Socket late = new Socket(InetAddress.getLoopbackAddress(), port)) {
        late.setSoTimeout(30_000);
        assertEquals('*', late.getInputStream().read());
      }
    } finally {
      process.destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    }
  }

  /** The process of its own: it tells what it lacks, and dials a store once it does. */
  public static void main(String[] arguments) throws Exception {
    CountDownLatch lacking = new CountDownLatch(1);
    Transports transports =
        Transports.open(
            Transports.Kind.EPOLL,
            1,
            (want, doing) -> {
              System.out.println(want + " " + doing);
              if (doing.startsWith("accepting")) {
                lacking.countDown();
              }
            });
    Listener listener = greeting(transports, "127.0.0.1", 0, config(false, false));
    HostResolver resolver = new HostResolver(transports, SpliceRig.NO_HOSTS);
    StoreTarget store =
        new StoreTarget(
            "127.0.0.1",
            listener.address().getPort(),
            TlsPolicy.OFF,
            StoreTls.of(Optional.empty()),
            Duration.ofSeconds(30),
            false,
            null);
    StoreConnector connector = new StoreConnector(transports, resolver);
    EventLoop loop = transports.loops().next();
    // Without descriptors no class could be loaded: all are used once before.
    CompletableFuture<String> known = new CompletableFuture<>();
    loop.execute(
        () ->
            connector.connect(
                loop,
                store,
                new ChannelInboundHandlerAdapter(),
                channel -> {
                  channel.close();
                  known.complete("connected");
                },
                why -> known.complete(why.reason())));
    InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    known
        .thenApply(end -> ConnectFailure.of(new IOException("Too many open files"), end, nowhere))
        .get(30, TimeUnit.SECONDS);
    transports.tellWant(new IOException("Too many open files"), "being tried");
    System.out.println("port " + listener.address().getPort());
    lacking.await();
    loop.execute(
        () ->
            connector.connect(
                loop, store, new ChannelInboundHandlerAdapter(), Channel::close, why -> {}));
    transports.loops().terminationFuture().await();
  }
}
