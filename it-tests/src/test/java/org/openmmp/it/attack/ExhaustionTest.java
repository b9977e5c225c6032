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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.AdminClient;
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

  /** Three for each connection to the directory, each of which is given up after a second. */
  private static final int ASKING = 6;

  private static final String LINES = ("x".repeat(1_022) + "\r\n").repeat(2_048);
  private static final String PIECE = ("* OK " + "x".repeat(990) + "\r\n").repeat(64);

  /** Whose answer is late on a busy machine has its time: here nobody fails for want of speed. */
  private static final String PATIENT =
      """
      openmmp.proxy-defaults { connect-timeout = 1m, greeting-timeout = 1m, login-answer-timeout = 5m }
      openmmp.lmtp { group-share = 100, timeouts { search = 2m, stall = 10m, final-replies = 10m } }
      """;

  private static final Pattern NO_BUFFERS = Pattern.compile("(?m) own-want want=memory times=1 ");

  private static LogWatch watch() {
    LogWatch watch = new LogWatch(List.of(PASSWORD));
    watch.expect("openmmp.limits|ends soon");
    return watch;
  }

  // B2.22: one side is under TLS, so that the kernel relays nothing past the buffers
  @Execution(ExecutionMode.CONCURRENT)
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
            PATIENT,
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
      assertNoStoreIsBlamed(program, MailProtocol.IMAP.service(), hosts);
      assertFalse(program.log().contains("result=bad-credentials"), program::log);
    }
  }

  /** The metrics tell what was lacking, and the group's page that no host was left for it. */
  private static void assertNoStoreIsBlamed(
      ProgramApart program, String service, List<String> hosts) {
    AdminClient admin = program.admin(service);
    assertTrue(once(program, () -> program.metric("openmmp_own_wants_total")) > 0);
    assertTrue(once(program, () -> program.metric("openmmp_buffer_bytes")) > 0);
    assertEquals(
        BUFFERS_MIB << 20, once(program, () -> program.metric("openmmp_buffer_bytes_allowed")));
    assertFalse(program.log().contains(" cool-down "), program::log);
    assertEquals("working", once(program, () -> admin.host("pair", hosts.get(0))).state());
    assertEquals(0, once(program, () -> admin.attempts("pair", hosts.get(1))));
  }

  /** What a page says once it is served: it needs buffers too. */
  private static <T> T once(ProgramApart program, Supplier<T> page) {
    AtomicReference<@Nullable T> said = new AtomicReference<>();
    Await.until(
        program::log,
        LIMIT,
        () -> {
          try {
            said.set(page.get());
          } catch (AssertionError noAnswer) {
            return false;
          }
          return true;
        });
    return Objects.requireNonNull(said.get());
  }

  // B2.22, B5.4, L9: the buffers are full of messages whose store does not read
  @Test
  void relayWithoutBuffersPutsOffWhoComesAndLosesNoMail() throws Exception {
    LogWatch watch = watch();
    watch.expect(" own-want want=memory ");
    Place place = Place.of(2);
    DeliveryScript store = new DeliveryScript();
    CountDownLatch reads = new CountDownLatch(1);
    store.at(
        DeliveryScript.Point.BODY,
        (peer, time) -> {
          awaitQuietly(reads);
          return "";
        });
    ExecutorService mtas = Executors.newCachedThreadPool();
    try (ProgramApart program =
        new ProgramApart(
            ExhaustionTest.class,
            "relay",
            watch,
            List.of("env", "JDK_JAVA_OPTIONS=-XX:MaxDirectMemorySize=" + BUFFERS_MIB + "m"),
            PATIENT,
            "openmmp.lmtp { listen = [\"127.0.0.1:0\"], affinitylist = on }",
            place.group("pair", "lmtpport = " + place.port()))) {
      program.store(place, 0, store);
      program.store(place, 1, new DeliveryScript());
      Map<String, Future<String>> answers = new LinkedHashMap<>();
      int more = AT_THE_LIMIT;
      while (more > 0) {
        assertTrue(answers.size() < MOST_CLIENTS, program::log);
        more -= NO_BUFFERS.matcher(program.log()).find() ? 1 : 0;
        String name = "user" + answers.size();
        program.user(name, "example.test", PASSWORD, "pair");
        CountDownLatch begun = new CountDownLatch(1);
        answers.put(name + "@example.test", mtas.submit(() -> delivers(program, name, begun)));
        begun.await();
      }
      reads.countDown();
      int taken = 0;
      for (Map.Entry<String, Future<String>> each : answers.entrySet()) {
        String answer = each.getValue().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        boolean stored = answer.startsWith("250 ");
        taken += stored ? 1 : 0;
        assertTrue(stored || answer.startsWith("4") || answer.equals("null"), answer);
        assertEquals(stored ? 1 : 0, store.deliveriesTo(each.getKey()), each.getKey());
      }
      assertTrue(taken > 0, "what was under way arrives");
      assertTrue(taken < answers.size(), "who came without room was put off");

      program.user("late", "example.test", PASSWORD, "pair");
      CountDownLatch begun = new CountDownLatch(1);
      Await.until(program::log, LIMIT, () -> delivers(program, "late", begun).startsWith("250 "));
      assertNoStoreIsBlamed(program, "lmtp", place.addresses());
    } finally {
      reads.countDown();
      mtas.shutdownNow();
    }
  }

  /** What an MTA hears last of a message of 2 MiB; {@code begun}: once it sends it. */
  private static String delivers(ProgramApart program, String user, CountDownLatch begun) {
    try (RawClient mta = new RawClient(program.lmtp()).patient()) {
      String heard = mta.reply();
      for (String command :
          List.of(
              "LHLO mta.test",
              "MAIL FROM:<mta@example.org>",
              "RCPT TO:<" + user + "@example.test>",
              "DATA")) {
        if (!heard.startsWith("2")) {
          return heard;
        }
        heard = mta.send(command + "\r\n").reply();
      }
      if (!heard.startsWith("354")) {
        return heard;
      }
      begun.countDown();
      return mta.send("Subject: x\r\n\r\n" + LINES).send(".\r\n").reply();
    } catch (UncheckedIOException turnedAway) {
      return "null";
    } finally {
      begun.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // B1.6, B1.12, B5.2: an outage is no word about a recipient
  @Test
  void withoutConnectionsToTheDirectoryMailIsPutOff() {
    LogWatch watch = watch();
    watch.expect("directory server .* timeout: ");
    Place place = Place.of(1);
    DeliveryScript store = new DeliveryScript();
    try (ProgramApart program =
        new ProgramApart(
            ExhaustionTest.class,
            "relay",
            watch,
            List.of(),
            PATIENT,
            "openmmp.directory { pool-size = 2, search-timeout = 1s }",
            "openmmp.directory.cache { positive-ttl = 1ms, refresh-ahead = 0s }",
            "openmmp.lmtp { listen = [\"127.0.0.1:0\"], affinitylist = on }",
            place.group("single", "lmtpport = " + place.port()))) {
      IntStream.range(0, ASKING)
          .forEach(i -> program.user("user" + i, "example.test", PASSWORD, "single"));
      program.user("known", "example.test", PASSWORD, "single");
      program.store(place, 0, store);
      assertEquals("250", answerToRecipient(program, "known"));
      program.directory().slowDown(Duration.ofSeconds(5));
      List<RawClient> mtas = new ArrayList<>();
      for (int i = 0; i < ASKING; i++) {
        mtas.add(asks(program, "user" + i));
      }
      for (RawClient mta : mtas) {
        String answer = mta.reply();
        assertTrue(answer.startsWith("451 4.4.3"), answer);
        mta.close();
      }
      assertEquals("250", answerToRecipient(program, "known"), "what is remembered serves");
      program.directory().slowDown(Duration.ZERO);
      Await.until(program::log, LIMIT, () -> answerToRecipient(program, "user0").equals("250"));
      assertEquals(List.of(), store.messages());
    }
  }

  /** An MTA that has asked for a recipient, and heard nothing of it yet. */
  private static RawClient asks(ProgramApart program, String user) {
    RawClient mta = new RawClient(program.lmtp());
    mta.reply();
    mta.send("LHLO mta.test\r\n").reply();
    mta.send("MAIL FROM:<mta@example.org>\r\n").reply();
    return mta.send("RCPT TO:<" + user + "@example.test>\r\n");
  }

  private static String answerToRecipient(ProgramApart program, String user) {
    try (RawClient mta = asks(program, user)) {
      return mta.reply().substring(0, 3);
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
  @Execution(ExecutionMode.CONCURRENT)
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
