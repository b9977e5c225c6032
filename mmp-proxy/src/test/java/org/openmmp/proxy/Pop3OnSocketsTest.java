package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Pop3OnSocketsTest {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final String LOGIN = "USER bob\r\nPASS secret\r\n";
  private static final String GREETING = " POP3 service is ready.\r\n";
  private static final String NEXT = "+OK Send the password.\r\n";
  private static final String REFERRED_TO_SECOND = "-ERR [SYS/REFER/127.0.0.3] over there";

  @TempDir private Path directory;

  @Test // B4.4, P13
  void whatIsPipelinedBehindALoginReachesTheStoreOnceAndInOrder() throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      String heard = heardAfter(site, LOGIN + "STAT\r\nRETR 1\r\nQUIT\r\n");
      assertTrue(
          heard.endsWith(
              GREETING
                  + NEXT
                  + "+OK welcome\r\n+OK done\r\n+OK\r\nSubject: x\r\n\r\n..\r\n.\r\n+OK done\r\n"),
          heard);
      assertEquals(
          List.of("CAPA", "USER bob", "PASS secret", "STAT", "RETR 1", "QUIT"), site.first.heard());
    }
  }

  @ParameterizedTest // B4.2, R7
  @CsvSource({
    "USER, -ERR [SYS/REFER/127.0.0.3] over there",
    "PASS, -ERR [sys/refer/127.0.0.3] over there",
    "PASS, -ERR [REFERRAL/bob@127.0.0.3:%d] over there",
    "'', -ERR [SYS/REFER/127.0.0.3] over there",
  })
  void referralIsFollowedAndNeverSeen(String keyword, String reply) throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      site.first.answering(keyword, reply.formatted(site.first.port()));
      String heard = heardAfter(site, LOGIN + "QUIT\r\n");
      assertTrue(heard.endsWith(GREETING + NEXT + "+OK welcome\r\n+OK done\r\n"), heard);
      assertEquals(List.of("CAPA", "USER bob", "PASS secret", "QUIT"), site.second.heard());
      assertEquals(!keyword.isEmpty(), site.first.heard().contains("QUIT"), "it is left politely");

      heardAfter(site, LOGIN + "QUIT\r\n");
      assertEquals(8, site.second.heard().size(), "the master is remembered"); // B2.7, B3.6
    }
  }

  @ParameterizedTest // B4.2, B3.7, R1, R4
  @ValueSource(
      strings = {
        "-ERR [SYS/REFER/192.0.2.1] over there",
        "-ERR [SYS/REFER/127.0.0.9] over there",
        "-ERR [REFERRAL/bob@127.0.0.3:1] over there",
        "-ERR [SYS/REFER/] nowhere",
        "-ERR [SYS/REFER/127.0.0.3 unclosed",
      })
  void referralThatCannotBeFollowedIsATemporaryFailure(String reply) throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      site.first.answering("PASS", reply);
      site.second.answering("PASS", reply);
      String heard = heardAfter(site, LOGIN + "QUIT\r\n");
      assertTrue(heard.contains(NEXT + "-ERR [SYS/TEMP] Your mailbox cannot be reached"), heard);
      assertFalse(heard.contains("REFER"), heard);
    }
  }

  @Test // B4.2, R4
  void storesThatReferToEachOtherEndInATemporaryFailure() throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      site.first.answering("USER", REFERRED_TO_SECOND);
      site.second.answering("USER", "-ERR [SYS/REFER/127.0.0.2] no, there");
      assertTrue(heardAfter(site, LOGIN).contains(NEXT + "-ERR [SYS/TEMP] "));
    }
  }

  @ParameterizedTest // B2.5, B4.3
  @CsvSource({
    "USER, -ERR no such user, -ERR [AUTH] Authentication failed.",
    "PASS, -ERR [AUTH] wrong, -ERR [AUTH] Authentication failed.",
    "PASS, -ERR wrong, -ERR [AUTH] Authentication failed.",
    "PASS, -ERR [IN-USE] held by session 7, -ERR [IN-USE] held by session 7",
    "PASS, -ERR [LOGIN-DELAY] wait a minute, -ERR [LOGIN-DELAY] wait a minute",
    "PASS, -ERR [SYS/PERM] broken, -ERR [SYS/PERM] broken",
  })
  void finalAnswerIsToldAndNoOtherStoreIsAsked(String keyword, String reply, String told)
      throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      site.first.answering(keyword, reply);
      String heard = heardAfter(site, LOGIN + "NOOP\r\nQUIT\r\n");
      assertTrue(heard.endsWith(NEXT + told + "\r\n+OK Nothing done.\r\n+OK Goodbye.\r\n"), heard);
      assertEquals(List.of(), site.second.heard());
    }
  }

  @ParameterizedTest // B2.5, B3.10, B4.3, B4.5
  @CsvSource({
    "PASS, -ERR [SYS/TEMP] later, -ERR [SYS/TEMP] later",
    "PASS, close, -ERR [SYS/TEMP] Your mailbox cannot be reached",
    "CAPA, close, -ERR [SYS/TEMP] Your mailbox cannot be reached",
    "'', -ERR [SYS/TEMP] not now, -ERR [SYS/TEMP] Your mailbox cannot be reached",
    "'', * OK IMAP4rev1, -ERR [SYS/TEMP] Your mailbox cannot be reached",
    "'', close, -ERR [SYS/TEMP] Your mailbox cannot be reached",
  })
  void brokenStoreIsFollowedByTheNextOneAndNeverAWrongPassword(
      String keyword, String reply, String told) throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      site.first.answering(keyword, reply);
      String served = heardAfter(site, LOGIN + "QUIT\r\n");
      assertTrue(served.endsWith(NEXT + "+OK welcome\r\n+OK done\r\n"), served);

      site.second.answering(keyword, reply);
      String heard = heardAfter(site, LOGIN + "QUIT\r\n");
      assertTrue(heard.contains(NEXT + told), heard);
    }
  }

  @Test // B2.3, B3.7, T4
  void storesAreSpokenToUnderTlsWherePolicyAsksForIt() throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "openmmp.proxy.one.tls = starttls\n")) {
      assertTrue(heardAfter(site, LOGIN + "QUIT\r\n").endsWith("+OK welcome\r\n+OK done\r\n"));
      assertEquals(List.of("STLS", "CAPA", "USER bob", "PASS secret", "QUIT"), site.first.heard());

      site.first.answering("STLS", "-ERR no");
      site.second.answering("STLS", "-ERR no");
      assertTrue(heardAfter(site, LOGIN).contains("-ERR [SYS/TEMP] "));
      assertEquals(List.of("STLS"), site.second.heard().stream().distinct().toList());
    }
  }

  @Test // B4.1, B6.2, T5
  void clientBeginsTlsAndNothingFromBeforeCounts() throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "")) {
      SSLContext trusting = PemTls.client(site.certificates.authorityFile());
      try (Socket plain = connected(site.address(false))) {
        plain.getOutputStream().write("USER eve\r\nSTLS\r\n".getBytes(US_ASCII));
        String before = line(plain) + line(plain) + line(plain);
        assertTrue(before.endsWith("+OK Begin TLS negotiation now."), before);
        try (SSLSocket tls = secured(trusting, plain)) {
          tls.getOutputStream().write(("PASS x\r\n" + LOGIN + "QUIT\r\n").getBytes(US_ASCII));
          String heard = new String(tls.getInputStream().readAllBytes(), US_ASCII);
          assertEquals("-ERR USER comes first.\r\n" + NEXT + "+OK welcome\r\n+OK done\r\n", heard);
        }
      }
      assertFalse(site.first.heard().toString().contains("eve"));
    }
  }

  @Test // B4.1
  void clientComesInUnderTlsFromTheStart() throws Exception {
    try (Pop3Site site = new Pop3Site(directory, "openmmp.pop3.clear-text-passwords = never\n")) {
      SSLContext trusting = PemTls.client(site.certificates.authorityFile());
      try (SSLSocket tls = secured(trusting, connected(site.address(true)))) {
        tls.getOutputStream().write((LOGIN + "QUIT\r\n").getBytes(US_ASCII));
        String heard = new String(tls.getInputStream().readAllBytes(), US_ASCII);
        assertTrue(heard.endsWith(NEXT + "+OK welcome\r\n+OK done\r\n"), heard);
      }
      String inClear = heardAfter(site, LOGIN);
      assertTrue(inClear.endsWith("-ERR Begin TLS first.\r\n".repeat(2)), inClear); // B3.2
    }
  }

  /** What the proxy says until it closes, to a client that says this and then no more. */
  private static String heardAfter(Pop3Site site, String commands) throws IOException {
    try (Socket client = connected(site.address(false))) {
      client.getOutputStream().write(commands.getBytes(US_ASCII));
      client.shutdownOutput();
      return new String(client.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private static Socket connected(InetSocketAddress address) throws IOException {
    Socket client = new Socket();
    client.connect(address);
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }

  private static SSLSocket secured(SSLContext context, Socket plain) throws IOException {
    return (SSLSocket)
        context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
  }

  /** The next line without its end; nothing behind it is read. */
  private static String line(Socket client) throws IOException {
    InputStream in = client.getInputStream();
    StringBuilder line = new StringBuilder();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      line.append((char) octet);
    }
    return line.toString().strip();
  }
}
