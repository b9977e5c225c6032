package org.openmmp.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.testkit.HeldSockets;

/**
 * Forms that old clients send before login, to Dovecot, to Cyrus and to the program. The table says
 * what each of them answers: the program takes what both take, and the spaces that Dovecot takes.
 */
@Tag("real-servers")
final class OldClientFormsTest {
  private static final String PASSWORD = "Se cret@7\\\"x";
  private static final MailUser ALICE = new MailUser("alice", "example.com", PASSWORD);
  private static final MailUser CARLA = new MailUser("carla", "example.com", PASSWORD);
  private static final String CYRUS = "cyrus.example.com";

  private static MailSite site;
  private static Cyrus cyrus;
  private static ProxyProcess proxy;

  /**
   * What a client sends and how it is answered: the words of the responses, or the status
   * indicators of the replies.
   *
   * @param form with {@code %u} for the name, {@code %p} for the password, {@code %q} for what is
   *     between the quotes of a quoted one, {@code %l} for its length, {@code %b} for the message
   *     of PLAIN
   */
  private record Row(String form, String dovecot, String cyrus, String ours) {
    @Override
    public String toString() {
      return form.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t");
    }
  }

  @BeforeAll
  static void start() {
    site = new MailSite(OldClientFormsTest.class, List.of(ALICE));
    cyrus = new Cyrus(site.run(), site.cyrus(CYRUS), List.of(CARLA));
    LogWatch watch = site.watch();
    watch.expect("refused-untold bad-command="); // what the table refuses, over the pace of the log
    proxy = site.startProxy(watch, "openmmp.limits.logins-per-second-per-address = 0");
  }

  @AfterAll
  static void stop() {
    proxy.close();
    cyrus.close();
    site.close();
  }

  static Stream<Row> imap() { // B3.16
    return Stream.of(
        row("a NOOP \r\n", "OK", "BAD", "OK"),
        row("a NOOP  \r\n", "OK", "BAD", "OK"),
        row("a  NOOP\r\n", "BAD", "BAD", "BAD"),
        row(" a NOOP\r\n", "*BAD", "*BAD", "*BAD"),
        row("a noop\r\n", "OK", "OK", "OK"),
        row("a NOOP\n", "OK", "OK", "OK"),
        row("a NOOP\t\r\n", "BAD", "BAD", "BAD"),
        row("a NOOP x\r\n", "OK", "BAD", "BAD"),
        row("\r\na NOOP\r\n", "*BAD OK", "*BAD OK", "*BAD OK"),
        row("* NOOP\r\n", "*BAD", "*BAD", "*BAD"),
        row("a+b NOOP\r\n", "*BAD", "OK", "*BAD"),
        row("a CAPABILITY \r\n", "OK", "BAD", "OK"),
        row("a ENABLE UTF8=ACCEPT\r\n", "OK", "BAD", "OK"),
        row("a SELECT INBOX\r\n", "BAD", "BAD", "BAD"),
        row("a ID NIL \r\n", "OK", "BAD", "OK"),
        row("a ID  NIL\r\n", "OK", "BAD", "OK"),
        row("a ID (\"name\" \"x\") \r\n", "OK", "BAD", "OK"),
        row("a ID ( \"name\" \"x\" )\r\n", "OK", "BAD", "OK"),
        row("a ID (\"name\"  \"x\")\r\n", "OK", "BAD", "OK"),
        row("a ID (\"name\" \"x\"\"b\" \"c\")\r\n", "OK", "BAD", "OK"),
        row("a ID (\"name\")\r\n", "OK", "BAD", "OK"),
        row("a ID (\"name\" \"x\" \"y\")\r\n", "OK", "BAD", "OK"),
        row("a ID\r\n", "OK", "BAD", "OK"),
        row("a ID ()\r\n", "OK", "BAD", "OK"),
        row("a ID (name x)\r\n", "BAD", "BAD", "BAD"),
        row("a ID (\"name\" x)\r\n", "BAD", "BAD", "BAD"),
        row("a ID \"x\"\r\n", "BAD", "BAD", "BAD"),
        row("a ID (\"name\" \"x\")x\r\n", "OK", "BAD", "BAD"),
        row("a ID (\"name\" \"t\tb\")\r\n", "OK", "OK", "OK"),
        row("a ID (\"name\" \"\\n\")\r\n", "OK", "OK", "OK"),
        row("a ID (\"\" \"\")\r\n", "OK", "OK", "OK"),
        row("a ID (\"date\" \"x\" \"date\" \"y\")\r\n", "OK", "OK", "OK"),
        row("a LOGIN %u \"%q\" \r\n", "OK", "BAD", "OK"),
        row("a LOGIN  %u \"%q\"\r\n", "OK", "BAD", "OK"),
        row("a LOGIN %u  \"%q\"\r\n", "OK", "BAD", "OK"),
        row("a LOGIN \"%u\"\"%q\"\r\n", "OK", "BAD", "OK"),
        row("a LOGIN \"%u\" \"%q\"x\r\n", "BAD", "BAD", "BAD"),
        row("a LOGIN \"%u\" \"Se cret\\@7\\\\\\\"x\"\r\n", "OK", "OK", "OK"),
        row("a LOGIN %u \"%q\" x\r\n", "BAD", "BAD", "BAD"),
        row("a login %u \"%q\"\r\n", "OK", "OK", "OK"),
        row("a LOGIN %u\t\"%q\"\r\n", "BAD", "BAD", "BAD"),
        row("a LOGIN %u {%l}\r\n%p\r\n", "+ OK", "+ OK", "+ OK"),
        row("a LOGIN %u {%l+}\r\n%p \r\n", "OK", "BAD", "OK"),
        row("a LOGIN {5+}\r\n%u{%l+}\r\n%p\r\n", "OK", "BAD", "OK"),
        row("a LOGIN {05+}\r\n%u {%l+}\r\n%p\r\n", "OK", "OK", "OK"),
        row("a LOGIN \"%u\" wr\"x\r\n", "BAD", "BAD", "BAD"),
        row("a LOGIN \"%u\" \"wrong\r\n", "BAD", "BAD", "BAD"),
        row("a LOGIN \"%u\"\r\n", "BAD", "BAD", "BAD"),
        row("a AUTHENTICATE PLAIN %b \r\n", "OK", "BAD", "OK"),
        row("a AUTHENTICATE  PLAIN %b\r\n", "BAD", "BAD", "OK"),
        row("a AUTHENTICATE PLAIN  %b\r\n", "OK", "BAD", "OK"),
        row("a AUTHENTICATE PLAIN \r\n%b\r\n", "+ OK", "NO *BAD", "+ OK"),
        row("a AUTHENTICATE PLAIN \"%b\"\r\n", "BAD", "BAD", "BAD"),
        row("a AUTHENTICATE PLAIN %b x\r\n", "BAD", "BAD", "BAD"));
  }

  static Stream<Row> pop3() { // B3.16
    return Stream.of(
        row("NOOP \r\n", "-ERR", "-ERR", "+OK"),
        row("CAPA \r\n", "+OK", "-ERR", "+OK"),
        row("NOOP x\r\n", "-ERR", "-ERR", "-ERR"),
        row(" NOOP\r\n", "-ERR", "-ERR", "-ERR"),
        row("user %u\r\npass %p\r\n", "+OK +OK", "+OK +OK", "+OK +OK"),
        row("USER %u\nPASS %p\n", "+OK +OK", "+OK +OK", "+OK +OK"),
        row("USER\t%u\r\n", "-ERR", "+OK", "-ERR"),
        row("AUTH \r\n", "+OK", "+OK", "+OK"),
        row("AUTH PLAIN \r\n%b\r\n", "+ +OK", "-ERR -ERR", "+ +OK"));
  }

  @ParameterizedTest
  @MethodSource("imap")
  void imapFormIsAnsweredAsTheTableSays(Row row) throws IOException {
    assertEquals(row.dovecot(), imap(site.huey().at(MailPort.IMAP), row.form(), ALICE), "Dovecot");
    assertEquals(row.cyrus(), imap(cyrus.at(MailPort.IMAP), row.form(), CARLA), "Cyrus");
    assertEquals(row.ours(), imap(program(MailProtocol.IMAP), row.form(), ALICE), "the program");
  }

  @ParameterizedTest
  @MethodSource("pop3")
  void pop3FormIsAnsweredAsTheTableSays(Row row) throws IOException {
    assertEquals(row.dovecot(), pop3(site.huey().at(MailPort.POP3), row.form(), ALICE), "Dovecot");
    assertEquals(row.cyrus(), pop3(cyrus.at(MailPort.POP3), row.form(), CARLA), "Cyrus");
    assertEquals(row.ours(), pop3(program(MailProtocol.POP3), row.form(), ALICE), "the program");
  }

  private static Row row(String form, String dovecot, String cyrus, String ours) {
    return new Row(form, dovecot, cyrus, ours);
  }

  private static InetSocketAddress program(MailProtocol protocol) {
    Endpoint endpoint = proxy.at(protocol, Security.PLAIN);
    return new InetSocketAddress(endpoint.host(), endpoint.port());
  }

  /** The words of tagged responses, requests to go on, and untagged refusals, in their order. */
  private static String imap(InetSocketAddress at, String form, MailUser user) throws IOException {
    StringBuilder words = new StringBuilder();
    try (Talk talk = new Talk(at)) {
      talk.in.readLine();
      talk.send(filled(form, user) + "z LOGOUT\r\n");
      for (String line = talk.in.readLine();
          line != null && !line.startsWith("z ");
          line = talk.in.readLine()) {
        if (line.startsWith("+")) {
          words.append(" +");
        } else if (line.startsWith("* BAD")) {
          words.append(" *BAD");
        } else if (!line.startsWith("* ")) {
          words.append(' ').append(line.split(" ", 3)[1]);
        }
      }
    }
    return words.toString().strip();
  }

  /** The status indicators of all replies but that to QUIT, in their order. */
  private static String pop3(InetSocketAddress at, String form, MailUser user) throws IOException {
    StringBuilder statuses = new StringBuilder();
    try (Talk talk = new Talk(at)) {
      talk.in.readLine();
      talk.send(filled(form, user) + "QUIT\r\n");
      for (String line = talk.in.readLine(); line != null; line = talk.in.readLine()) {
        if (line.startsWith("+") || line.startsWith("-ERR")) {
          statuses.append(' ').append(line.split(" ", 2)[0]);
        }
      }
    }
    return statuses.toString().strip().replaceFirst(" ?\\+OK$", "");
  }

  private static String filled(String form, MailUser user) {
    String plain = "\0" + user.name() + "\0" + user.password();
    return form.replace("%u", user.name())
        .replace("%q", user.password().replace("\\", "\\\\").replace("\"", "\\\""))
        .replace("%p", user.password())
        .replace("%l", Integer.toString(user.password().length()))
        .replace("%b", Base64.getEncoder().encodeToString(plain.getBytes(ISO_8859_1)));
  }

  private static final class Talk implements AutoCloseable {
    private final Socket socket = HeldSockets.hold(new Socket());
    private final BufferedReader in;

    Talk(InetSocketAddress at) throws IOException {
      socket.connect(at);
      socket.setSoTimeout(30_000);
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    }

    void send(String octets) throws IOException {
      socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
