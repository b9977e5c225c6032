package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.stream.ChunkedInput;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.TransportConfig;
import org.openmmp.testkit.OwnLoopback;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.Secret;

class AdminServerTest {
  private static final String TOKEN = "s3cret-t0ken";
  private static final int CALLERS = AdminServer.MOST_CONNECTIONS / 2;

  private final AdminFixture admin = new AdminFixture("", Duration.ofSeconds(10));
  private final AdminFixture guarded = new AdminFixture(TOKEN, Duration.ofSeconds(10));

  @AfterEach
  void close() {
    admin.close();
    guarded.close();
  }

  private static String request(String target, String... fields) {
    return "GET " + target + " HTTP/1.1\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
  }

  private int statusOf(String request) throws IOException {
    return AdminFixture.status(admin.raw(request));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//",
        "//livez",
        "/livez/",
        "/./livez",
        "/x/../livez",
        "/../../etc/passwd",
        "/%6civez",
        "/livez%00",
        "/livez%2f",
        "/%2e%2e/livez",
        "/api/v1/groups/",
        "/api/v1//groups",
        "/api/v1/%67roups",
        "/api/v1/groups;x=y",
        "/api\\v1\\groups",
        "/LIVEZ",
        "/livez#x",
        "/metrics.txt",
        "//127.0.0.1/livez",
      })
  void pathHasOneSpellingAndNoTricks(String path) throws Exception {
    assertEquals(404, statusOf(request(path, "Host: localhost")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET http://localhost/livez HTTP/1.1",
        "GET livez HTTP/1.1",
        "GET * HTTP/1.1",
        "GET  /livez HTTP/1.1",
        "GET /livez  HTTP/1.1",
        " GET /livez HTTP/1.1",
        "GET /li vez HTTP/1.1",
        "GET /livez\u00e9 HTTP/1.1",
        "G(T /livez HTTP/1.1",
        "GET /livez",
        "GET",
        "",
        "GET /livez HTTP/1.1\r\nHost : localhost",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nnocolon",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\n: x",
        "GET /livez HTTP/1.1\nHost: localhost",
        "GET /livez HTTP/1.1\r\nHost: localhost\rX: y",
        "GET /livez HTTP/1.1\r\nHost: local\u0000host",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked",
        "GET /livez HTTP/1.1",
        "GET /livez HTTP/1.1\r\nX: y",
      })
  void malformedRequestIsRefused(String head) throws Exception {
    assertEquals(400, statusOf(head + "\r\n\r\n"));
  }

  @Test
  void foldedFieldIsOneValue() throws Exception { // RFC 9112 section 5.2
    assertEquals(403, statusOf(request("/livez", "Host: localhost", " folded: x")));
    assertEquals(401, guardedStatus("Host: localhost", "X: y", " Authorization: Bearer " + TOKEN));
  }

  private int guardedStatus(String... fields) throws IOException {
    return AdminFixture.status(guarded.raw(request("/metrics", fields)));
  }

  @ParameterizedTest
  @CsvSource({"HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.11", "X"})
  void otherVersionsAreRefused(String version) throws Exception {
    assertEquals(505, statusOf("GET /livez " + version + "\r\nHost: localhost\r\n\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"})
  void onlyGetAndHeadAreAnswered(String method) throws Exception {
    String answer = admin.raw(method + " /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals(405, AdminFixture.status(answer));
    assertTrue(answer.contains("\r\nAllow: GET, HEAD\r\n"), answer);
  }

  @Test
  void postWithABodyHearsItsRefusal() throws Exception {
    String answer =
        admin.raw(
            "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n\r\n"
                + "x".repeat(40_000));
    assertEquals(405, AdminFixture.status(answer));
  }

  @Test
  void headHasTheFieldsOfGetAndNoBody() throws Exception {
    String get = admin.raw("GET /api/v1/groups HTTP/1.1\r\nHost: localhost\r\n\r\n");
    String head = admin.raw("HEAD /api/v1/groups HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals(get.substring(0, get.indexOf("\r\n\r\n") + 4), head);
    assertEquals(404, statusOf("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }

  @Test
  void http10NeedsNoHost() throws Exception {
    assertEquals(200, statusOf("GET /readyz HTTP/1.0\r\n\r\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:9080, 200",
    "localhost., 200",
    "127.0.0.1, 200",
    "127.0.0.1:9080, 200",
    "[::1], 200",
    "[::1]:9080, 200",
    "[0:0:0:0:0:0:0:1]:80, 200",
    "::1, 403",
    "fe80::1%lo, 403",
    "[fe80::1%lo]:80, 403",
    "010.0.0.1, 403",
    "[localhost], 403",
    "[127.0.0.1], 403",
    "127.0.0.1:, 200",
    "LOCALHOST.:80, 200",
    "localhost:99999, 403",
    "192.0.2.1, 200",
    "admin.example.com, 200",
    "Mail.Example.COM:9080, 200",
    "evil.example, 403",
    "localhost.evil.example, 403",
    "127.0.0.1.evil.example, 403",
    "evil.example:9080, 403",
    "localhost:x, 403",
    "localhost:1:2, 403",
    "localhost@evil.example, 403",
    "[::1, 403",
    "[evil.example], 403",
    "2130706433, 403",
    "127.1, 403",
    "'', 403",
  })
  void hostMustBeOurs(String host, int status) throws Exception { // DNS rebinding
    assertEquals(status, statusOf(request("/livez", "Host: " + host)), host);
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:9080, 200",
    "https://localhost:9080, 200",
    "HTTP://LOCALHOST:9080, 200",
    "http://localhost, 403",
    "http://localhost:9081, 403",
    "http://127.0.0.1:9080, 403",
    "http://192.0.2.1, 403",
    "http://evil.example, 403",
    "null, 403",
    "'', 403",
  })
  void pagesOfAnotherOriginAreRefused(String origin, int status) throws Exception {
    assertEquals(
        status, statusOf(request("/api/v1/groups", "Host: localhost:9080", "Origin: " + origin)));
  }

  @Test
  void everyOriginFieldMustBeOurs() throws Exception {
    String two = request("/livez", "Host: a", "Origin: http://a", "Origin: http://evil.example");
    assertEquals(403, statusOf(two.replace(" a\r", " localhost\r").replace("//a", "//localhost")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/api/v1/groups", "/api/v1/explain?user=ada", "/x"})
  void tokenIsNeededOnceItIsConfigured(String target) throws Exception {
    for (String[] wrong :
        List.of(
            new String[] {},
            new String[] {"Authorization", "Bearer wrong"},
            new String[] {"Authorization", "Bearer " + TOKEN + "x"},
            new String[] {"Authorization", TOKEN},
            new String[] {"Authorization", "Basic " + TOKEN},
            new String[] {"Authorization", "Bearer "})) {
      var refusal = guarded.get(target, wrong);
      assertEquals(401, refusal.statusCode());
      assertEquals("Bearer", refusal.headers().firstValue("WWW-Authenticate").orElse(""));
      assertFalse((refusal.body() + refusal.headers()).contains(TOKEN));
    }
    assertEquals("", guarded.askedUser);
    int right = target.equals("/x") ? 404 : 200;
    assertEquals(right, guarded.get(target, "Authorization", "Bearer " + TOKEN).statusCode());
    assertEquals(right, guarded.get(target, "authorization", "bearer  " + TOKEN).statusCode());
  }

  @Test
  void twoAuthorizationFieldsAreNone() throws Exception {
    String answer =
        guarded.raw(
            request(
                "/metrics",
                "Host: localhost",
                "Authorization: Bearer " + TOKEN,
                "Authorization: Bearer " + TOKEN));
    assertEquals(401, AdminFixture.status(answer));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/readyz", "/startz"})
  void loadBalancerNeedsNoToken(String target) throws Exception { // B8.2
    assertEquals(200, guarded.get(target).statusCode());
  }

  static Stream<String> peers() {
    return Stream.of("192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1");
  }

  @ParameterizedTest
  @MethodSource("peers")
  void withoutATokenOnlyThisMachineIsAnswered(String peer) throws Exception {
    var head = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/livez");
    head.headers().set("Host", "localhost");
    InetAddress stranger = AddressLiteral.parse(peer);
    AdminGate gate = new AdminGate(configWith("", 0), "mail.example.com");
    if (stranger == null) {
      throw new IllegalArgumentException(peer);
    }
    var refused =
        assertThrows(
            RefusedRequestException.class,
            () -> gate.check(head, stranger, "", AdminPage.Access.OPEN));
    assertEquals(403, refused.refusal().status().code());
    for (String local : List.of("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1")) {
      gate.check(head, InetAddress.getByName(local), "", AdminPage.Access.LOOK);
    }
    new AdminGate(configWith(TOKEN, 0), "mail.example.com")
        .check(head, stranger, "", AdminPage.Access.OPEN);
  }

  @Test
  void headIsBounded() throws Exception {
    String host = "Host: localhost\r\n";
    assertEquals(431, statusOf("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n" + host + "\r\n"));
    assertEquals(431, statusOf("G".repeat(20_000)));
    assertEquals(
        431, statusOf("GET /livez HTTP/1.1\r\n" + host + "X: " + "y".repeat(8_200) + "\r\n\r\n"));
    assertEquals(431, statusOf("GET /livez HTTP/1.1\r\n" + host + "X: y\r\n".repeat(100) + "\r\n"));
    assertEquals(
        200, statusOf("GET /livez HTTP/1.1\r\n" + host + "X: " + "y".repeat(8_000) + "\r\n\r\n"));
  }

  @Test
  void slowCallersAreClosedAndOthersServed() throws Exception {
    try (AdminFixture hasty = new AdminFixture("", Duration.ofMillis(300))) {
      List<Socket> slow = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        Socket socket = hasty.connect();
        socket.getOutputStream().write("GET /livez HT".getBytes(StandardCharsets.US_ASCII));
        slow.add(socket);
      }
      for (Socket socket : slow) {
        assertTrue(closedWithoutAnAnswer(socket));
        socket.close();
      }
      assertEquals(200, hasty.get("/livez").statusCode());
    }
  }

  @Test
  void callersThatDoNotReadAreClosedAndOthersServed() throws Exception {
    try (AdminFixture hasty = new AdminFixture("", Duration.ofMillis(300))) {
      hasty.page = "x".repeat(20_000_000);
      List<Socket> stuck = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        Socket socket = hasty.connect();
        String request = request("/metrics", "Host: localhost");
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        stuck.add(socket);
      }
      try (Socket waiting = hasty.connect()) {
        assertTrue(closedWithoutAnAnswer(waiting), "its time passed in the queue");
      }
      assertEquals(200, hasty.get("/livez").statusCode());
      for (Socket socket : stuck) {
        socket.close();
      }
    }
  }

  @Test
  void callersThatSayNothingKeepNobodyFromAnAnswer() throws Exception {
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < 3 * CALLERS; i++) {
      idle.add(admin.connect());
      if (i % CALLERS == CALLERS - 1) {
        assertEquals(200, statusOf(request("/livez", "Host: localhost")));
      }
    }
    assertTrue(closedWithoutAnAnswer(idle.get(0)), "the one that owed its request for longest");
    for (Socket socket : idle) {
      socket.close();
    }
  }

  @Test
  void manyCallersAreAnsweredOneAfterTheOther() throws Exception {
    for (int i = 0; i < 200; i++) {
      assertEquals(200, statusOf(request("/livez", "Host: localhost")));
    }
  }

  @Test
  void requestInPiecesIsOneRequest() throws Exception {
    try (Socket socket = admin.connect()) {
      for (byte octet : request("/livez", "Host: localhost").getBytes(StandardCharsets.US_ASCII)) {
        socket.getOutputStream().write(octet);
        socket.getOutputStream().flush();
      }
      socket.shutdownOutput();
      assertEquals(200, AdminFixture.status(AdminFixture.rest(socket)));
    }
  }

  @Test
  void requestsOfOneConnectionAreAnsweredInTheirOrder() throws Exception {
    String answers =
        admin.raw(
            request("/api/v1/groups", "Host: localhost")
                + request("/livez", "Host: localhost")
                + request("/x", "Host: localhost")
                + request("/livez", "Host: localhost"));
    assertTrue(
        answers.matches(
            "(?s)HTTP/1.1 200 .*connection: keep-alive.*\"fingerprint\".*HTTP/1.1 200 .*"
                + "\r\n\r\nlive\nHTTP/1.1 404 .*connection: close\r\n.*no such page\n"),
        answers);
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, X, keep-alive",
    "HTTP/1.1, close, close",
    "HTTP/1.0, X, close",
    "HTTP/1.0, keep-alive, keep-alive",
  })
  void connectionStaysIfTheCallerWantsIt(String version, String wish, String answer)
      throws Exception {
    String request =
        "GET /livez " + version + "\r\nHost: localhost\r\nConnection: " + wish + "\r\n\r\n";
    String heard = admin.raw(request + request);
    assertTrue(heard.contains("\r\nconnection: " + answer + "\r\n"), heard);
    assertEquals(answer.equals("close") ? 2 : 3, heard.split("HTTP/1.1 200", -1).length);
  }

  @Test
  void bodyIsReadWhereAPageTakesOne() throws Exception {
    var answer =
        new AdminPage(
            "/act",
            AdminPage.Access.ACT,
            "",
            List.of(),
            request ->
                CompletableFuture.completedFuture(
                    AdminReply.text(
                        HttpResponseStatus.OK,
                        request.query() + new String(request.body(), StandardCharsets.UTF_8))));
    try (AdminFixture acting =
        new AdminFixture(
            "",
            List.of(new AdminConfig.Token("ops", AdminConfig.Role.ACT, Secret.of(TOKEN))),
            Duration.ofSeconds(10),
            Map.of("/act", answer))) {
      String post =
          "POST /act?q= HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN + "\r\n";
      String chunked = post + "Transfer-Encoding: chunked\r\n";
      assertTrue(acting.raw(post + "Content-Length: 2\r\n\r\nab").endsWith("\r\n\r\nq=ab\n"));
      assertTrue(acting.raw(chunked + "\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n").endsWith("\nq=abc\n"));
      assertTrue(
          acting
              .raw(post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab")
              .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
      int most = AdminConnection.MAX_BODY;
      String full = "Content-Length: " + most + "\r\n\r\n" + "x".repeat(most);
      assertEquals(200, AdminFixture.status(acting.raw(post + full)));
      for (String refused :
          List.of(
              post + "Content-Length: " + (most + 1) + "\r\n\r\n",
              chunked
                  + "\r\n"
                  + "8000\r\n"
                  + "x".repeat(0x8000)
                  + "\r\n8001\r\n"
                  + "x".repeat(0x8001)
                  + "\r\n")) {
        assertEquals(413, AdminFixture.status(acting.raw(refused)));
      }
      for (String refused :
          List.of(
              post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
              post + "Transfer-Encoding: gzip\r\n\r\n",
              chunked + "\r\nx\r\n")) {
        assertEquals(400, AdminFixture.status(acting.raw(refused)), refused);
      }
      assertEquals(405, AdminFixture.status(acting.raw(request("/act", "Host: localhost"))));
      assertEquals(403, AdminFixture.status(acting.raw(post.replace("localhost", "evil") + full)));
    }
  }

  /** A body whose pieces come one after the other; an empty one ends it. */
  private static final class Events implements ChunkedInput<ByteBuf> {
    private final Queue<String> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;
    private volatile Runnable resume = () -> {};

    void add(String event) {
      waiting.add(event);
      resume.run();
    }

    @Override
    public @Nullable ByteBuf readChunk(ByteBufAllocator allocator) {
      String event = waiting.poll();
      ended = event != null && event.isEmpty();
      return event == null ? null : ByteBufUtil.writeUtf8(allocator, event);
    }

    @Override
    @SuppressWarnings("deprecation") // the older form, which Netty still asks for
    public @Nullable ByteBuf readChunk(ChannelHandlerContext ctx) {
      return readChunk(ctx.alloc());
    }

    @Override
    public boolean isEndOfInput() {
      return ended;
    }

    @Override
    public long length() {
      return -1;
    }

    @Override
    public long progress() {
      return 0;
    }

    @Override
    public void close() {}
  }

  @Test
  void eventsOfTheServerAreSentAsTheyCome() throws Exception {
    var events = new Events();
    var stream =
        new AdminPage(
            "/events",
            AdminPage.Access.LOOK,
            "",
            List.of(),
            request -> {
              events.resume = request.resume();
              return CompletableFuture.completedFuture(
                  new AdminReply(HttpResponseStatus.OK, "text/event-stream", -1, events, Map.of()));
            });
    try (AdminFixture telling =
            new AdminFixture("", Duration.ofMillis(300), Map.of("/events", stream));
        Socket reader = telling.connect()) {
      reader
          .getOutputStream()
          .write(request("/events", "Host: localhost").getBytes(StandardCharsets.US_ASCII));
      var head = new byte[4096];
      int length = 0;
      String heard = "";
      while (!heard.endsWith("\r\n\r\n")) {
        length += reader.getInputStream().read(head, length, head.length - length);
        heard = new String(head, 0, length, StandardCharsets.US_ASCII);
      }
      assertTrue(
          heard.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n"), heard);
      for (int i = 0; i < 4; i++) {
        reader.setSoTimeout(200);
        assertThrows(SocketTimeoutException.class, () -> reader.getInputStream().read());
        reader.setSoTimeout(20_000);
        events.add("data: " + i + "\n");
        String event = "8\r\ndata: " + i + "\n\r\n";
        assertEquals(
            event, new String(reader.getInputStream().readNBytes(13), StandardCharsets.US_ASCII));
        assertEquals(200, telling.get("/livez").statusCode());
      }
      events.add("");
      assertEquals(5, reader.getInputStream().readNBytes(5).length);
    }
  }

  @Test
  void closedServerAcceptsNobodyAndMayBeClosedAgain() throws Exception {
    try (Socket waiting = admin.connect()) {
      admin.close();
      admin.close();
      assertTrue(closedWithoutAnAnswer(waiting));
    }
    assertThrows(IOException.class, () -> admin.connect().close());
  }

  @Test // B8.1
  void callerIsClosedThoughTheLoopHearsOfTheEndAmongItsTasks() throws Exception {
    AtomicReference<Channel> listening = new AtomicReference<>();
    AdminServer server =
        new AdminServer(
            configWith("", 0),
            "x",
            admin,
            AdminPages.of(admin),
            Duration.ofSeconds(60),
            cause -> false,
            () -> {
              NioServerSocketChannel made = new NioServerSocketChannel();
              listening.set(made);
              return made;
            });
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread closing = new Thread(server::close);
    try (Socket caller = new Socket(OwnLoopback.address(), server.port())) {
      caller.setSoTimeout(20_000);
      caller
          .getOutputStream()
          .write(request("/livez", "Host: localhost").getBytes(StandardCharsets.US_ASCII));
      assertEquals('H', caller.getInputStream().read());
      caller.getInputStream().readNBytes(caller.getInputStream().available());
      Objects.requireNonNull(listening.get())
          .eventLoop()
          .execute(
              () -> {
                busy.countDown();
                awaitUninterruptibly(goOn);
              });
      busy.await();
      closing.start();
      while (closing.getState() != Thread.State.TIMED_WAITING
          && closing.getState() != Thread.State.TERMINATED) {
        Thread.onSpinWait();
      }
      goOn.countDown();
      closing.join();
      String rest;
      try {
        rest = AdminFixture.rest(caller);
      } catch (SocketTimeoutException stillOpen) {
        rest = "still open";
      }
      assertFalse(rest.contains("still open"));
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void portInUseIsToldByItsKey() {
    AdminConfig taken = configWith("", admin.server.port());
    TransportConfig beforeUp = transport(false, true);
    var failure =
        assertThrows(IOException.class, () -> new AdminServer(taken, "x", admin, beforeUp).close());
    String where = "openmmp.admin.listen " + OwnLoopback.TEXT + ":";
    assertTrue(failure.toString().contains(where), failure.toString());
  }

  @Test // B8.1
  void addressOfAFrontEndThatIsAboutToEndIsTakenOver() throws Exception {
    AdminConfig taken = configWith("", admin.server.port());
    try (AdminServer next = new AdminServer(taken, "x", admin, transport(true, false))) {
      admin.server.stopListening();
      Instant limit = Instant.now().plusSeconds(60);
      boolean answered = answersAt(next.port());
      while (!answered && Instant.now().isBefore(limit)) {
        answered = answersAt(next.port());
      }
      assertTrue(answered);
    }
  }

  /** A listener that is about to close may still be reached, and does not answer any more. */
  private static boolean answersAt(int port) {
    try (Socket caller = new Socket(OwnLoopback.address(), port)) {
      caller.setSoTimeout(1_000);
      caller
          .getOutputStream()
          .write(request("/livez", "Host: localhost").getBytes(StandardCharsets.US_ASCII));
      return caller.getInputStream().read() == 'H';
    } catch (IOException notYet) {
      return false;
    }
  }

  private static TransportConfig transport(boolean reusePort, boolean beforeUp) {
    return new TransportConfig(
        TransportConfig.Kind.NIO,
        1,
        64,
        reusePort,
        beforeUp,
        Duration.ofMinutes(8),
        Duration.ofMinutes(2));
  }

  /** A socket whose address is not up, until it is bound for the second time. */
  private static final class DownAtFirst extends NioServerSocketChannel {
    private final CountDownLatch up;

    DownAtFirst(CountDownLatch up) {
      this.up = up;
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
      up.countDown();
      if (up.getCount() > 0) {
        throw new BindException("Cannot assign requested address");
      }
      super.doBind(address);
    }
  }

  @Test // B7.5
  void addressThatIsNotUpYetIsWaitedForIfThatIsWanted() throws Exception {
    CountDownLatch up = new CountDownLatch(2);
    Duration limit = Duration.ofSeconds(10);
    AdminConfig config = configWith("", 0);
    Map<String, AdminPage> pages = AdminPages.of(admin);
    try (AdminServer server =
        new AdminServer(
            config, "x", admin, pages, limit, AdminServer::isNotUp, () -> new DownAtFirst(up))) {
      assertTrue(up.await(60, TimeUnit.SECONDS));
      while (server.port() == 0) {
        Thread.onSpinWait();
      }
      new Socket(OwnLoopback.address(), server.port()).close();
    }
    CountDownLatch never = new CountDownLatch(Integer.MAX_VALUE);
    assertThrows(
        IOException.class,
        () ->
            new AdminServer(
                    config, "x", admin, pages, limit, cause -> false, () -> new DownAtFirst(never))
                .close());
  }

  private static AdminConfig configWith(String token, int port) {
    return new AdminConfig(
        Optional.of(new ListenAddress(OwnLoopback.TEXT, port, "")),
        Optional.empty(),
        Secret.of(token),
        List.of(),
        List.of(),
        200);
  }

  private static boolean closedWithoutAnAnswer(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }
}
