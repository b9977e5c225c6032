package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ConfigReader;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.Main;
import org.openmmp.program.SharedRooms;
import org.openmmp.proxy.ProxyProvider;
import org.openmmp.repgroup.StoreHost;
import org.slf4j.LoggerFactory;

/** A client on a socket, two stores on sockets, and what the client sees when one ends. */
class SurvivingSessionTest {
  private static final String ADMINISTRATOR = "administrator";

  @TempDir private Path folder;
  private final MoveStore mail = new MoveStore(new Random(1));
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Users users = new Users();
  private String hosts = "127.0.0.1 127.0.0.2";
  private Host first;
  private Host second;
  private SharedRooms rooms;
  private FrontEndServer server;

  /** How the first store ends a session. */
  private enum Death {
    CLOSES,
    RESETS,
    SAYS_BYE
  }

  @BeforeEach
  void open() throws Exception {
    MoveStore.Box inbox = new MoveStore.Box(7);
    for (int i = 0; i < 4; i++) {
      inbox.append(i, Set.of());
    }
    mail.boxes.put("INBOX", inbox);
    first = new Host("127.0.0.1", 0);
    second = new Host("127.0.0.2", first.port());
    serve("longest-wait = 1s");
  }

  /** Opens the front end, whose sessions survive on those terms. */
  private void serve(String survival) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.proxy.one { storehostlist = "%s", imapport = %d, tls = off
              survive-failover = on, imapadmin = %s, imapadminpass = admin-secret
              survival { %s } }
            openmmp.imap { listen = "127.0.0.1:0", clear-text-passwords = always }
            openmmp.limits.exempt-networks = "127.0.0.0/8"
            """
                .formatted(hosts, first.port(), ADMINISTRATOR, survival));
    rooms = SharedRooms.open(ConfigReader.load(file), listener -> users);
    server = new ProxyProvider().open(rooms);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    server.close();
    rooms.close();
    first.die(Death.CLOSES);
    second.die(Death.CLOSES);
  }

  @ParameterizedTest // B9.3
  @EnumSource(Death.class)
  void inIdleItGoesOnAndHearsWhatHasHappened(Death death) throws Exception {
    Client client = loggedIn();
    client.command("SELECT INBOX");
    client.idles();
    MoveStore.Box inbox = inbox();
    synchronized (mail) {
      inbox.expunge(Set.of(2L));
      inbox.append(9, Set.of());
    }
    first.die(death);
    assertEquals("* 2 EXPUNGE", client.nextOf("EXPUNGE"));
    assertEquals("* 4 EXISTS", client.nextOf("EXISTS"));
    synchronized (mail) {
      inbox.append(10, Set.of());
    }
    second.tell();
    assertEquals("* 5 EXISTS", client.nextOf("EXISTS"), "IDLE goes on");
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.assertSees(1, 3, 4, 5, 6);
    assertEquals("127.0.0.2", rooms.sessions().facts().join().get(0).host());
    assertEquals(0, rooms.sessions().countAt("127.0.0.1"));
    assertEquals(1, rooms.sessions().countAt("127.0.0.2"));
  }

  @Test // B9.3
  void selectedAndQuietItGoesOnWithItsNextCommand() throws Exception {
    Client client = loggedIn();
    client.command("SELECT INBOX");
    synchronized (mail) {
      inbox().append(9, Set.of());
    }
    first.die(Death.CLOSES);
    assertEquals("* 5 EXISTS", client.nextOf("EXISTS"));
    client.assertSees(1, 2, 3, 4, 5);
  }

  /** Whether the store is still there when the client says something at last. */
  @ParameterizedTest // B9.3, B9.5
  @ValueSource(booleans = {true, false})
  void quietItHearsOfExpungedMessagesWithItsNextCommand(boolean there) throws Exception {
    again("longest-wait = 60s");
    Client client = loggedIn();
    client.command("SELECT INBOX");
    synchronized (mail) {
      inbox().expunge(Set.of(2L));
    }
    first.die(Death.CLOSES);
    while (!second.awaitSaid().endsWith(" LOGOUT")) {} // the verdict is there
    rooms.sessions().facts().join();
    synchronized (mail) {
      inbox().append(9, Set.of());
      inbox().expunge(Set.of(1L));
    }
    if (!there) {
      second.diesAt.set(1);
    }
    client.send("c NOOP");
    client.send("s UID FETCH 3 (UID)");
    List<String> heard = new ArrayList<>();
    for (String line = client.next(); !line.startsWith("s "); line = client.next()) {
      heard.add(line);
    }
    assertTrue(
        heard.containsAll(List.of("* 2 EXPUNGE", "* 1 EXPUNGE", "c OK done")),
        () -> heard.toString());
    client.assertSees(3, 4, 5);
  }

  @Test // B9.5, B9.7: where it is counts, though its client has heard nothing of it
  void quietItIsAtItsNewStoreAndMayLeaveThatToo() throws Exception {
    Host third = new Host("127.0.0.3", first.port());
    open.add(() -> third.die(Death.CLOSES));
    hosts = "127.0.0.1 127.0.0.2 127.0.0.3";
    again("longest-wait = 60s");
    Client client = loggedIn();
    client.command("SELECT INBOX");
    synchronized (mail) {
      inbox().expunge(Set.of(2L));
    }
    String moved = logged("session-moved ", () -> move("127.0.0.2"));
    assertTrue(moved.contains("127.0.0.2"), moved);
    assertEquals("127.0.0.2", rooms.sessions().facts().join().get(0).host());
    assertEquals(1, rooms.sessions().countAt("127.0.0.2"));
    moved = logged("session-moved ", () -> move("127.0.0.3"));
    assertTrue(moved.contains("127.0.0.3"), moved);
    assertEquals("127.0.0.3", rooms.sessions().facts().join().get(0).host());
    client.send("c NOOP");
    assertEquals("* 2 EXPUNGE", client.next());
    assertEquals("c OK done", client.nextOf("c "));
    client.assertSees(1, 3, 4);
    assertEquals(0, rooms.sessions().countAt("127.0.0.2"));
  }

  private void move(String host) {
    rooms.sessions().move(any -> true, new StoreHost(host)).join();
  }

  @Test // B9.4, B9.5: a store may hang when the session is to go back into IDLE there
  void aStoreThatDoesNotTakeItBackWhereItCannotGoEndsItInTime() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    first.said.clear();
    first.hangsAtIdle = true;
    synchronized (mail) {
      mail.boxes.put("INBOX", inbox().copy());
      inbox().validity++;
    }
    String why = whyStranded(() -> move("127.0.0.2"));
    assertTrue(why.endsWith(" why=store-lost"), why);
    String heard = client.rest();
    assertTrue(heard.startsWith("* BYE [UNAVAILABLE]"), heard);
  }

  @ParameterizedTest // B9.5: Dovecot tells how new a mailbox is once somebody has asked
  @ValueSource(booleans = {true, false})
  void whoIsToLeaveAMailboxThatIsNotKnownWellEnoughAsksFirst(boolean told) throws Exception {
    mail.primed = false;
    first.refuses = "EXAMINE";
    first.refusal = "SERVERBUG";
    Client client = loggedIn();
    client.command("SELECT INBOX");
    first.left.orTimeout(60, TimeUnit.SECONDS).join(); // the second connection, without an answer
    if (told) {
      first.refusal = "";
      String moved = logged("session-moved ", () -> move("127.0.0.2"));
      assertTrue(moved.contains("127.0.0.2"), moved);
    } else {
      String why = whyStranded(() -> move("127.0.0.2"));
      assertTrue(why.contains(" stays=yes ") && why.endsWith(" why=modseq-unknown"), why);
    }
    client.assertSees(1, 2, 3, 4);
  }

  @Test // B9.5
  void whoIdlesUnderALongTagIsNotAwaited() throws Exception {
    Client client = loggedIn();
    client.command("SELECT INBOX");
    String tag = "t".repeat(100);
    client.send(tag + " IDLE");
    client.nextOf("+");
    String why = whyStranded(() -> move("127.0.0.2"));
    assertTrue(why.contains(" stays=yes ") && why.endsWith(" why=command-open"), why);
    client.send("DONE");
    assertEquals(tag + " OK done", client.next());
  }

  @Test // B9.3: the login for a question is given up with the store that was to be asked
  void aStoreThatIsLostWhileItIsToBeAskedIsLeft() throws Exception {
    mail.primed = false;
    Client client = loggedIn();
    first.hangsAtLogin = true;
    client.command("SELECT INBOX");
    first.hangs.orTimeout(60, TimeUnit.SECONDS).join();
    client.command("UNSELECT");
    first.die(Death.CLOSES);
    client.command("SELECT INBOX");
    client.assertSees(1, 2, 3, 4);
    assertEquals("127.0.0.2", rooms.sessions().facts().join().get(0).host());
  }

  @Test // B9.3
  void withNothingSelectedItGoesOnAndWhatItSaysMeanwhileArrives() throws Exception {
    Client client = loggedIn();
    first.die(Death.CLOSES);
    client.send("x SELECT INBOX");
    assertTrue(client.nextOf("x ").startsWith("x OK"));
    client.assertSees(1, 2, 3, 4);
  }

  @Test // B9.3
  void withinACommandItEnds() throws Exception {
    Client client = loggedIn();
    client.command("SELECT INBOX");
    client.send("x APPEND INBOX {5}");
    assertTrue(client.next().startsWith("+"));
    first.die(Death.CLOSES);
    assertEquals("", client.rest().replaceAll("\\* BYE[^\\n]*\\n", ""));
    assertFalse(second.isUsed());
  }

  @Test // B9.3
  void whoWasDisabledMeanwhileIsNotCarriedOver() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    users.disabled.add("alice");
    first.die(Death.CLOSES);
    assertTrue(client.rest().startsWith("* BYE [UNAVAILABLE] Your mailbox's server has failed."));
    assertFalse(second.isUsed());
  }

  @Test // B9.3
  void aStoreThatDoesNotTakeTheAdministratorIsNoPlaceToGoOn() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.administrator = "nobody";
    first.die(Death.CLOSES);
    assertTrue(client.rest().startsWith("* BYE [UNAVAILABLE]"));
  }

  @Test // B9.3
  void nothingOfAHostileStoreReachesTheClient() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.hostile = true;
    first.die(Death.CLOSES);
    String heard = client.rest();
    assertTrue(heard.startsWith("* BYE [UNAVAILABLE]"), heard);
    assertEquals(1, heard.lines().count(), heard);
  }

  @Test // B9.3
  void aStoreThatIsBehindIsNoPlaceToGoOn() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    synchronized (mail) {
      MoveStore.Box old = inbox().copy();
      inbox().append(9, Set.of());
      first.tell();
      assertEquals("* 5 EXISTS", client.nextOf("EXISTS"));
      mail.boxes.put("INBOX", old);
    }
    first.die(Death.CLOSES);
    assertTrue(client.rest().startsWith("* BYE [UNAVAILABLE]"));
  }

  @ParameterizedTest // B9.3: neither its name nor what is in it
  @ValueSource(booleans = {true, false})
  void aRefusedMoveTellsNobodyOfTheMailbox(boolean hostile) throws Exception {
    MoveStore.Box box = new MoveStore.Box(8);
    box.append(1, Set.of("$Confession"));
    synchronized (mail) {
      mail.boxes.put("DIAGNOSES", box);
    }
    Client client = loggedIn();
    client.idlesIn("DIAGNOSES");
    second.hostile = hostile;
    List<String> logged = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> refused = new CompletableFuture<>();
    Logger root = (Logger) LoggerFactory.getLogger("org.openmmp");
    Level before = root.getLevel();
    AppenderBase<ILoggingEvent> all =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent line) {
            logged.add(line.getFormattedMessage());
            if (line.getFormattedMessage().startsWith("session-stranded ")) {
              refused.complete(null);
            }
          }
        };
    all.start();
    root.addAppender(all);
    root.setLevel(Level.ALL);
    try {
      synchronized (mail) {
        box.validity++;
      }
      first.die(Death.CLOSES);
      assertTrue(client.rest().startsWith("* BYE [UNAVAILABLE]"));
      refused.get(60, TimeUnit.SECONDS);
    } finally {
      root.detachAppender(all);
      root.setLevel(before);
    }
    String told = String.join("\n", logged);
    assertFalse(told.contains("Confession"), told);
    assertFalse(told.contains("DIAGNOSES"), told);
  }

  @Test // B9.5
  void withoutAnotherStoreItHearsByeWhenTheWaitIsOver() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.die(Death.CLOSES);
    first.die(Death.CLOSES);
    assertTrue(client.rest().startsWith("* BYE [UNAVAILABLE]"));
  }

  /** However far the proof had come. */
  @ParameterizedTest // B9.5
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void aNewStoreThatIsLostDuringTheMoveIsNotTheEnd(int commands) throws Exception {
    again("longest-wait = 60s");
    Client client = loggedIn();
    client.idlesIn("INBOX");
    synchronized (mail) {
      inbox().expunge(Set.of(2L));
    }
    second.diesAt.set(commands);
    first.die(Death.CLOSES);
    assertEquals("* 2 EXPUNGE", client.nextOf("EXPUNGE"));
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.assertSees(1, 3, 4);
    assertTrue(second.diesAt.get() <= 0, "it was lost");
  }

  @Test // B9.5
  void anotherHostIsAskedWhereTheFirstNewStoreIsLost() throws Exception {
    Host third = new Host("127.0.0.3", first.port());
    open.add(() -> third.die(Death.CLOSES));
    hosts = "127.0.0.1 127.0.0.2 127.0.0.3";
    again("longest-wait = 60s");
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.diesAt.set(1);
    first.die(Death.CLOSES);
    third.awaitUsed();
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.assertSees(1, 2, 3, 4);
    assertEquals("127.0.0.3", rooms.sessions().facts().join().get(0).host());
  }

  @ParameterizedTest // B9.5
  @ValueSource(strings = {"UNAVAILABLE", "SERVERBUG", "INUSE"})
  void anotherHostIsAskedWhereTheFirstNewStoreCannotServeForNow(String code) throws Exception {
    Host third = new Host("127.0.0.3", first.port());
    open.add(() -> third.die(Death.CLOSES));
    hosts = "127.0.0.1 127.0.0.2 127.0.0.3";
    again("longest-wait = 60s");
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.refusal = code;
    first.die(Death.CLOSES);
    third.awaitUsed();
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.assertSees(1, 2, 3, 4);
  }

  @Test // B9.3
  void whoHearsGoodbyeDuringItsMoveIsNotMoved() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    List<String> moves = new CopyOnWriteArrayList<>();
    whileLogging(
        "session-moved ",
        moves::add,
        () -> {
          synchronized (mail) { // the next store answers to nothing but the login
            first.die(Death.CLOSES);
            second.awaitUsed();
            rooms.sessions().end(any -> true).join();
            String heard = client.rest();
            assertTrue(heard.startsWith("* BYE "), heard);
            assertEquals(1, heard.lines().count(), heard);
          }
          second.ended.get(60, TimeUnit.SECONDS);
        });
    assertEquals(List.of(), moves);
  }

  @ParameterizedTest // B9.6
  @EnumSource(Death.class)
  void whoCannotOutliveItsStoreHearsOneGoodbyeThoughNothingWasSaidBefore(Death death)
      throws Exception {
    Client client = loggedIn();
    client.command("SELECT INBOX");
    client.send("c NOTIFY NONE");
    client.nextOf("c ");
    String why = whyStranded(() -> first.die(death));
    assertTrue(why.contains(" stays=no ") && why.endsWith(" why=notify"), why);
    String heard = client.rest();
    assertTrue(heard.startsWith("* BYE "), heard);
    assertEquals(1, heard.lines().count(), heard);
    assertFalse(second.isUsed());
  }

  @Test // B9.5
  void theFourthLossWithinAMinuteIsTheEnd() throws Exception {
    again("longest-wait = 60s");
    Client client = loggedIn();
    client.command("SELECT INBOX");
    for (int i = 0; i < 3; i++) {
      first.drop();
      second.drop();
      client.assertSees(1, 2, 3, 4);
    }
    String why =
        whyStranded(
            () -> {
              first.drop();
              second.drop();
            });
    assertTrue(why.endsWith(" why=ended-too-often"), why);
    String heard = client.rest();
    assertTrue(heard.startsWith("* BYE [UNAVAILABLE] Your mailbox's server has failed."), heard);
    assertEquals(1, heard.lines().count(), heard);
  }

  @Test // B9.5
  void whoIsToMoveToAHostThatIsNotThereStaysForThatReason() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.die(Death.CLOSES);
    String why =
        whyStranded(() -> rooms.sessions().move(any -> true, new StoreHost("127.0.0.2")).join());
    assertTrue(why.contains(" stays=yes ") && why.endsWith(" why=no-store"), why);
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.assertSees(1, 2, 3, 4);
  }

  @Test // B9.3
  void howNewAMailboxIsIsAskedForSoonBehindItsSelection() throws Exception {
    mail.primed = false;
    Client client = loggedIn();
    client.command("SELECT INBOX");
    first.left.orTimeout(60, TimeUnit.SECONDS).join(); // the second connection, with the answer
    client.idles();
    first.die(Death.CLOSES);
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.assertSees(1, 2, 3, 4);
  }

  /** Does that, and waits for the line that says of a session why it does not move. */
  private static String whyStranded(Action what) throws Exception {
    return logged("session-stranded ", what);
  }

  /** Does that, and waits for such a line. */
  private static String logged(String event, Action what) throws Exception {
    CompletableFuture<String> told = new CompletableFuture<>();
    whileLogging(
        event,
        told::complete,
        () -> {
          what.happens();
          told.get(60, TimeUnit.SECONDS);
        });
    return told.join();
  }

  private static void whileLogging(String event, Consumer<String> heard, Action what)
      throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("org.openmmp.session");
    AppenderBase<ILoggingEvent> lines =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent line) {
            if (line.getFormattedMessage().startsWith(event)) {
              heard.accept(line.getFormattedMessage());
            }
          }
        };
    Level before = logger.getLevel();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
    try {
      what.happens();
    } finally {
      logger.setLevel(before);
      logger.detachAppender(lines);
    }
  }

  /** What may fail. */
  private interface Action {
    void happens() throws Exception;
  }

  @Test // B9.5
  void whoFindsNoStoreThatLastsHearsByeOnce() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    second.always = true;
    second.diesAt.set(1);
    first.die(Death.CLOSES);
    String heard = client.rest();
    assertTrue(heard.startsWith("* BYE [UNAVAILABLE]"), heard);
    assertEquals(1, heard.lines().count(), heard);
  }

  private void again(String survival) throws Exception {
    server.close();
    rooms.close();
    serve(survival);
  }

  @Test // B9.5
  void whoseTurnComesTooLateHearsByeInHisTurn() throws Exception {
    again("longest-wait = 1s, moves-per-second = 1");
    List<Client> clients = List.of(loggedIn(), loggedIn(), loggedIn());
    first.die(Death.CLOSES);
    List<String> heard = new ArrayList<>();
    for (Client client : clients) {
      client.send("x NOOP");
      heard.add(client.next().substring(0, 4));
    }
    assertTrue(heard.contains("x OK"), "the first has his turn at once: " + heard);
    assertTrue(heard.contains("* BY"), "the third has his after 2 s: " + heard);
  }

  @ParameterizedTest // B9.3
  @CsvSource({
    "'', ''",
    "IMAP4rev1 ENABLE QRESYNC ESEARCH, ''",
    "IMAP4rev2 QRESYNC, ''",
    "IMAP4rev1 ENABLE CONDSTORE ESEARCH, QRESYNC",
    "IMAP4rev1 QRESYNC, ESEARCH",
    "IMAP4rev1 IDLE, QRESYNC ESEARCH",
  })
  void whatAStoreLacksIsKnownFromItsAnswerToALogin(String offered, String lacking) {
    assertEquals(lacking, ImapFixtures.protocol("IDLE").lacking(offered));
  }

  @Test // B9.3
  void aStoreThatLacksWhatMovesNeedIsToldOfWithTheFirstLoginThere() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("org.openmmp.session");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      loggedIn();
      assertEquals(0, lacking(lines));
      first.offered = "IMAP4rev1 IDLE ESEARCH";
      loggedIn();
      loggedIn();
      assertEquals(1, lacking(lines));
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test // B9.6
  void whatStoresLackIsToldByLint() throws Exception {
    Path file = folder.resolve("openmmp.conf");
    Files.writeString(
        file,
        "openmmp.proxy.one.probe { kind = login, user = alice, password = secret }\n",
        StandardOpenOption.APPEND);
    assertEquals(List.of(), lint(file));
    first.offered = "IMAP4rev1 IDLE ESEARCH";
    second.administrator = "nobody";
    List<String> found = lint(file);
    assertEquals(
        "finding: survive-failover is on, and 127.0.0.1 of the group one lacks QRESYNC: no session"
            + " that has selected a mailbox can be moved there",
        found.get(0));
    String refused =
        "finding: survive-failover is on, and 127.0.0.2 of the group one takes no session now that"
            + " has lost its store: the store refused imapadmin: ";
    assertTrue(found.get(1).startsWith(refused), found::toString);
    assertEquals(2, found.size());
    Files.writeString(
        file, "openmmp.proxy.one.probe { kind = off, user = \"\" }\n", StandardOpenOption.APPEND);
    assertEquals(List.of(), lint(file), "nobody is named who could be asked about");
  }

  private static List<String> lint(Path file) {
    StringWriter out = new StringWriter();
    PrintWriter both = new PrintWriter(out, true);
    Main.run(both, both, "lint", "--config", file.toString());
    return out.toString().lines().filter(line -> line.contains("survive-failover is on")).toList();
  }

  private static long lacking(ListAppender<ILoggingEvent> lines) {
    return List.copyOf(lines.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(
            line ->
                line.startsWith(
                    "survival-lacking service=imap group=one host=127.0.0.1 lacks=QRESYNC times=1"))
        .count();
  }

  @Test // B9.4
  void inIdleItNoticesNothingOfAQuestionThatIsAnswered() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    first.said.clear();
    doubt();
    assertEquals("DONE", first.awaitSaid());
    assertEquals("i IDLE", first.awaitSaid());
    synchronized (mail) {
      inbox().append(9, Set.of());
    }
    first.tell();
    assertEquals("* 5 EXISTS", client.next());
    client.send("DONE");
    assertEquals("i OK done", client.next());
    client.assertSees(1, 2, 3, 4, 5);
    assertFalse(second.isUsed());
  }

  @Test // B9.4
  void itsOwnDoneMayCrossTheQuestion() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    first.said.clear();
    first.holds(true);
    doubt();
    assertEquals("DONE", first.awaitSaid());
    client.send("DONE");
    client.send("c NOOP");
    first.holds(false);
    assertEquals("i OK done", client.next());
    assertEquals("c OK done", client.next());
    assertEquals("i IDLE", first.awaitSaid());
    assertEquals("DONE", first.awaitSaid());
    client.assertSees(1, 2, 3, 4);
  }

  @ParameterizedTest // B9.4, B9.5: the answer comes while the store is there to be heard
  @ValueSource(booleans = {true, false})
  void whoIsToLeaveWhileItsStoreIsAskedLeavesBehindTheAnswer(boolean inIdle) throws Exception {
    Client client = loggedIn();
    client.command("SELECT INBOX");
    if (inIdle) {
      client.idles();
    }
    first.said.clear();
    first.holds(true);
    doubt();
    assertEquals(inIdle ? "DONE" : "OpenMMP SEARCH UID 1", first.awaitSaid());
    rooms.sessions().move(any -> true, new StoreHost("127.0.0.2")).join();
    rooms.sessions().facts().join(); // what was begun there is done
    first.holds(false);
    second.awaitUsed();
    client.send(inIdle ? "DONE" : "c NOOP");
    assertEquals(inIdle ? "i OK done" : "c OK done", client.next());
    client.assertSees(1, 2, 3, 4);
    assertEquals("127.0.0.2", rooms.sessions().facts().join().get(0).host());
  }

  @Test // B9.4, B9.6
  void aStoreThatDoesNotTakeItBackIntoIdleIsLeft() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    Client stays = loggedIn();
    stays.command("SELECT INBOX");
    stays.send("c NOTIFY NONE");
    stays.nextOf("c ");
    stays.idles();
    first.refusesIdle = true;
    first.takesNobody();
    doubt();
    String heard = stays.rest();
    assertTrue(heard.startsWith("* BYE [UNAVAILABLE] The store does not answer."), heard);
    assertEquals(1, heard.lines().count(), heard);
    second.awaitUsed();
    client.send("DONE");
    assertEquals("i OK done", client.next());
    client.assertSees(1, 2, 3, 4);
  }

  /** All sessions are at stores that were given up. */
  private void doubt() {
    for (int turn = 0; turn < 5; turn++) {
      rooms.sessions().doubtStores(any -> true);
    }
  }

  @Test // B9.5
  void onAnOperatorsWordItLeavesAStoreThatLives() throws Exception {
    Client client = loggedIn();
    client.idlesIn("INBOX");
    assertEquals(Map.of("one", Map.of("", 1)), rooms.sessions().stranded().join());
    rooms.sessions().move(any -> true, new StoreHost("127.0.0.2")).join();
    second.awaitUsed();
    synchronized (mail) {
      inbox().append(9, Set.of());
    }
    client.send("DONE");
    assertEquals("i OK done", client.nextOf("i OK"));
    client.command("NOOP");
    client.assertSees(1, 2, 3, 4, 5);
  }

  private MoveStore.Box inbox() {
    return Objects.requireNonNull(mail.boxes.get("INBOX"));
  }

  private Client loggedIn() throws IOException {
    Client client = new Client(Objects.requireNonNull(server.addresses().get("imap")).get(0));
    open.add(client);
    assertTrue(client.next().startsWith("* OK"));
    assertFalse(client.command("LOGIN alice secret").contains("NOTIFY"));
    return client;
  }

  /** A client that reads lines. */
  private static final class Client implements AutoCloseable {
    private final Socket socket = new Socket();
    private final BufferedReader in;

    Client(InetSocketAddress address) throws IOException {
      socket.connect(address);
      socket.setSoTimeout(60_000);
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    }

    void send(String line) throws IOException {
      socket.getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
    }

    String next() throws IOException {
      return String.valueOf(in.readLine());
    }

    String nextOf(String word) throws IOException {
      String line = next();
      while (!line.contains(word)) {
        assertFalse(line.equals("null") || line.contains("BYE"), line);
        line = next();
      }
      return line;
    }

    String command(String command) throws IOException {
      send("c " + command);
      String line = nextOf("c ");
      assertTrue(line.startsWith("c OK"), line);
      return line;
    }

    void idles() throws IOException {
      send("i IDLE");
      nextOf("+");
    }

    void idlesIn(String mailbox) throws IOException {
      command("SELECT " + mailbox);
      idles();
    }

    void assertSees(Integer... uids) throws IOException {
      send("s UID SEARCH RETURN (ALL) ALL");
      Set<Integer> seen = Set.of();
      for (String line = next(); !line.startsWith("s "); line = next()) {
        if (line.contains(" ALL ")) {
          seen =
              ImapUids.of(line.substring(line.lastIndexOf(' ') + 1)).stream()
                  .collect(Collectors.toSet());
        }
      }
      assertEquals(Set.of(uids), seen);
    }

    /** All that comes until the end. */
    String rest() throws IOException {
      return in.lines().map(line -> line + "\n").collect(Collectors.joining());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** A set of UIDs as a store writes it. */
  private static final class ImapUids {
    static List<Integer> of(String set) {
      List<Integer> all = new ArrayList<>();
      for (String part : set.split(",", -1)) {
        String[] ends = part.split(":", -1);
        for (int uid = Integer.parseInt(ends[0]);
            uid <= Integer.parseInt(ends[ends.length - 1]);
            uid++) {
          all.add(uid);
        }
      }
      return all;
    }
  }

  /** One store host of the mailboxes. */
  private final class Host {
    private final ServerSocket listener = new ServerSocket();
    private final Thread accepting;
    private final Map<Socket, MoveStore.Session> sessions = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> used = new CompletableFuture<>();

    /** Somebody has taken leave of it. */
    final CompletableFuture<Void> left = new CompletableFuture<>();

    /** The first session there has ended. */
    final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final AtomicInteger served = new AtomicInteger();

    volatile String administrator = ADMINISTRATOR;
    volatile boolean hostile;
    volatile String offered = MoveStore.OFFERED;

    /** At which of the commands from now on it closes all connections; 0: at none. */
    final AtomicInteger diesAt = new AtomicInteger();

    volatile boolean always;

    /** The code by which no mailbox can be selected for now; empty if any can. */
    volatile String refusal = "";

    /** The command that is refused so. */
    volatile String refuses = "SELECT";

    volatile boolean refusesIdle;

    /** Whether it says nothing to IDLE, or to logins, any more. */
    volatile boolean hangsAtIdle;

    volatile boolean hangsAtLogin;

    /** A login there hangs. */
    final CompletableFuture<Void> hangs = new CompletableFuture<>();

    /** The lines that were said to it, behind logins. */
    final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    private final Map<Socket, String> held = new ConcurrentHashMap<>();
    private boolean holds;

    Host(String address, int port) throws IOException {
      listener.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      accepting = new Thread(this::accept, "store " + address);
      accepting.setDaemon(true);
      accepting.start();
    }

    int port() {
      return listener.getLocalPort();
    }

    boolean isUsed() {
      return used.isDone();
    }

    void awaitUsed() {
      used.orTimeout(60, TimeUnit.SECONDS).join();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = listener.accept();
          Thread serving = new Thread(() -> serve(client), "store");
          serving.setDaemon(true);
          serving.start();
        }
      } catch (IOException closed) {
        return;
      }
    }

    private void serve(Socket client) {
      boolean isFirst = false;
      try (client) {
        InputStream in = client.getInputStream();
        say(client, "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n");
        String line = line(in);
        while (!login(client, line)) {
          line = line(in);
        }
        isFirst = served.getAndIncrement() == 0;
        MoveStore.Session session = mail.new Session();
        sessions.put(client, session);
        byte[] octets = new byte[8_192];
        for (int read = in.read(octets); read >= 0; read = in.read(octets)) {
          if (diesAt.decrementAndGet() == 0 || (always && diesAt.get() < 0)) {
            for (Socket each : sessions.keySet()) {
              each.close();
            }
            return;
          }
          String sent = new String(octets, 0, read, ISO_8859_1);
          sent.lines().forEach(said::add);
          if (sent.contains("LOGOUT")) {
            left.complete(null);
          }
          if ((!refusal.isEmpty() && sent.contains(refuses))
              || (refusesIdle && sent.endsWith(" IDLE\r\n"))) {
            String tag = sent.substring(0, sent.indexOf(' '));
            say(client, tag + " NO [" + refusal + "] not now\r\n");
            continue;
          }
          if (hangsAtIdle && sent.endsWith(" IDLE\r\n")) {
            continue;
          }
          synchronized (mail) {
            String answer = session.sent(sent);
            if (holds) {
              held.merge(client, answer, String::concat);
            } else {
              say(client, hostile ? "* 1 EXISTS {3}\r\nabc\r\nP9 BAD \0\r\n" : answer);
            }
          }
        }
      } catch (IOException gone) {
        return;
      } finally {
        sessions.remove(client);
        if (isFirst) {
          ended.complete(null);
        }
      }
    }

    private boolean login(Socket client, String line) throws IOException {
      String[] words = line.split(" ", -1);
      if (words.length > 3 && words[1].equals("AUTHENTICATE")) {
        String[] said =
            new String(Base64.getDecoder().decode(words[3]), ISO_8859_1).split("\0", -1);
        if (hangsAtLogin) {
          hangs.complete(null);
          return false;
        }
        boolean in =
            said[2].equals("secret")
                || (said[0].equals("alice")
                    && said[1].equals(administrator)
                    && said[2].equals("admin-secret"));
        say(
            client,
            words[0]
                + (in
                    ? " OK [CAPABILITY " + offered + " NOTIFY] in\r\n"
                    : " NO [AUTHENTICATIONFAILED] no\r\n"));
        if (in) {
          used.complete(null);
        }
        return in;
      }
      say(client, "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n" + words[0] + " OK done\r\n");
      return false;
    }

    private String line(InputStream in) throws IOException {
      StringBuilder line = new StringBuilder();
      for (int octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0) {
          throw new IOException("closed");
        }
        line.append((char) octet);
      }
      return line.toString().strip();
    }

    private void say(Socket client, String text) throws IOException {
      client.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Tells those who idle what has happened. */
    void tell() throws IOException {
      for (Map.Entry<Socket, MoveStore.Session> each : sessions.entrySet()) {
        synchronized (mail) {
          say(each.getKey(), each.getValue().told());
        }
      }
    }

    /** Keeps its answers for itself, or no longer. */
    void holds(boolean now) throws IOException {
      synchronized (mail) {
        holds = now;
        for (Map.Entry<Socket, String> each : held.entrySet()) {
          say(each.getKey(), each.getValue());
        }
        held.clear();
      }
    }

    String awaitSaid() throws InterruptedException {
      return String.valueOf(said.poll(60, TimeUnit.SECONDS));
    }

    /** Ends all sessions, and takes new ones. */
    void drop() throws IOException {
      for (Socket each : sessions.keySet()) {
        each.close();
      }
    }

    void takesNobody() throws Exception {
      listener.close();
      accepting.join(); // until then the system lets clients in
    }

    void die(Death how) throws Exception {
      takesNobody();
      for (Socket each : List.copyOf(sessions.keySet())) {
        if (how == Death.SAYS_BYE) {
          say(each, "* BY");
          say(each, "E going down\r\n");
        } else if (how == Death.RESETS) {
          each.setSoLinger(true, 0);
        }
        each.close();
      }
    }
  }

  /** Everybody's mail is in the group, but of those who are disabled. */
  private static final class Users implements Directory {
    final Set<String> disabled = ConcurrentHashMap.newKeySet();

    @Override
    public CompletionStage<LookupResult> lookUp(LookupRequest request) {
      String name = request.loginName();
      boolean off = disabled.contains(name);
      return CompletableFuture.completedStage(
          new LookupResult(
              off ? LookupResult.Kind.DISABLED : LookupResult.Kind.FOUND,
              name,
              "one",
              name,
              "uid=any",
              Map.of(),
              LookupResult.Freshness.LOOKED_UP,
              off ? "disabled" : "found"));
    }

    @Override
    public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
      return CompletableFuture.completedStage(BindResult.DIRECTORY_DOWN);
    }

    @Override
    public String identityOf(String typed, String defaultDomain) {
      return typed;
    }

    @Override
    public boolean preAuthenticates(String login) {
      return false;
    }

    @Override
    public void forget(String login) {}

    @Override
    public void forgetAll() {}

    @Override
    public void close() {}
  }
}
