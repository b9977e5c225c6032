package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.AdminConfig.Role;
import org.openmmp.config.AdminConfig.Token;
import org.openmmp.config.ListenAddress;
import org.openmmp.wire.Secret;

/** Who may look and who may act, and what is told of it (rule B8.7). */
class AdminDoorTest {
  private static final String LOOKS = "look-t0ken";
  private static final String ACTS = "act-t0ken";
  private static final List<Token> TOKENS =
      List.of(
          new Token("nagios", Role.LOOK, Secret.of(LOOKS)),
          new Token("ops", Role.ACT, Secret.of(ACTS)));

  @TempDir private Path folder;

  private final List<String> done = new ArrayList<>();
  private final AdminPage act =
      AdminPage.acting(
          "/act",
          "",
          List.of(AdminPage.Parameter.needed("group", "")),
          query -> {
            done.add(query.value("group", ""));
            return query.value("group", "").equals("none")
                ? Answer.not(Answer.Kind.NOTHING, "there is no group none")
                : Answer.done("done it", Map.of("group", query.value("group", "")));
          });

  private AdminFixture fixture(String token, List<Token> tokens) {
    return new AdminFixture(token, tokens, Duration.ofSeconds(10), Map.of("/act", act));
  }

  private static String request(String method, String target, String... fields) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n")
        + "\r\n";
  }

  @ParameterizedTest // B8.7
  @CsvSource({
    // token of openmmp.admin.token, of openmmp.admin.tokens, shown: may look, may act
    "'', no, '', 200, 401",
    "'', yes, '', 200, 401",
    "'', yes, look-t0ken, 200, 403",
    "'', yes, act-t0ken, 200, 200",
    "'', yes, wrong, 200, 401",
    "single, no, '', 401, 401",
    "single, no, single, 200, 403",
    "single, yes, act-t0ken, 200, 200",
    "single, yes, look-t0ken, 200, 403",
    "single, yes, wrong, 401, 401",
  })
  void aRoleDecidesWhoMayLookAndWhoMayAct(
      String single, String more, String shown, int look, int acts) throws Exception {
    try (AdminFixture admin = fixture(single, more.equals("yes") ? TOKENS : List.of())) {
      String[] fields =
          shown.isEmpty() ? new String[0] : new String[] {"Authorization: Bearer " + shown};
      assertEquals(look, AdminFixture.status(admin.raw(request("GET", "/api/v1/groups", fields))));
      String answer = admin.raw(request("POST", "/act?group=g1", fields));
      assertEquals(acts, AdminFixture.status(answer), answer);
      assertEquals(acts == 200 ? List.of("g1") : List.of(), done);
      assertEquals(acts == 200, answer.endsWith("{\"group\":\"g1\"}\n"), answer);
      assertEquals(acts != 200, answer.contains("openmmp.admin.tokens"), answer);
    }
  }

  @Test // B8.7
  void everyDoingLeavesOneLineAcceptedOrRefused() throws Exception {
    try (AdminFixture admin = fixture("", TOKENS)) {
      String ops = "Authorization: Bearer " + ACTS;
      admin.raw(request("POST", "/act?group=g1", ops));
      admin.raw(request("POST", "/act?group=none", ops));
      admin.raw(request("POST", "/act?grup=g1", ops));
      admin.raw(request("POST", "/act?group=g1", "Authorization: Bearer " + LOOKS));
      admin.raw(request("POST", "/act?group=g1"));
      admin.raw(request("POST", "/act?group=g1", ops, "Origin: http://evil.example"));
      admin.raw(request("GET", "/act?group=g1", ops));
      admin.raw(request("GET", "/api/v1/groups", ops));
      String at = "127.0.0.1";
      assertEquals(
          List.of(
              "ops|" + at + "|/act|group=g1|200",
              "ops|" + at + "|/act|group=none|404",
              "ops|" + at + "|/act|grup=g1|400",
              "|" + at + "|/act|group=g1|403",
              "|" + at + "|/act|group=g1|401",
              "|" + at + "|/act|group=g1|403"),
          admin.acted);
      assertEquals(List.of("g1", "none"), done);
    }
  }

  @ParameterizedTest // B8.7
  @CsvSource({
    "http://evil.example, 403",
    "null, 403",
    "http://localhost:81, 403",
    "http://localhost, 200",
  })
  void pagesOfAnotherOriginMayNotAct(String origin, int status) throws Exception {
    try (AdminFixture admin = fixture("", TOKENS)) {
      String ops = "Authorization: Bearer " + ACTS;
      String answer = admin.raw(request("POST", "/act?group=g1", ops, "Origin: " + origin));
      assertEquals(status, AdminFixture.status(answer));
      assertEquals(status == 200 ? List.of("g1") : List.of(), done);
    }
  }

  @Test // B8.7
  void actingTakesPostAndNoBody() throws Exception {
    try (AdminFixture admin = fixture("", TOKENS)) {
      String ops = "Authorization: Bearer " + ACTS;
      String get = admin.raw(request("GET", "/act?group=g1", ops));
      assertEquals(405, AdminFixture.status(get));
      assertTrue(get.contains("\r\nAllow: POST\r\n"), get);
      String body = request("POST", "/act?group=g1", ops, "Content-Length: 8") + "group=g1";
      assertEquals(400, AdminFixture.status(admin.raw(body)));
      assertEquals(List.of(), done);
      assertEquals(
          200, AdminFixture.status(admin.raw(request("POST", "/act?group=g1&format=text", ops))));
    }
  }

  @Test // B8.7
  void theSocketIsForItsOwnerAndItsGroupWithoutAToken() throws Exception {
    Path path = folder.resolve("admin.sock");
    try (AdminFixture admin = fixture("", List.of());
        AdminServer server = withSocket(admin, path)) {
      assertEquals(0, server.port());
      assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      try (var files = Files.list(folder)) {
        assertEquals(List.of(path), files.toList());
      }
      assertEquals(200, AdminFixture.status(ask(path, request("GET", "/api/v1/groups"))));
      assertEquals(200, AdminFixture.status(ask(path, request("POST", "/act?group=g1"))));
      String origin = request("POST", "/act?group=g2", "Origin: http://evil.example");
      assertEquals(403, AdminFixture.status(ask(path, origin)));
      assertEquals(List.of("g1"), done);
      String me = System.getProperty("user.name");
      assertEquals(me + "|socket|/act|group=g1|200", admin.acted.get(0));
      assertEquals("|socket|/act|group=g2|403", admin.acted.get(1));
    }
    assertFalse(Files.exists(path));
  }

  @Test // B8.7
  void aSocketThatNobodyAnswersAtIsReplacedAndALivingOneIsLeft() throws Exception {
    Path path = folder.resolve("admin.sock");
    try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(path));
    }
    assertTrue(Files.exists(path));
    try (AdminFixture admin = fixture("", List.of());
        AdminServer first = withSocket(admin, path)) {
      try (AdminServer second = withSocket(admin, path)) {
        assertEquals(0, second.port() + first.port());
      }
      assertEquals(200, AdminFixture.status(ask(path, request("GET", "/livez"))));
    }
  }

  @Test // B8.7
  void manyCallersAtTheSocketKeepNobodyFromAnAnswer() throws Exception {
    Path path = folder.resolve("admin.sock");
    List<SocketChannel> silent = new ArrayList<>();
    try (AdminFixture admin = fixture("", List.of());
        AdminServer server = withSocket(admin, path)) {
      for (int i = 0; i < 2 * AdminServer.MOST_CONNECTIONS; i++) {
        silent.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
      }
      assertEquals(200, AdminFixture.status(ask(path, request("GET", "/livez"))));
      assertEquals(0, server.port());
    } finally {
      for (SocketChannel each : silent) {
        each.close();
      }
    }
  }

  private AdminServer withSocket(AdminFixture admin, Path path) throws IOException {
    Map<String, AdminPage> pages = new HashMap<>(AdminPages.of(admin));
    pages.put("/act", act);
    return new AdminServer(
        new AdminConfig(
            Optional.<ListenAddress>empty(),
            Optional.of(path),
            Secret.none(),
            List.of(),
            List.of(),
            200),
        "x",
        admin,
        pages,
        Duration.ofSeconds(10),
        cause -> false,
        NioServerSocketChannel::new);
  }

  private static String ask(Path path, String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      String closing = request.replace(" HTTP/1.1", " HTTP/1.0");
      channel.write(ByteBuffer.wrap(closing.getBytes(StandardCharsets.US_ASCII)));
      var answer = new ByteArrayOutputStream();
      Channels.newInputStream(channel).transferTo(answer);
      return answer.toString(StandardCharsets.UTF_8);
    }
  }
}
