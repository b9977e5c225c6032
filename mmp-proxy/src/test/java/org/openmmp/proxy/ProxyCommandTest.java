package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.program.Main;
import org.openmmp.program.Program;

class ProxyCommandTest {
  /** As sysexits.h has it. */
  private static final int EX_CONFIG = 78;

  private static final String BASE = "base-dn = \"dc=example,dc=com\"";

  private static final String LISTEN =
      """
      openmmp.imap { listen = [%s], clear-text-passwords = always }
      openmmp.admin { listen = "127.0.0.1:0", socket = null }
      """;

  @TempDir private Path directory;

  @ParameterizedTest // B7.1
  @CsvSource({
    "'filter = \"({user}=x)\"', openmmp.directory.filter",
    "'filter = \"(&(uid=x){login})\"', openmmp.directory.filter",
    "'filter = \"(uid=x\"', openmmp.directory.filter",
    "'base-dn = \"{domain}=x,dc=com\"', openmmp.directory.base-dn",
    "'store-name = \"{nobody}\"', openmmp.directory.store-name",
  })
  void templateThatCannotBeOneIsRefusedByItsKey(String setting, String key) throws IOException {
    for (String command : new String[] {"proxy", "lint", "explain"}) {
      StringWriter errors = new StringWriter();
      Path file = file(BASE + "\n" + setting, LISTEN.formatted("\"127.0.0.1:0\""));
      String[] arguments =
          command.equals("explain")
              ? new String[] {command, "--config", file.toString(), "bob"}
              : new String[] {command, "--config", file.toString()};
      int status = Main.run(new PrintWriter(errors), new PrintWriter(errors, true), arguments);
      assertEquals(EX_CONFIG, status, command);
      assertTrue(errors.toString().contains(key), errors.toString());
      assertFalse(errors.toString().contains("Exception"), errors.toString());
    }
  }

  @Test // B7.16
  void lintNamesWhatTakesOverInEachGroupAndWhatThatWouldCarry() throws IOException {
    String groups =
        """
        openmmp.proxy {
          g.storehostlist = "127.0.0.21 127.0.0.22"
          h.storehostlist = "127.0.0.22 127.0.0.21"
        }
        """;
    Path file = file(BASE, LISTEN.formatted("\"127.0.0.1:0\"") + groups);
    StringWriter out = new StringWriter();
    String name = file.toString();
    assertEquals(0, Main.run(new PrintWriter(out), new PrintWriter(out), "lint", "--config", name));
    assertTrue(
        out.toString()
            .contains(
                """
                availability: group g: symmetric: 127.0.0.21 is the primary; 127.0.0.22, which serves other groups and falls back on it in turn, takes over
                availability: group h: symmetric: 127.0.0.22 is the primary; 127.0.0.21, which serves other groups and falls back on it in turn, takes over
                availability: host 127.0.0.22 would carry g when 127.0.0.21 fails, besides its own h: up to 2 groups at once
                availability: host 127.0.0.21 would carry h when 127.0.0.22 fails, besides its own g: up to 2 groups at once
                group table\
                """),
        out.toString());
    StringWriter tree = new StringWriter();
    Main.run(
        new PrintWriter(tree, true), new PrintWriter(tree), "lint", "--json", "--config", name);
    assertTrue(tree.toString().contains("\"model\":\"symmetric\""), tree.toString());
    assertTrue(tree.toString().contains("\"takeovers\":[\"group g: symmetric"), tree.toString());
  }

  @Test // B7.1
  void proxyWithoutListenersSaysWhatIsMissing() throws IOException {
    StringWriter errors = new StringWriter();
    Path file = file(BASE, "");
    int status =
        Main.run(
            new PrintWriter(errors),
            new PrintWriter(errors, true),
            "proxy",
            "--config",
            file.toString());
    assertEquals(EX_CONFIG, status);
    assertTrue(errors.toString().contains("openmmp.imap.listen"), errors.toString());
  }

  @Test // B7.1, B7.8: another start would meet the same port
  void twoListenersAtOnePortAreRefusedByTheirKeys() throws IOException {
    StringWriter errors = new StringWriter();
    Path file =
        file(
            BASE,
            LISTEN.formatted("\"127.0.0.1:1143\"")
                + "\nopenmmp.pop3 { listen = [\"*:1143\"], clear-text-passwords = always }"
                + "\nopenmmp.lmtp.listen = [\"127.0.0.1:1143\"]");
    int status =
        Main.run(
            new PrintWriter(errors),
            new PrintWriter(errors, true),
            "proxy",
            "--config",
            file.toString());
    assertEquals(EX_CONFIG, status);
    assertEquals(
        """
        openmmp: openmmp.pop3.listen has 0.0.0.0:1143, and openmmp.imap.listen has 127.0.0.1:1143: one port serves one of them
        openmmp: the configuration is refused
        """,
        errors.toString(),
        "and nothing of the relay's listener, which this process does not open");
  }

  @ParameterizedTest
  @CsvSource({"relay", "all"})
  void serverThatIsNotInstalledIsNamed(String command) throws IOException {
    StringWriter errors = new StringWriter();
    Path file = file(BASE, LISTEN.formatted("\"127.0.0.1:0\""));
    int status =
        Main.run(
            new PrintWriter(errors),
            new PrintWriter(errors, true),
            command,
            "--config",
            file.toString());
    assertEquals(EX_CONFIG, status); // B7.8: another start would be refused too
    assertEquals(
        "openmmp: the relay is not part of this installation, which has [proxy]",
        errors.toString().strip());
  }

  @Test // B7.1
  void startThatFailsLeavesNothingOpen()
      throws IOException, BadConfigException, InterruptedException {
    Set<Thread> before = loops();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      OpenMmpConfig config =
          ConfigReader.load(
              file(
                  BASE,
                  LISTEN.formatted("\"127.0.0.1:0\", \"127.0.0.1:" + taken.getLocalPort() + "\"")));
      IOException refused =
          assertThrows(IOException.class, () -> Program.start(config, Set.of("proxy")));
      assertTrue(refused.toString().contains(":" + taken.getLocalPort()), refused.toString());
    }
    for (Thread ending : loops()) { // Netty tells the end of a loop from the loop's own thread
      if (!before.contains(ending)) {
        ending.join(TimeUnit.SECONDS.toMillis(30));
        assertFalse(ending.isAlive(), ending.getName() + " is open");
      }
    }
  }

  @Test // B8.1
  void drainSaysGoodbyeToAClientAndFreesThePort() throws IOException, BadConfigException {
    OpenMmpConfig config =
        ConfigReader.load(
            file(BASE, LISTEN.formatted("\"127.0.0.1:0\"") + "\nopenmmp.drain.limit = 0s"));
    Program program = Program.start(config, Set.of("proxy"));
    InetSocketAddress imap = program.addresses("imap").get(0);
    try (Socket client = new Socket(imap.getAddress(), imap.getPort())) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
      assertTrue(Objects.requireNonNull(in.readLine()).startsWith("* OK "));
      program.drain();
      assertTrue(Objects.requireNonNull(in.readLine()).startsWith("* BYE "));
      assertNull(in.readLine());
    }
    new ServerSocket(imap.getPort(), 1, imap.getAddress()).close();
  }

  private static Set<Thread> loops() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().startsWith("loop"))
        .collect(Collectors.toSet());
  }

  private Path file(String ofDirectory, String more) throws IOException {
    return Files.writeString(
        directory.resolve("openmmp.conf"),
        "openmmp.directory {\nurls = \"ldap://127.0.0.1:1\"\n%s\n}\n%s\n"
            .formatted(ofDirectory, more));
  }
}
