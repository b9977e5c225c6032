package org.openmmp.lmtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.openmmp.testkit.HeldSockets;

/** One end of a connection, spoken by hand; it waits at most ten seconds for anything. */
final class LmtpLine implements AutoCloseable {
  private static final int LIMIT_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  LmtpLine(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(LIMIT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
    out = new BufferedOutputStream(socket.getOutputStream());
  }

  /** A client's connection. */
  static LmtpLine to(InetSocketAddress address) throws IOException {
    Socket socket = HeldSockets.hold(new Socket());
    socket.connect(address, LIMIT_MILLIS);
    return new LmtpLine(socket);
  }

  /** The same connection under TLS, whose certificate nobody looks at. */
  LmtpLine underTls() throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    return new LmtpLine(
        context.getSocketFactory().createSocket(socket, "relay.test", socket.getPort(), true));
  }

  /** Sends octets. */
  LmtpLine send(String octets) throws IOException {
    out.write(octets.getBytes(ISO_8859_1));
    out.flush();
    return this;
  }

  /** Sends lines. */
  LmtpLine say(String... lines) throws IOException {
    return send(String.join("\r\n", lines) + "\r\n");
  }

  /** The next line without its end. */
  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new EOFException("the other side closed");
      }
      line.write(octet);
    }
    return line.toString(ISO_8859_1).replace("\r", "");
  }

  /** The last line of so many replies, each. */
  List<String> replies(int count) throws IOException {
    List<String> replies = new ArrayList<>();
    while (replies.size() < count) {
      String line = line();
      if (line.length() < 4 || line.charAt(3) != '-') {
        replies.add(line);
      }
    }
    return replies;
  }

  /** The next reply's last line. */
  String reply() throws IOException {
    return replies(1).get(0);
  }

  /** The octets behind DATA up to the end, which is cut off; dots are as they were sent. */
  String data() throws IOException {
    StringBuilder data = new StringBuilder();
    for (String line = line(); !line.equals("."); line = line()) {
      data.append(line).append("\r\n");
    }
    return data.toString();
  }

  /** So many octets, whatever they are. */
  String octets(int count) throws IOException {
    return new String(in.readNBytes(count), ISO_8859_1);
  }

  /** Reads on until the other side closes. */
  void awaitEnd() throws IOException {
    while (in.read() >= 0) {
      in.skip(in.available());
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
