package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.TestCertificates;
import org.openmmp.wire.Secret;

/**
 * Every check of a self-test fails at a listener that does what it is there to find (rule B7.17).
 */
class ListenerTrialTest {
  private static final InetAddress LOCALHOST =
      Objects.requireNonNull(AddressLiteral.parse("127.0.0.1"));

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** For what never ends: early or late, it fails. */
  private static final Duration SHORT = Duration.ofSeconds(5);

  /** A line that is so long is closed by a bad listener that is to be done with it soon. */
  private static final int LONG = 1 << 20;

  private SSLContext tls;

  @BeforeEach
  void certificate() throws Exception {
    tls = certificate("mail.example.com", -1, 365);
  }

  /**
   * A server's side of TLS, with a certificate that is good from so many days hence for so long.
   */
  private static SSLContext certificate(String name, int from, int days) throws Exception {
    Instant begin = Instant.now().plus(Duration.ofDays(from));
    X509Bundle made =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=x")
            .addExtensionOctetString("2.5.29.17", false, TestCertificates.dnsName(name))
            .notBefore(begin)
            .notAfter(begin.plus(Duration.ofDays(days)))
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(made.toKeyManagerFactory().getKeyManagers(), null, null);
    return context;
  }

  /** What a bad listener says to a line, and to what came with it behind STARTTLS. */
  private final class Bad implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, LOCALHOST);
    private final String label;
    private final boolean letsIn;
    private volatile boolean closesLongLines;

    Bad(String label, boolean letsIn) throws IOException {
      closesLongLines = !label.equals("lmtp");
      this.label = label;
      this.letsIn = letsIn;
      Thread accepting = new Thread(this::accept, "bad listener");
      accepting.setDaemon(true);
      accepting.start();
    }

    private void accept() {
      while (!listener.isClosed()) {
        try {
          Socket client = listener.accept();
          Thread talking = new Thread(() -> talk(client), "bad session");
          talking.setDaemon(true);
          talking.start();
        } catch (IOException closed) {
          return;
        }
      }
    }

    private void talk(Socket accepted) {
      try (accepted) {
        Socket client = accepted;
        if (label.endsWith("s")) {
          // a header in front of TLS is passed over
          byte[] first = accepted.getInputStream().readNBytes(1);
          if (first[0] == 'P') {
            int octet = first[0];
            while (octet != '\n') {
              octet = accepted.getInputStream().read();
            }
            client = secured(accepted, new byte[0]);
          } else {
            client = secured(accepted, first);
          }
        }
        say(
            client,
            label.startsWith("imap")
                ? "* OK hello"
                : label.equals("lmtp") ? "220 hello" : "+OK hello");
        BufferedReader in = reader(client);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (line.startsWith("PROXY ")) {
            continue;
          }
          String[] words = label.startsWith("imap") ? line.split(" ", 2) : new String[] {"", line};
          String verb = words[words.length - 1].split(" ", 2)[0];
          boolean beginsTls = verb.equals("STARTTLS") || verb.equals("STLS");
          // Looked at before the answer: what comes behind that is TLS.
          String behind = beginsTls && in.ready() ? in.readLine() : null;
          say(client, answer(words[0], verb));
          if (beginsTls) {
            client = secured(client, new byte[0]);
            if (behind != null) {
              say(client, answer(behind.split(" ", 2)[0], "XSELFTEST"));
            }
            in = reader(client);
          }
        }
      } catch (IOException | GeneralSecurityException ended) {
        return;
      }
    }

    private String answer(String tag, String verb) {
      boolean imap = label.startsWith("imap");
      boolean lmtp = label.equals("lmtp");
      return switch (verb) {
        case "CAPABILITY" -> "* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + " OK done";
        case "CAPA" -> "+OK list\r\nSTLS\r\nUSER\r\n.";
        case "LHLO" -> "250-hello\r\n250 STARTTLS";
        case "STARTTLS" -> imap ? tag + " OK begin" : "220 begin";
        case "STLS" -> "+OK begin";
        case "LOGIN" -> letsIn ? tag + " OK welcome" : tag + " NO [UNAVAILABLE] later";
        case "USER" -> "+OK";
        case "PASS" -> letsIn ? "+OK welcome" : "-ERR [SYS/TEMP] later";
        default ->
            imap
                ? tag + " BAD what"
                : !lmtp ? "-ERR what" : verb.startsWith("AAAA") ? "250 fine" : "500 what";
      };
    }

    private Socket secured(Socket client, byte[] consumed)
        throws IOException, GeneralSecurityException {
      SSLSocket under =
          (SSLSocket)
              (consumed.length == 0
                  ? tls.getSocketFactory().createSocket(client, "", 0, true)
                  : tls.getSocketFactory()
                      .createSocket(client, new ByteArrayInputStream(consumed), true));
      under.setUseClientMode(false);
      under.startHandshake();
      return under;
    }

    private BufferedReader reader(Socket client) throws IOException {
      return new BufferedReader(
          new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1)) {
        @Override
        public @Nullable String readLine() throws IOException {
          StringBuilder line = new StringBuilder();
          for (int c = read(); c != '\n'; c = read()) {
            if (c < 0 || (closesLongLines && line.length() > LONG)) {
              return null;
            }
            if (c != '\r') {
              line.append((char) c);
            }
          }
          return line.toString();
        }
      };
    }

    private void say(Socket client, String line) throws IOException {
      OutputStream out = client.getOutputStream();
      out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    /** The checks by name, each as {@code VERDICT reason}. */
    Map<String, String> tried(String passwords, boolean header, String name) {
      return tried(passwords, header, name, PATIENCE);
    }

    private Map<String, String> tried(
        String passwords, boolean header, String name, Duration patience) {
      return found(
          new ListenerTrial(
                  label,
                  new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()),
                  passwords,
                  header,
                  false,
                  name,
                  false,
                  patience)
              .run("nobody", "alice", Secret.of("right")));
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test // B7.17
  void listenerThatTakesEverythingFailsEveryCheck() throws Exception {
    tls = certificate("mail.example.com", -30, 20);
    try (Bad bad = new Bad("imap", true)) {
      Map<String, String> found = bad.tried("never", false, "mail.example.com");
      assertEquals(
          List.of(
              "bad-commands FAIL the connection stays open after 1001 bad commands",
              "certificate FAIL ended at",
              "long-line PASS the connection is closed before 2 MiB without a line end are over",
              "plain-login FAIL a login in the clear was looked at: t OK welcome",
              "proxy-header FAIL the header was passed over: it may have been believed",
              "right-password PASS is let in",
              "starttls-injection FAIL what was sent in the clear was carried out under TLS: i BAD"
                  + " what",
              "unknown-user FAIL a wrong password was let in: t OK welcome",
              "wrong-password FAIL a wrong password was let in: t OK welcome"),
          found.entrySet().stream()
              .map(
                  each -> each.getKey() + " " + each.getValue().replaceFirst("(ended at) .*", "$1"))
              .toList());
    }
  }

  @Test // B7.17
  void lineWithoutAnEndThatIsTakenFails() throws Exception {
    try (Bad bad = new Bad("imap", true)) {
      bad.closesLongLines = false;
      String seen = bad.tried("never", false, "mail.example.com", SHORT).get("long-line");
      assertTrue(String.valueOf(seen).startsWith("FAIL "), seen);
    }
  }

  @ParameterizedTest // B7.17
  @CsvSource({
    "pop3, never, plain-login, FAIL a login in the clear was looked at: +OK",
    "pop3, never, starttls-injection, FAIL what was sent in the clear was carried out under TLS:"
        + " -ERR what",
    "pop3, never, unknown-user, FAIL a wrong password was let in: +OK welcome",
    "pop3, never, proxy-header, FAIL the header was passed over: it may have been believed",
    "pop3, always, plain-login, SKIPPED clear-text-passwords = always allows it from here",
    "pop3, loopback, plain-login, SKIPPED clear-text-passwords = loopback allows it from here",
    "lmtp, never, starttls-injection, FAIL what was sent in the clear was carried out under TLS:"
        + " 500 what",
    "lmtp, never, long-line, FAIL a line of 2 MiB was answered: 250 fine",
    "lmtp, never, bad-commands, FAIL the connection stays open after 1001 bad commands",
    "lmtp, never, unknown-user, SKIPPED there are no logins in LMTP",
    "imaps, never, proxy-header, FAIL the header was passed over in front of TLS: it may have been"
        + " believed",
    "imaps, never, unknown-user, FAIL a wrong password was let in: t OK welcome",
    "imaps, never, starttls-injection, SKIPPED TLS comes first here",
  })
  void whatIsSeenInEveryProtocol(String label, String passwords, String check, String seen)
      throws Exception {
    try (Bad bad = new Bad(label, true)) {
      Map<String, String> found = bad.tried(passwords, false, "mail.example.com");
      assertEquals(seen, found.get(check), found::toString);
    }
  }

  @Test // B7.17
  void certificateOfAnotherNameOrNotOfTodayFails() throws Exception {
    for (String[] each :
        List.of(
            new String[] {"mail.example.com", "-1", "365", "other.example.com", "FAIL is not for"},
            new String[] {"mail.example.com", "5", "365", "mail.example.com", "FAIL is valid only"},
            new String[] {"mail.example.com", "-1", "4", "mail.example.com", "FAIL ends soon"},
            new String[] {"*.example.com", "-1", "365", "mail.example.com", "PASS is for mail"})) {
      tls = certificate(each[0], Integer.parseInt(each[1]), Integer.parseInt(each[2]));
      try (Bad bad = new Bad("lmtp", true)) {
        String seen = bad.tried("never", false, each[3]).getOrDefault("certificate", "");
        assertTrue(seen.startsWith(each[4]), seen);
      }
    }
  }

  @Test // B7.17
  void refusalForNowProvesNothing() throws Exception {
    try (Bad bad = new Bad("pop3", false)) {
      Map<String, String> found = bad.tried("never", false, "mail.example.com");
      assertEquals(
          "FAIL is refused for another reason, which proves nothing: -ERR [SYS/TEMP] later",
          found.get("wrong-password"));
      assertEquals("FAIL is refused: -ERR [SYS/TEMP] later", found.get("right-password"));
    }
  }

  @Test // B7.17
  void strangersHeaderThatIsTakenFailsAndNothingElseIsTried() throws Exception {
    try (Bad bad = new Bad("imap", true)) {
      assertEquals(
          Map.of(
              "proxy-header",
              "FAIL a stranger's header was taken: a client may say that it is any other",
              "all-others",
              "SKIPPED only load balancers come in here: run this on one of them"),
          bad.tried("never", true, "mail.example.com"));
    }
  }

  @Test // B7.17
  void listenerThatIsNotThereFails() throws Exception {
    int gone;
    try (ServerSocket taken = new ServerSocket(0, 1, LOCALHOST)) {
      gone = taken.getLocalPort();
    }
    Map<String, String> found =
        found(
            new ListenerTrial(
                    "imap",
                    new InetSocketAddress(LOCALHOST, gone),
                    "never",
                    false,
                    false,
                    "x",
                    false,
                    PATIENCE)
                .run("nobody", "", Secret.none()));
    assertTrue(
        found.values().stream().allMatch(each -> each.startsWith("FAIL could not be tried: ")),
        found::toString);
  }

  private static Map<String, String> found(List<Map<String, String>> findings) {
    Map<String, String> all = new TreeMap<>();
    findings.forEach(
        each ->
            all.put(
                each.getOrDefault("check", ""), each.get("verdict") + " " + each.get("reason")));
    return all;
  }
}
