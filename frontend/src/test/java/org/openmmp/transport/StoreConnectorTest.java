package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.config.ResolverConfig;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.AddressLiteral;

class StoreConnectorTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path directory;
  private Transports transports;
  private HostResolver resolver;
  private TestCertificates certificates;

  @BeforeEach
  void open() throws Exception {
    transports = Transports.open(Transports.Kind.EPOLL, 1);
    certificates = TestCertificates.in(directory);
    ResolverConfig none = SpliceRig.NO_HOSTS;
    resolver =
        new HostResolver(
            transports,
            new ResolverConfig(
                Map.of(
                    "huey.example.com", List.of("127.0.0.1"),
                    "mail_store.example.com", List.of("127.0.0.1"),
                    "a.huey.example.com", List.of("127.0.0.1"),
                    "twice.example.com", List.of("127.0.0.9", "127.0.0.1"),
                    "lost.example.com", List.of("127.0.0.8", "127.0.0.9")),
                none.minTtl(),
                none.maxTtl(),
                none.negativeTtl(),
                none.staleFor()));
  }

  @AfterEach
  void close() {
    resolver.close();
    transports.close();
  }

  private record Dialled(String outcome, @Nullable Channel channel) {}

  private Dialled dial(StoreTarget target) throws Exception {
    CompletableFuture<Dialled> ended = new CompletableFuture<>();
    EventLoop loop = transports.loops().next();
    StoreConnector connector = new StoreConnector(transports, resolver);
    loop.execute(
        () ->
            connector.connect(
                loop,
                target,
                new ChannelInboundHandlerAdapter(),
                store -> ended.complete(new Dialled("CONNECTED", store)),
                why -> {
                  TlsFailure tls = why.tls();
                  ended.complete(new Dialled(tls == null ? why.kind().name() : tls.name(), null));
                }));
    return ended.get(40, TimeUnit.SECONDS);
  }

  private StoreTarget target(
      String host, int port, TlsPolicy tls, SslProvider provider, Duration limit)
      throws IOException {
    StoreTls trust = StoreTls.of(Optional.of(certificates.authorityFile()), "", provider);
    return new StoreTarget(host, port, tls, trust, limit, false, null);
  }

  private Certificate certificate(String kind) throws Exception {
    return switch (kind) {
      case "good" -> certificates.server("huey.example.com");
      case "underscore" -> certificates.server("mail_store.example.com");
      case "wildcard" -> certificates.server("*.example.com");
      case "broad" -> certificates.server("*.com");
      case "common" -> certificates.commonNameOnly("huey.example.com");
      case "address" -> certificates.server("127.0.0.1");
      case "other" -> certificates.server("dewey.example.com");
      case "expired" -> certificates.expired("huey.example.com");
      default -> certificates.selfSigned("huey.example.com");
    };
  }

  // T8, B3.7
  @ParameterizedTest
  @CsvSource({
    "OPENSSL, good, huey.example.com, CONNECTED",
    "OPENSSL, good, HUEY.example.com, CONNECTED",
    "OPENSSL, good, huey.example.com., CONNECTED",
    "OPENSSL, underscore, mail_store.example.com, CONNECTED",
    "OPENSSL, good, mail_store.example.com, NAME_MISMATCH",
    "OPENSSL, underscore, huey.example.com, NAME_MISMATCH",
    "OPENSSL, wildcard, huey.example.com, CONNECTED",
    "OPENSSL, wildcard, mail_store.example.com, CONNECTED",
    "OPENSSL, wildcard, a.huey.example.com, NAME_MISMATCH",
    "OPENSSL, broad, huey.example.com, NAME_MISMATCH",
    "OPENSSL, common, huey.example.com, NAME_MISMATCH",
    "JDK, underscore, mail_store.example.com, CONNECTED",
    "JDK, wildcard, mail_store.example.com, CONNECTED",
    "JDK, common, huey.example.com, NAME_MISMATCH",
    "OPENSSL, good, 127.0.0.1, NAME_MISMATCH",
    "OPENSSL, address, 127.0.0.1, CONNECTED",
    "OPENSSL, address, huey.example.com, NAME_MISMATCH",
    "OPENSSL, other, huey.example.com, NAME_MISMATCH",
    "OPENSSL, expired, huey.example.com, EXPIRED",
    "OPENSSL, selfSigned, huey.example.com, UNKNOWN_ISSUER",
    "JDK, good, huey.example.com, CONNECTED",
    "JDK, address, 127.0.0.1, CONNECTED",
    "JDK, good, 127.0.0.1, NAME_MISMATCH",
    "JDK, other, huey.example.com, NAME_MISMATCH",
    "JDK, expired, huey.example.com, EXPIRED",
    "JDK, selfSigned, huey.example.com, UNKNOWN_ISSUER"
  })
  void storeCertificateIsVerified(SslProvider provider, String kind, String host, String expected)
      throws Exception {
    ServerTls tls = ServerTls.of(TestCertificates.settings(certificate(kind)), "imap");
    try (TlsRig store = new TlsRig(tls, LIMIT)) {
      Dialled dialled = dial(target(host, store.port(), TlsPolicy.IMPLICIT, provider, LIMIT));
      assertEquals(expected, dialled.outcome());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTTLS", "OPPORTUNISTIC"})
  void laterTlsIsVerifiedUnlessOpportunistic(TlsPolicy policy) throws Exception {
    ServerTls tls = ServerTls.of(TestCertificates.settings(certificate("selfSigned")), "imap");
    try (TlsRig store = new TlsRig(tls, LIMIT)) {
      StoreTarget target =
          target("huey.example.com", store.port(), policy, SslProvider.OPENSSL, LIMIT);
      Channel channel = Objects.requireNonNull(dial(target).channel());
      CompletableFuture<String> ended = new CompletableFuture<>();
      channel
          .eventLoop()
          .execute(
              () ->
                  TlsUpgrade.ofStore(
                      channel,
                      target,
                      LIMIT,
                      new TlsListener() {
                        @Override
                        public void secured() {
                          ended.complete("SECURED");
                        }

                        @Override
                        public void failed(TlsFailure why) {
                          ended.complete(why.name());
                        }
                      }));
      assertEquals(
          policy == TlsPolicy.STARTTLS ? "UNKNOWN_ISSUER" : "SECURED",
          ended.get(30, TimeUnit.SECONDS));
    }
  }

  // B1, T10
  @ParameterizedTest
  @CsvSource({"silent, TIMED_OUT", "closing, CLOSED", "plain, HANDSHAKE"})
  void peerWithoutTlsIsATlsFailureInTime(String kind, String expected) throws Exception {
    try (ServerSocket store = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      StoreTarget target =
          target(
              "huey.example.com",
              store.getLocalPort(),
              TlsPolicy.IMPLICIT,
              SslProvider.OPENSSL,
              kind.equals("silent") ? SHORT : LIMIT);
      CompletableFuture<Socket> accepted =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  Socket socket = store.accept();
                  if (kind.equals("closing")) {
                    socket.getInputStream().read();
                    socket.close();
                  } else if (kind.equals("plain")) {
                    socket
                        .getOutputStream()
                        .write(TlsRig.GREETING.getBytes(StandardCharsets.US_ASCII));
                  }
                  return socket;
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      assertEquals(expected, dial(target).outcome());
      accepted.get(30, TimeUnit.SECONDS).close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "twice.example.com, CONNECTED",
    "lost.example.com, REFUSED",
    "127.0.0.1, CONNECTED",
    "127.0.0.7, REFUSED",
    "name.invalid, NAME"
  })
  void everyAddressIsTried(String host, String expected) throws Exception {
    try (ServerSocket store =
        new ServerSocket(0, 10, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      Dialled dialled =
          dial(target(host, store.getLocalPort(), TlsPolicy.OFF, SslProvider.OPENSSL, LIMIT));
      assertEquals(expected, dialled.outcome());
    }
  }

  @Test // B2.32
  void nextAddressIsTriedBesideOneThatTakesNoConnection() throws Exception {
    try (ServerSocket store = new ServerSocket(0, 10, AddressLiteral.parse("127.0.0.1"));
        ServerSocket full =
            new ServerSocket(store.getLocalPort(), 1, AddressLiteral.parse("127.0.0.9"));
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort())) {
      assertTrue(first.isConnected() && second.isConnected()); // its queue takes no more
      StoreTarget target =
          target(
              "twice.example.com",
              store.getLocalPort(),
              TlsPolicy.OFF,
              SslProvider.OPENSSL,
              Duration.ofSeconds(40));
      Channel channel = Objects.requireNonNull(dial(target).channel());
      assertEquals(
          store.getInetAddress(), ((InetSocketAddress) channel.remoteAddress()).getAddress());
      channel.close().await(30, TimeUnit.SECONDS);
    }
  }

  // R2
  @ParameterizedTest
  @CsvSource({"127.0.0.1", "huey.example.com"})
  void strangerMayNotLeadToThisMachine(String host) throws Exception {
    StoreTarget known = target(host, 143, TlsPolicy.OFF, SslProvider.OPENSSL, LIMIT);
    StoreTarget stranger =
        new StoreTarget(host, 143, TlsPolicy.OFF, known.trust(), LIMIT, true, null);
    assertEquals("FORBIDDEN_ADDRESS", dial(stranger).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.5, 127.0.0.1,"
        + " 0d0a0d0a000d0a515549540a21110014c00002057f0000010cea008f2000050000000001",
    "2001:db8::1, 2001:db8::2, 0d0a0d0a000d0a515549540a2121002c"
        + "20010db800000000000000000000000120010db80000000000000000000000020cea008f"
        + "2000050000000001",
    "192.0.2.5, 2001:db8::2, 0d0a0d0a000d0a515549540a2121002c"
        + "00000000000000000000ffffc000020520010db80000000000000000000000020cea008f"
        + "2000050000000001"
  })
  void storeHearsOfTheClientFirst(String client, String server, String expected) throws Exception {
    StoreTarget.Announcement announcement =
        new StoreTarget.Announcement(
            new InetSocketAddress(InetAddress.getByName(client), 3306),
            new InetSocketAddress(InetAddress.getByName(server), 143),
            null,
            "");
    try (ServerSocket store = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      StoreTarget plain =
          target("127.0.0.1", store.getLocalPort(), TlsPolicy.OFF, SslProvider.JDK, LIMIT);
      StoreTarget announcing =
          new StoreTarget(
              plain.host(), plain.port(), plain.tls(), plain.trust(), LIMIT, false, announcement);
      assertEquals("CONNECTED", dial(announcing).outcome());
      try (Socket accepted = store.accept()) {
        accepted.setSoTimeout(30_000);
        byte[] header = accepted.getInputStream().readNBytes(expected.length() / 2);
        assertEquals(expected, HexFormat.of().formatHex(header));
      }
    }
  }

  static List<Arguments> systemErrors() {
    return List.of(
        Arguments.of(
            new ChannelException(
                "x", new IOException("socket(..) failed with error(-24): Zu viele")),
            AttemptOutcome.ABANDONED),
        Arguments.of(new IOException("Too many open files"), AttemptOutcome.ABANDONED),
        Arguments.of(
            new ConnectException("connect(..) failed with error(-99): nein"),
            AttemptOutcome.ABANDONED),
        Arguments.of(
            new BindException("Cannot assign requested address"), AttemptOutcome.ABANDONED),
        Arguments.of(new ConnectException("Connection refused"), AttemptOutcome.CONNECTION_REFUSED),
        Arguments.of(
            new ConnectException("connect(..) failed with error(-111): nein"),
            AttemptOutcome.CONNECTION_REFUSED),
        Arguments.of(
            new ConnectException("connect(..) failed with error(-113): No route to host"),
            AttemptOutcome.UNREACHABLE),
        Arguments.of(
            new ConnectException("finishConnect(..) failed with error(-110): timed out"),
            AttemptOutcome.UNREACHABLE),
        Arguments.of(new ConnectTimeoutException("2000 ms"), AttemptOutcome.UNREACHABLE),
        Arguments.of(new NoRouteToHostException("No route to host"), AttemptOutcome.UNREACHABLE));
  }

  @ParameterizedTest
  @MethodSource("systemErrors")
  void systemErrorsSayWhoIsToBlame(Exception said, AttemptOutcome expected) {
    ConnectFailure failure =
        ConnectFailure.of(
            said, "huey", new InetSocketAddress(InetAddress.getLoopbackAddress(), 143));
    assertEquals(expected, failure.outcome());
    assertTrue(failure.reason().contains("huey"), failure::reason);
  }

  @ParameterizedTest // B7.15
  @EnumSource(Transports.Kind.class)
  void connectionsComeFromTheSourceAddressesOfTheStoresFamilyInTurn(Transports.Kind kind)
      throws Exception {
    Queue<String> wants = new ConcurrentLinkedQueue<>();
    try (Transports own = Transports.open(kind, 1, (want, doing) -> wants.add(want + " " + doing));
        HostResolver names = new HostResolver(own, SpliceRig.NO_HOSTS);
        ServerSocket four = new ServerSocket(0, 10, AddressLiteral.parse("127.0.0.1"));
        ServerSocket six = new ServerSocket(0, 10, AddressLiteral.parse("::1"))) {
      StoreConnector connector = new StoreConnector(own, names);
      connector.connectFrom(addresses("127.0.0.11", "::1", "127.0.0.12"));
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 3; i++) {
        seen.add(peer(own, connector, four));
      }
      assertEquals(Set.of("127.0.0.11", "127.0.0.12"), seen);
      assertEquals("::1", peer(own, connector, six));

      // Another address from now on, and one that this machine does not have is passed over.
      connector.connectFrom(addresses("203.0.113.77", "127.0.0.13"));
      assertEquals("127.0.0.13", peer(own, connector, four));
      assertEquals("127.0.0.13", peer(own, connector, four));
      assertEquals("::1", peer(own, connector, six)); // a family without one: the system's choice
      String store = "127.0.0.1 (127.0.0.1:" + four.getLocalPort() + ")";
      assertEquals(
          List.of("SOURCE_ADDRESS connecting to " + store + " from 203.0.113.77"),
          List.copyOf(wants));

      connector.connectFrom(addresses("203.0.113.77"));
      assertEquals(
          "ABANDONED openmmp.source-address is not on this machine to connect to " + store,
          peer(own, connector, four));
      connector.connectFrom(List.of());
      assertEquals("127.0.0.1", peer(own, connector, four));
    }
  }

  private static List<InetAddress> addresses(String... texts) {
    return Stream.of(texts).map(AddressLiteral::parse).map(Objects::requireNonNull).toList();
  }

  /** Where a store sees a new connection come from; else why there is none. */
  private static String peer(Transports own, StoreConnector connector, ServerSocket store)
      throws Exception {
    CompletableFuture<String> ended = new CompletableFuture<>();
    EventLoop loop = own.loops().next();
    StoreTarget target =
        new StoreTarget(
            store.getInetAddress().getHostAddress(),
            store.getLocalPort(),
            TlsPolicy.OFF,
            StoreTls.of(Optional.empty()),
            LIMIT,
            false,
            null);
    loop.execute(
        () ->
            connector.connect(
                loop,
                target,
                new ChannelInboundHandlerAdapter(),
                channel -> {
                  channel.close();
                  ended.complete("");
                },
                why -> ended.complete(why.outcome() + " " + why.reason())));
    String failure = ended.get(40, TimeUnit.SECONDS);
    if (!failure.isEmpty()) {
      return failure;
    }
    try (Socket accepted = store.accept()) {
      return AddressLiteral.textOf(accepted.getInetAddress());
    }
  }

  @Test
  void cancelledDialTellsNothingAndClosesItsSocket() throws Exception {
    try (ServerSocket store = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      StoreTarget target =
          target(
              "huey.example.com",
              store.getLocalPort(),
              TlsPolicy.IMPLICIT,
              SslProvider.OPENSSL,
              LIMIT);
      EventLoop loop = transports.loops().next();
      StoreConnector connector = new StoreConnector(transports, resolver);
      CompletableFuture<String> told = new CompletableFuture<>();
      StoreDial dial =
          loop.submit(
                  () ->
                      connector.connect(
                          loop,
                          target,
                          new ChannelInboundHandlerAdapter(),
                          channel -> told.complete("connected"),
                          why -> told.complete("failed")))
              .get(30, TimeUnit.SECONDS);
      try (Socket accepted = store.accept()) {
        accepted.setSoTimeout(30_000);
        assertTrue(accepted.getInputStream().read() >= 0);
        loop.submit(dial::cancel).get(30, TimeUnit.SECONDS);
        accepted.getInputStream().readAllBytes();
      }
      loop.submit(() -> assertFalse(told.isDone())).get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void strangersAddressesAreJudged() throws Exception {
    for (String bad :
        List.of(
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.1.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1")) {
      assertFalse(StoreTarget.permitsStranger(InetAddress.getByName(bad)), bad);
    }
    for (String good : List.of("192.0.2.1", "10.0.0.1", "2001:db8::1", "64:ff9b::c000:201")) {
      assertTrue(StoreTarget.permitsStranger(InetAddress.getByName(good)), good);
    }
  }

  @Test // B2.22: it is this process that closes the connection
  void probeBlamesNoStoreForTheEndOfThisProcess() throws Exception {
    CompletableFuture<Boolean> asked = new CompletableFuture<>();
    CompletableFuture<ProbeDialogue.End> over = new CompletableFuture<>();
    try (ServerSocket store = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      StoreTarget target =
          target("huey.example.com", store.getLocalPort(), TlsPolicy.OFF, SslProvider.JDK, LIMIT);
      EventLoop loop = transports.loops().next();
      loop.execute(
          () ->
              StoreProbe.begin(
                  new StoreConnector(transports, resolver),
                  loop,
                  target,
                  new HeardDialogue(asked),
                  LIMIT,
                  over::complete));
      try (Socket silent = store.accept()) {
        silent.getOutputStream().write('*');
        assertTrue(asked.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
        transports.close();
        assertEquals(
            AttemptOutcome.ABANDONED, over.get(LIMIT.toSeconds(), TimeUnit.SECONDS).outcome());
      }
    }
  }

  /** One that hears something, and goes on to wait. */
  private record HeardDialogue(CompletableFuture<Boolean> heard) implements ProbeDialogue {
    @Override
    public List<StoreStep> onBytes(byte[] octets) {
      heard.complete(octets.length > 0);
      return List.of();
    }

    @Override
    public List<StoreStep> onTls() {
      return List.of();
    }

    @Override
    public byte[] leave() {
      return new byte[0];
    }
  }
}
