package org.openmmp.storesim.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.program.Main;

class DemoTest {
  private final StringWriter said = new StringWriter();

  @TempDir private Path files;
  private DemoWorld world;
  private DemoProxy proxy;

  @BeforeEach
  void start() throws Exception {
    world = DemoWorld.start(files);
    proxy = DemoProxy.start(world.configFile());
  }

  @AfterEach
  void stop() {
    proxy.close();
    world.close();
  }

  private int run(List<String> lines) throws InterruptedException {
    return new DemoScript(world, proxy, new PrintWriter(said)).run(lines);
  }

  /** What was printed since the command, up to the next prompt. */
  private String after(String command) {
    String all = said.toString();
    int start = all.indexOf("demo> " + command + "\n") + command.length() + 7;
    int end = all.indexOf("demo> ", start);
    return all.substring(start, end < 0 ? all.length() : end);
  }

  @Test
  void tourKillsHangsAndElectsAndTheClientSeesOneAnswer() throws Exception { // B2.4, B2.7, B3.10
    assertEquals(0, run(Demo.tour()), said::toString);
    assertEquals(
        """
        huey is dead: its connections are closed and its port refuses
        cluster1 has no master; its replicas will elect one
        the proxy would now try for alice@example.com
          1. huey.example.com: the affinity host; its last answer: accepted: the store accepted the login
          2. dewey.example.com: next of the list
          3. louie.example.com: next of the list
        """,
        after("kill huey"));
    assertEquals(
        """
          C: a1 LOGIN carol@example.org ***
          S: a1 OK Logged in, the master is there
          C: a2 SELECT INBOX
          S: * 1 EXISTS
          S: a2 OK [READ-ONLY] selected
        """,
        after("login carol").replaceAll("(?s)connections: .*", ""));
    assertEquals(
        "cluster1 elects nobody: no quorum: 1 of 3 nodes hear each other",
        after("elect").lines().findFirst().orElseThrow());
    assertFalse(said.toString().contains("REFERRAL"), "the client never sees one");
    assertFalse(said.toString().contains("sesame"), "no password is printed");
  }

  @Test
  void scriptEndsAtTheFirstThingThatIsNotAsExpected() throws InterruptedException {
    assertEquals(1, run(List.of("login alice", "expect nonsense", "kill huey")));
    assertFalse(said.toString().contains("is dead"));
    assertEquals(1, run(List.of("kill mickey", "kill huey")));
    assertTrue(said.toString().contains("there is no store mickey; there are huey, dewey, louie,"));
    assertEquals(1, run(List.of("kill")));
    assertTrue(said.toString().contains("which store? there are huey,"), said::toString);
    assertEquals(1, run(List.of("dance")));
    assertEquals(1, run(List.of("login mallory")));
    assertTrue(said.toString().contains("there is no user mallory; there are alice, bob, "));
    assertEquals(1, run(List.of("fault huey nonsense")));
    assertTrue(said.toString().contains("there is no fault nonsense; there are refuse, "));
    assertTrue(said.toString().contains(", and none, which ends one"));
    assertEquals(1, run(List.of("priority huey high")));
    assertEquals(1, run(List.of("cut")));
    assertEquals(1, run(List.of("cut huey store1a")));
    assertEquals(1, run(List.of("twosites maybe")));
    assertEquals(1, run(List.of("ackpolicy majority")));
    assertTrue(said.toString().contains("there are 0 = none, 1 = one, 2 = one-peer, 3 = quorum,"));
    assertFalse(said.toString().contains("org.openmmp"), "no text of Java's");
  }

  @Test
  void storesAndUsersAreNamedShortOrWholeInAnyCase() throws Exception {
    assertEquals(
        0,
        run(List.of("fault Store1a.Example.COM greet-bye", "start STORE1A", "login Alice")),
        said::toString);
  }

  @Test
  void everyFaultOfTheMasterLeadsToAnotherHostOrAnHonestAnswer() throws Exception { // B2.5, B3.9
    assertEquals(
        0,
        run(
            List.of(
                "fault store1a greet-bye",
                "start store1b",
                "login bob",
                "expect logins: store1b 1",
                "fault huey refuse",
                "await huey",
                "login alice",
                "expect READ-ONLY",
                "directory down",
                "login dave",
                "expect [UNAVAILABLE]")),
        said::toString);
  }

  @Test
  void hostInCoolDownIsToldWithTheTimeThatIsLeft() throws Exception { // B8.3
    assertEquals(
        0,
        run(List.of("fault huey refuse", "await huey", "login alice", "explain alice", "status")),
        said::toString);
    assertTrue(
        Pattern.compile("huey\\.example\\.com: passed over while in cool-down: \\d\\S* m?s left")
            .matcher(after("explain alice"))
            .find(),
        said::toString);
    assertTrue(
        Pattern.compile("huey\\.example\\.com cooling for \\d+ s, last: ")
            .matcher(after("status"))
            .find(),
        said::toString);
    assertFalse(said.toString().contains("some time"), said::toString);
  }

  @Test
  void linesToPasteWork() throws Exception {
    assertEquals(0, run(List.of("help")));
    List<String> pasted = pasted("curl ");
    assertEquals(4, pasted.size());
    assertTrue(shell(pasted.get(0)).contains("Your mail is in the group cluster1."));
    assertTrue(shell(pasted.get(1)).contains("LIST (\\HasNoChildren) \"/\" \"INBOX\""));
    assertTrue(shell(pasted.get(2)).contains("Your mail is in the group cluster1."));
    assertTrue(
        Pattern.compile("\\b1 \\d{3}\r\n").matcher(shell(pasted.get(3))).find(), pasted.get(3));
    assertTrue(shell(pasted("python3 ").get(0)).startsWith("(1, "));
    List<String> openssl = pasted("openssl ");
    assertTrue(shell("echo a LOGOUT | " + openssl.get(0)).contains("a OK"));
    assertTrue(shell("echo QUIT | " + openssl.get(1)).contains("+OK"));
  }

  @Test
  void pastedDeliveriesArrive() throws Exception {
    assertEquals(0, run(List.of("help", "deliver alice", "expect S: 250")));
    String swaks = shell(pasted("swaks ").get(0));
    assertTrue(swaks.contains("<-  250"), swaks);
    assertEquals(0, run(List.of("pop alice", "expect +OK 3 ")), said::toString);
    assertEquals(1, pasted("postconf -e transport_maps=").size());
  }

  @Test
  void pastedCommandsOfAnOperatorReachTheFrontEnd() throws Exception { // B8.5, B8.7
    assertEquals(0, run(List.of("help", "login alice")), said::toString);
    List<String> pasted = pasted("./openmmp ");
    assertEquals(4, pasted.size(), said::toString);
    assertTrue(operator(pasted.get(0)).contains("cluster1 imap: master huey"));
    assertTrue(operator(pasted.get(1)).contains("session"));
    assertTrue(operator(pasted.get(2)).contains("from the front end that runs at "));
    assertTrue(operator(pasted.get(3)).contains(": drained in cluster1; "));
    assertTrue(operator(pasted.get(0)).contains(", drained"));
  }

  private static String operator(String line) {
    StringWriter told = new StringWriter();
    PrintWriter out = new PrintWriter(told, true);
    String[] words = line.substring(line.indexOf(' ') + 1).split(" ", -1);
    assertEquals(0, Main.run(out, out, words), told::toString);
    return told.toString();
  }

  /** The lines to paste that begin so. */
  private List<String> pasted(String begin) {
    return after("help").lines().map(String::strip).filter(line -> line.startsWith(begin)).toList();
  }

  private static String shell(String line) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-c", line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), line);
    return output;
  }
}
