package org.openmmp.storesim.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** An IMAP client that logs in through the proxy over TLS, looks at INBOX and leaves. */
final class DemoLogin {
  private static final int LIMIT_MILLIS = 40_000;

  private final InetSocketAddress address;
  private final Path trusted;

  DemoLogin(InetSocketAddress address, Path trusted) {
    this.address = address;
    this.trusted = trusted;
  }

  /** Prints what the client sends, but for the password, and what it sees. */
  void run(String login, String password, PrintWriter out)
      throws IOException, GeneralSecurityException {
    try (SSLSocket socket =
        (SSLSocket)
            context().getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(LIMIT_MILLIS);
      Dialogue dialogue = new Dialogue(socket, out);
      dialogue.skipGreeting();
      String answer =
          dialogue.command("LOGIN " + login + " \"" + password + "\"", "LOGIN " + login + " ***");
      if (answer.startsWith("a1 OK")) {
        dialogue.command("SELECT INBOX", "SELECT INBOX");
        dialogue.command("LOGOUT", "");
      }
    }
  }

  private SSLContext context() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(trusted)) {
      store.setCertificateEntry(
          "proxy", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** Commands and answers on one connection. */
  private static final class Dialogue {
    private final SSLSocket socket;
    private final BufferedReader in;
    private final PrintWriter out;
    private int tag;

    Dialogue(SSLSocket socket, PrintWriter out) throws IOException {
      this.socket = socket;
      this.out = out;
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    void skipGreeting() throws IOException {
      line();
    }

    /**
     * Sends a command, prints it and its answer if it is to be shown, and returns the last line.
     */
    String command(String command, String shown) throws IOException {
      String word = "a" + ++tag;
      socket
          .getOutputStream()
          .write((word + " " + command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (!shown.isEmpty()) {
        out.println("  C: " + word + " " + shown);
      }
      String line;
      do {
        line = line();
        if (!shown.isEmpty() && isOfInterest(line)) {
          out.println("  S: " + line);
        }
      } while (!line.startsWith(word + " "));
      return line;
    }

    private static boolean isOfInterest(String line) {
      return !line.startsWith("* ") || line.contains("[ALERT]") || line.endsWith(" EXISTS");
    }

    private String line() throws IOException {
      String line = in.readLine();
      if (line == null) {
        throw new IOException("the proxy closed the connection");
      }
      return line.replaceAll("\\[CAPABILITY [^]]*]", "[CAPABILITY ...]");
    }
  }
}
