package org.openmmp.program;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Timer;
import java.util.TimerTask;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One connection, which is closed when it has lasted for too long. */
final class ListenerWire implements Closeable {
  private final Timer limit = new Timer("self-test", true);
  private Socket socket = new Socket();
  private volatile boolean late;

  private final ListenerTrial trial;

  ListenerWire(ListenerTrial trial) throws IOException {
    this.trial = trial;

    Socket first = socket;
    limit.schedule(
        new TimerTask() {
          @Override
          public void run() {
            late = true;
            closeQuietly(first);
          }
        },
        trial.patience().toMillis());
    socket.connect(trial.at(), (int) trial.patience().toMillis());
  }

  /** Whether it was closed for having lasted too long. */
  boolean isLate() {
    return late;
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The next line; null if there is none. */
  @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0) {
          return line.length() == 0 ? null : line.toString();
        }
        if (line.length() < ListenerTrial.CHUNK && octet != '\r') {
          line.append((char) octet);
        }
      }
    } catch (SocketException reset) {
      if (late) {
        throw new IOException("no answer within " + trial.patience().toSeconds() + " s", reset);
      }
      return null;
    }
    return line.toString();
  }

  /** The last line of an answer, or an empty one. */
  String ask(String command) throws IOException {
    return last(answer(command));
  }

  private String last(List<String> lines) {
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  private List<String> answer(String command) throws IOException {
    send(trial.written("t", command));
    List<String> lines = new ArrayList<>();
    boolean list = command.equals("CAPA");
    for (String line = line(); line != null; line = line()) {
      lines.add(line);
      boolean end =
          trial.imap()
              ? line.startsWith("t ")
              : trial.lmtp()
                  ? !line.matches("\\d{3}-.*")
                  : !list || line.equals(".") || line.startsWith("-ERR");
      if (end) {
        return lines;
      }
    }
    return lines;
  }

  boolean offersTls() throws IOException {
    return answer(trial.capability()).stream()
        .map(line -> line.toUpperCase(Locale.ROOT))
        .anyMatch(line -> line.matches(".*\\b" + trial.startTls() + "\\b.*"));
  }

  /** Begins TLS if it is offered. */
  boolean beginTls() throws IOException, GeneralSecurityException {
    if (!offersTls() || trial.isError(ask(trial.startTls()))) {
      return false;
    }
    secure();
    return true;
  }

  void secure() throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    // The certificate is looked at, not believed: this is a listener of our own.
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    SSLSocket under =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, trial.certificateName(), trial.at().getPort(), true);
    under.startHandshake();
    socket = under;
  }

  X509Certificate certificate() throws IOException {
    return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
  }

  @Override
  public void close() {
    limit.cancel();
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      return;
    }
  }
}
