package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.BadConfigException;
import org.openmmp.transport.SessionFacts;
import org.openmmp.wire.Network;

class SessionOnSocketsTest {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int MOST_READ_AHEAD = 16 * 1024 * 1024;

  @TempDir private Path directory;
  private OneStoreSite site;

  @BeforeEach
  void start() throws IOException, BadConfigException {
    site = new OneStoreSite(directory);
  }

  @AfterEach
  void stop() throws IOException {
    site.close();
  }

  @ParameterizedTest // B2.5, B3.4, B3.10, B3.11
  @CsvSource({
    "'a LOGIN bob secret|b LOGOUT|', a OK, b OK",
    "'a LOGIN bob secret|b NOOP|c LOGOUT|', b OK, c OK",
    "'a LOGIN bob wrong|b LOGOUT|', a NO [AUTHENTICATIONFAILED], b OK",
    "'a LOGIN bob wrong|', a NO, [AUTHENTICATIONFAILED]",
    "'a NOOP|', a OK, a OK",
    "'a LOGIN bob fin|', [ALERT], a NO [UNAVAILABLE]",
  })
  void clientThatEndsItsDirectionAtOnceIsServedToItsLastCommand(
      String commands, String first, String second) throws IOException {
    String heard = heardAfter(commands.replace("|", "\r\n"));
    assertTrue(heard.contains(first) && heard.contains(second), heard);
  }

  @Test // B3.1, B3.4
  void clientAndStoreProveThePasswordToEachOther() throws IOException {
    heardAfter("a LOGIN bob secret\r\nb LOGOUT\r\n"); // the store is heard, and what it has
    String heard =
        heardAfter(
            String.join(
                "\r\n",
                "a AUTHENTICATE SCRAM-SHA-256",
                OneStoreSite.base64(OneStoreSite.SCRAM.clientFirst()),
                OneStoreSite.base64(OneStoreSite.SCRAM.clientFinal("secret")),
                "",
                "b LOGOUT",
                ""));
    assertTrue(
        heard.contains("\r\n+ " + OneStoreSite.base64(OneStoreSite.SCRAM.serverFinal("secret"))),
        heard);
    assertTrue(heard.contains("a OK done") && heard.contains("b OK done"), heard);
  }

  @Test // B2.5, B3.10
  void wrongProofIsAWrongPassword() throws IOException {
    heardAfter("a LOGIN bob secret\r\nb LOGOUT\r\n");
    String heard =
        heardAfter(
            String.join(
                "\r\n",
                "a AUTHENTICATE SCRAM-SHA-256 "
                    + OneStoreSite.base64(OneStoreSite.SCRAM.clientFirst()),
                OneStoreSite.base64(OneStoreSite.SCRAM.clientFinal("guess")),
                "b NOOP",
                ""));
    assertTrue(heard.contains("a NO [AUTHENTICATIONFAILED]"), heard);
    assertTrue(heard.contains("b OK"), heard);
  }

  @Test
  void openSessionIsKnownByWhoseItIsAndWhere() throws IOException {
    try (Socket client = new Socket()) {
      client.connect(site.address());
      client.setSoTimeout(PATIENCE_MILLIS);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
      in.readLine();
      SessionFacts before = site.sessions().get(0);
      assertEquals("", before.user() + before.group() + before.host());
      client.getOutputStream().write("a LOGIN bob secret\r\nb NOOP\r\n".getBytes(US_ASCII));
      for (String line = in.readLine(); !line.startsWith("b OK"); ) {
        line = in.readLine();
      }
      SessionFacts after = site.sessions().get(0);
      assertEquals(before.id(), after.id());
      assertEquals(before.since(), after.since());
      assertEquals(
          "imap bob one 127.0.0.1",
          String.join(" ", after.service(), after.user(), after.group(), after.host()));
      assertEquals(Network.of(client.getLocalAddress()), after.network());
      assertEquals("b NOOP\r\n".length(), after.fromClient());
      assertTrue(after.toClient() >= "b OK done\r\n".length(), after::toString);
    }
  }

  @Test // B9.4: the store takes nobody else, and its one session finds that it answers
  void sessionAtAStoreThatWasGivenUpAsksForItselfAndGoesOn() throws Exception {
    String quick = "openmmp.proxy-defaults { greeting-timeout = 300ms, wait-for-store = 100ms }";
    try (OneStoreSite doubted = new OneStoreSite(directory, quick);
        Socket client = new Socket()) {
      client.connect(doubted.address());
      client.setSoTimeout(PATIENCE_MILLIS);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
      client.getOutputStream().write("a LOGIN bob secret\r\nb NOOP\r\n".getBytes(US_ASCII));
      for (String line = in.readLine(); !line.startsWith("b OK"); ) {
        line = in.readLine();
      }
      try (Socket other = new Socket()) {
        other.connect(doubted.address());
        other.getOutputStream().write("a LOGIN bob secret\r\n".getBytes(US_ASCII));
        for (String command = ""; !command.equals("OpenMMP NOOP"); ) {
          command = doubted.commands.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
          assertNotNull(command, "nothing was asked");
        }
      }
      client.getOutputStream().write("c SELECT x\r\n".getBytes(US_ASCII));
      assertEquals("c OK done", in.readLine(), "our answer is not the client's");
    }
  }

  @Test // B6.1
  void mistakeOfOursEndsItsSessionWithGoodbye() throws IOException {
    String heard = heardAfter("a LOGIN bug secret\r\n");
    assertTrue(heard.contains("* BYE"), heard);
  }

  @Test // B6.1
  void clientThatTakesNoAnswersIsNotReadForEver() throws IOException {
    byte[] commands = "a NOOP\r\n".repeat(8 * 1024).getBytes(US_ASCII);
    long written = 0;
    try (SocketChannel client = SocketChannel.open();
        Selector selector = Selector.open()) {
      client.setOption(StandardSocketOptions.SO_RCVBUF, 8 * 1024);
      client.connect(site.address());
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer next = ByteBuffer.wrap(commands);
      while (selector.select(2_000) > 0 && written < MOST_READ_AHEAD) {
        selector.selectedKeys().clear();
        written += client.write(next);
        if (!next.hasRemaining()) {
          next.rewind();
        }
      }
    }
    assertTrue(written < MOST_READ_AHEAD, "read " + written + " octets");
  }

  /** What the proxy says until it closes, to a client that says this and then no more. */
  private String heardAfter(String commands) throws IOException {
    try (Socket client = new Socket()) {
      client.connect(site.address());
      client.setSoTimeout(PATIENCE_MILLIS);
      client.getOutputStream().write(commands.getBytes(US_ASCII));
      client.shutdownOutput();
      return new String(client.getInputStream().readAllBytes(), US_ASCII);
    }
  }
}
