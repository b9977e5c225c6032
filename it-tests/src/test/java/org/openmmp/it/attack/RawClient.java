package org.openmmp.it.attack;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.testkit.HeldSockets;

/** A client's socket that sends what no mail client would. Octets are ISO-8859-1. */
final class RawClient implements AutoCloseable {
  private static final int LIMIT_MILLIS = 25_000;

  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private Socket socket;
  private InputStream in;

  /** Connects; nothing is read yet. */
  RawClient(InetSocketAddress address) {
    this(address, "127.0.0.1");
  }

  /** Connects from one of this machine's addresses; nothing is read yet. */
  RawClient(InetSocketAddress address, String from) {
    try {
      socket = HeldSockets.hold(new Socket());
      socket.bind(new InetSocketAddress(from, 0));
      socket.setTcpNoDelay(true);
      socket.connect(address, LIMIT_MILLIS);
      socket.setSoTimeout(LIMIT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Text as the octets of its UTF-8. */
  static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The octets of a text in base64. */
  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Puts TLS on the connection. */
  RawClient startTls(SSLContext context) {
    return startTls(context, List.of());
  }

  /** The same, asking for application protocols. */
  RawClient startTls(SSLContext context, List<String> protocols) {
    try {
      SSLSocketFactory factory = context.getSocketFactory();
      SSLSocket tls = (SSLSocket) factory.createSocket(socket, "proxy.test", 993, true);
      if (!protocols.isEmpty()) {
        javax.net.ssl.SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(protocols.toArray(String[]::new));
        tls.setSSLParameters(parameters);
      }
      tls.startHandshake();
      socket = tls;
      in = new BufferedInputStream(tls.getInputStream());
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for answers for as long as they take. */
  RawClient patient() {
    try {
      socket.setSoTimeout(0);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends octets in one segment; a connection that is closed already takes them silently. */
  RawClient send(String octets) {
    return send(octets.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      heard.writeBytes("(the server closed)".getBytes(StandardCharsets.ISO_8859_1));
    }
    return this;
  }

  /** The next line without its end, or null if the server closed. */
  @Nullable String line() {
    StringBuilder line = new StringBuilder();
    int octet = read();
    while (octet != '\n' && octet >= 0) {
      line.append((char) octet);
      octet = read();
    }
    return octet < 0 && line.isEmpty() ? null : line.toString().stripTrailing();
  }

  /** The next reply of LMTP, its lines joined by spaces; the word null if the server closed. */
  String reply() {
    StringBuilder reply = new StringBuilder();
    String line = line();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') {
      reply.append(line).append(' ');
      line = line();
    }
    return reply.append(line).toString();
  }

  /** Reads on to the response of that tag and returns it whole; an error if it never comes. */
  String answer(String tag) {
    String line = line();
    while (line != null && !line.startsWith(tag + " ")) {
      line = line();
    }
    if (line == null) {
      throw new AssertionError("closed before the answer to " + tag + ": " + heard());
    }
    return line;
  }

  /** Sends a command under a tag and returns its tagged response. */
  String command(String tag, String command) {
    return send(tag + " " + command + "\r\n").answer(tag);
  }

  /** Sends a command of POP3 and returns the first line of its reply. */
  String reply(String command) {
    String line = send(command + "\r\n").line();
    if (line == null) {
      throw new AssertionError("closed before the reply: " + heard());
    }
    return line;
  }

  /** Says all that a login takes at once; see {@link #answerToLogin}. */
  RawClient sendLogin(MailProtocol protocol, String user, String password) {
    return send(
        protocol == MailProtocol.IMAP
            ? "a LOGIN " + user + " " + password + "\r\n"
            : "USER " + user + "\r\nPASS " + password + "\r\n");
  }

  /** The answer to that, without its tag. */
  String answerToLogin(MailProtocol protocol) {
    if (protocol == MailProtocol.IMAP) {
      return answer("a").substring("a ".length());
    }
    line(); // to the name
    return String.valueOf(line());
  }

  /** Logs in by the protocol's own command, and returns the answer without its tag. */
  String logIn(MailProtocol protocol, String user, String password) {
    return switch (protocol) {
      case IMAP -> command("a", "LOGIN " + user + " " + password).substring("a ".length());
      case POP3 -> {
        reply("USER " + user);
        yield reply("PASS " + password);
      }
    };
  }

  /** Everything until the server closes, at most 1 MiB. */
  String rest() {
    StringBuilder rest = new StringBuilder();
    int octet = read();
    while (octet >= 0 && rest.length() < 1 << 20) {
      rest.append((char) octet);
      octet = read();
    }
    return rest.toString();
  }

  /** That many octets. */
  String octets(int count) {
    StringBuilder octets = new StringBuilder(count);
    for (int octet = read(); octet >= 0; octet = read()) {
      octets.append((char) octet);
      if (octets.length() == count) {
        break;
      }
    }
    return octets.toString();
  }

  /** All that the server said. */
  String heard() {
    return heard.toString(StandardCharsets.ISO_8859_1);
  }

  /** The lines that the server said. */
  List<String> lines() {
    return new ArrayList<>(heard().lines().toList());
  }

  /** Sends no more. */
  RawClient finish() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Breaks the connection off. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int read() {
    try {
      int octet = in.read();
      if (octet >= 0) {
        heard.write(octet);
      }
      return octet;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the server neither answers nor closes after: " + heard(), e);
    } catch (IOException e) {
      return -1;
    }
  }
}
