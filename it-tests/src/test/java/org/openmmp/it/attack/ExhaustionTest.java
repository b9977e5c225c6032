package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** The program runs out of something while clients log in, and gets it back (rule B2.22). */
@Tag("slow")
final class ExhaustionTest {
  private static final String PASSWORD = "Secret-of-the-hungry-8Jw";
  private static final String LOGIN = "a LOGIN amy@example.test " + PASSWORD + "\r\n";
  private static final Path LAUNCHER = Path.of("../docker/target/openmmp/bin/openmmp");
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int MOST_CLIENTS = 400;
  private static final int BUFFERS_MIB = 6;
  private static final int AT_THE_LIMIT = 20;
  private static final String PIECE = ("* OK " + "x".repeat(990) + "\r\n").repeat(64);
  private static final Pattern NO_BUFFERS = Pattern.compile("(?m) own-want want=memory times=1 ");

  private static LogWatch watch() {
    LogWatch watch = new LogWatch(List.of(PASSWORD));
    watch.expect("openmmp.limits|ends soon");
    return watch;
  }

  // B2.22: one side is under TLS, so that the kernel relays nothing past the buffers
  @ParameterizedTest
  @EnumSource(
      value = TlsPolicy.class,
      names = {"OFF", "STARTTLS"})
  void withoutBuffersOnlyWhoComesIsTurnedAwayAndNoStoreIsBlamed(TlsPolicy policy) {
    LogWatch watch = watch();
    watch.expect(" own-want want=memory ");
    // What Netty's TLS says of it besides, and from where.
    watch.expect(
        "AbstractChannelHandlerContext Failed to mark a promise as failure|^\\s+at "
            + "|SslHandler .* Last write attempt timed out");
    Place place = Place.of(2);
    List<String> hosts = List.of("one.test", "two.test");
    String settings =
        """
        openmmp.resolver.hosts { one.test = "%s", two.test = "%s" }
        openmmp.proxy-defaults.tls = %s
        """
            .formatted(place.address(0), place.address(1), policy.name().toLowerCase(Locale.ROOT));
    try (ProgramApart program =
        new ProgramApart(
            ExhaustionTest.class,
            "proxy",
            watch,
            List.of("env", "JDK_JAVA_OPTIONS=-XX:MaxDirectMemorySize=" + BUFFERS_MIB + "m"),
            settings,
            Place.group("pair", place.port(), hosts))) {
      program.user("amy", "example.test", PASSWORD, "pair");
      for (int i = 0; i < hosts.size(); i++) {
        program.store(
            place,
            i,
            new ImapScript()
                .secured(policy, TestAuthority.shared().host(hosts.get(i)).context())
                .mailbox(ExhaustionTest::pours));
      }
      RawClient open = program.client(MailProtocol.IMAP);
      assertTrue(open.send(LOGIN).answer("a").startsWith("a OK "));

      List<RawClient> crowd = new ArrayList<>();
      int more = AT_THE_LIMIT;
      while (more > 0) {
        assertTrue(crowd.size() < MOST_CLIENTS, program::log);
        more -= NO_BUFFERS.matcher(program.log()).find() ? 1 : 0;
        RawClient one = comes(program, policy);
        if (one != null) {
          crowd.add(one);
          String answer = answerOf(one.send(LOGIN + "b POUR\r\n"));
          assertTrue(
              answer.startsWith("a OK ")
                  || answer.startsWith("a NO [UNAVAILABLE]")
                  || answer.startsWith("* BYE ")
                  || answer.equals("(closed)"),
              answer);
        }
      }
      crowd.forEach(RawClient::close);

      Await.until(program::log, LIMIT, () -> logsIn(program));
      Await.until(program::log, LIMIT, () -> isTold(program));
      assertFalse(program.log().contains(" cool-down "), program::log);
      assertFalse(program.log().contains("result=bad-credentials"), program::log);
      assertEquals("working", program.admin(MailProtocol.IMAP).host("pair", hosts.get(0)).state());
      assertEquals(0, program.admin(MailProtocol.IMAP).attempts("pair", hosts.get(1)));
      assertEquals(BUFFERS_MIB << 20, program.metric("openmmp_buffer_bytes_allowed"));
    }
  }

  /** Whether the metrics tell it; their page needs buffers too. */
  private static boolean isTold(ProgramApart program) {
    try {
      return program.metric("openmmp_own_wants_total") > 0
          && program.metric("openmmp_buffer_bytes") > 0;
    } catch (AssertionError noAnswer) {
      return false;
    }
  }

  private static void pours(StorePeer peer) throws IOException {
    for (String line = peer.line(); line != null; line = peer.line()) {
      while (line.endsWith("POUR")) {
        peer.send(PIECE);
      }
      peer.say(line.split(" ", 2)[0] + " OK done");
    }
  }

  /** A client, if it is let in. */
  private static @Nullable RawClient comes(ProgramApart program, TlsPolicy policy) {
    try {
      return policy == TlsPolicy.OFF
          ? program.tlsClient(MailProtocol.IMAP)
          : program.client(MailProtocol.IMAP);
    } catch (UncheckedIOException turnedAway) {
      return null;
    }
  }

  /** The tagged answer to a login, or what ended the session instead. */
  private static String answerOf(RawClient client) {
    String line = client.line();
    while (line != null && !line.startsWith("a ") && !line.startsWith("* BYE ")) {
      line = client.line();
    }
    return line == null ? "(closed)" : line;
  }

  private static boolean logsIn(ProgramApart program) {
    try (RawClient late = program.silentClient(MailProtocol.IMAP)) {
      return answerOf(late.send(LOGIN)).startsWith("a OK ");
    }
  }

  // B1.6, B1.12: all connections to the directory wait for answers
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void withoutConnectionsToTheDirectoryNobodyHearsOfAWrongPassword(MailProtocol protocol) {
    LogWatch watch = watch();
    watch.expect("directory server .* timeout: ");
    Place place = Place.of(1);
    try (ProgramApart program =
        new ProgramApart(
            ExhaustionTest.class,
            "proxy",
            watch,
            List.of(),
            "openmmp.directory { pool-size = 2, cache { positive-ttl = 1ms, refresh-ahead = 0s } }",
            "openmmp.login.deadline = 6s",
            place.group("single"))) {
      IntStream.range(0, AT_THE_LIMIT)
          .forEach(i -> program.user("user" + i, "example.test", PASSWORD, "single"));
      program.user("known", "example.test", PASSWORD, "single");
      program.store(place, 0, StoreScript.of(protocol));
      assertTrue(logsIn(program, protocol, "known"));
      program.directory().slowDown(Duration.ofSeconds(20));
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < AT_THE_LIMIT; i++) {
        String user = "user" + i + "@example.test";
        clients.add(program.client(protocol).sendLogin(protocol, user, PASSWORD));
      }
      for (RawClient client : clients) {
        String answer = client.answerToLogin(protocol);
        assertTrue(answer.startsWith(protocol.unavailable()), answer);
      }
      assertEquals(AT_THE_LIMIT, program.metric("openmmp_login_failures_total"));
      assertTrue(logsIn(program, protocol, "known"), "what is remembered serves (rule B1.7)");
      program.directory().slowDown(Duration.ZERO);
      Await.until(program::log, LIMIT, () -> logsIn(program, protocol, "user0"));
      assertFalse(program.log().contains("result=bad-credentials"), program::log);
    }
  }

  private static boolean logsIn(ProgramApart program, MailProtocol protocol, String user) {
    try (RawClient client = program.client(protocol)) {
      return client
          .logIn(protocol, user + "@example.test", PASSWORD)
          .startsWith(protocol.accepted());
    }
  }

  // B2.22, B8.8: a disk that is full, and has room again
  @Tag("real-servers")
  @Test
  void withoutRoomForTheLogMailGoesOnAndTheLogSaysWhatIsMissing(@TempDir Path disk)
      throws IOException {
    LogWatch watch = watch();
    Command.run("mount", "-t", "tmpfs", "-o", "size=16k", "small", disk.toString()).succeeded();
    try {
      Path log = disk.resolve("log");
      Place place = Place.of(1);
      try (ProgramApart program =
          new ProgramApart(
              ExhaustionTest.class,
              "proxy",
              watch,
              List.of("sh", "-c", "exec \"$@\" 2>> " + log, "sh"),
              place.group("single"))) {
        program.user("amy", "example.test", PASSWORD, "single");
        program.store(place, 0, new ImapScript());
        int logins = 0;
        while (program.metric("openmmp_log_lines_lost_total") == 0) {
          assertTrue(logsIn(program));
          logins++;
          assertTrue(logins < MOST_CLIENTS, () -> textOf(log));
        }
        assertTrue(logsIn(program));
        Command.run("mount", "-o", "remount,size=1m", disk.toString()).succeeded();
        Pattern told =
            Pattern.compile(
                "(?m)^\\S+ WARN .* [0-9]+ lines of the log were lost here: it could not be written"
                    + " \\(No space left on device\\)$");
        Await.until(
            () -> textOf(log), LIMIT, () -> logsIn(program) && told.matcher(textOf(log)).find());
        double lost = program.metric("openmmp_log_lines_lost_total");
        assertTrue(logsIn(program));
        assertEquals(lost, program.metric("openmmp_log_lines_lost_total"));
        LogWatch.failOnSecrets(List.of(PASSWORD), "the log", textOf(log));
      }
    } finally {
      Command.run("umount", "-l", disk.toString()).succeeded();
    }
  }

  // B2.22: whoever looks after the program starts it again
  @Test
  void withoutHeapThePackagedProgramEndsWithALineThatSaysSo(@TempDir Path workplace)
      throws IOException {
    Path file = AttackConfig.write(workplace, "ldap://127.0.0.1:9", "");
    Command.Result ended =
        Command.run(
            START_LIMIT,
            Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_OPTS", "-Xms5m -Xmx5m"),
            "",
            List.of(LAUNCHER.toString(), "proxy", "--config", file.toString()));
    String said = ended.output() + ended.errors();
    assertEquals(3, ended.status(), said);
    assertTrue(said.contains("Terminating due to java.lang.OutOfMemoryError: "), said);
    for (String unit : List.of("openmmp-proxy", "openmmp-relay", "openmmp")) {
      String text = textOf(Path.of("../docker/systemd/" + unit + ".service"));
      assertTrue(text.contains("\nRestart=on-failure\n"), text);
      assertTrue(text.contains("\nRestartPreventExitStatus=78\n"), text);
    }
  }

  private static String textOf(Path log) {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
