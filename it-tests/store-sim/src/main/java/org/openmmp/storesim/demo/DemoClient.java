package org.openmmp.storesim.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A client's connection to a front end, in lines that are printed as they pass. */
final class DemoClient implements AutoCloseable {
  private static final int LIMIT_MILLIS = 40_000;

  private final Socket socket;
  private final BufferedReader in;
  private final PrintWriter out;

  private DemoClient(Socket socket, PrintWriter out) throws IOException {
    this.socket = socket;
    this.out = out;
    socket.setSoTimeout(LIMIT_MILLIS);
    in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  /** A connection under TLS to a server that has this certificate. */
  static DemoClient secured(InetSocketAddress address, Path trusted, PrintWriter out)
      throws IOException, GeneralSecurityException {
    return new DemoClient(
        context(trusted).getSocketFactory().createSocket(address.getAddress(), address.getPort()),
        out);
  }

  /** A connection in the clear. */
  static DemoClient inTheClear(InetSocketAddress address, PrintWriter out) throws IOException {
    return new DemoClient(new Socket(address.getAddress(), address.getPort()), out);
  }

  /** Sends a line and prints what is to be seen of it; nothing if that is empty. */
  void send(String line, String shown) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    if (!shown.isEmpty()) {
      out.println("  C: " + shown);
    }
  }

  /** Prints a line of the server. */
  void show(String line) {
    out.println("  S: " + line);
  }

  /** The server's next line, which is not printed. */
  String line() throws IOException {
    String line = in.readLine();
    if (line == null) {
      throw new IOException("the front end closed the connection");
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static SSLContext context(Path trusted) throws IOException, GeneralSecurityException {
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
}
