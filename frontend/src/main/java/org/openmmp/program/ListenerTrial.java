package org.openmmp.program;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.openmmp.program.SelfTest.Finding;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.transport.StoreCertificates;
import org.openmmp.wire.Secret;

/**
 * Does to one listener what an attacker would try first, as a client with sockets and words of its
 * own, and says of each attempt whether it was fended off (rule B7.17). It blocks.
 */
final class ListenerTrial {
  private static final Duration LEAST_LEFT = Duration.ofDays(7);
  private static final int MOST_BAD_COMMANDS = 1_001;
  private static final int LONG_LINE = 2 << 20;
  private static final int CHUNK = 16 << 10;
  private static final int MOST_CHARS = 160;
  private static final String BAD_COMMAND = "XSELFTEST";
  private static final String HEADER = "PROXY TCP4 192.0.2.1 192.0.2.2 40000 143\r\n";

  /** What a refusal says that is none of the password. */
  private static final Pattern FOR_NOW =
      Pattern.compile(
          "\\[(UNAVAILABLE|LIMIT|INUSE|IN-USE|CONTACTADMIN|CANNOT|PRIVACYREQUIRED|SYS/\\w+|LOGIN-DELAY)");

  /**
   * Where and how one comes in.
   *
   * @param label such as {@code imaps}
   * @param passwords who may send one without TLS: {@code never}, {@code loopback}, {@code always}
   * @param header whether a PROXY header comes first
   * @param balancer whether this machine may send one
   */
  record Entry(
      String label, InetSocketAddress at, String passwords, boolean header, boolean balancer) {
    private boolean tls() {
      return label.endsWith("s");
    }

    private boolean imap() {
      return label.startsWith("imap");
    }

    private boolean lmtp() {
      return label.equals("lmtp");
    }
  }

  private final Entry entry;
  private final String certificateName;
  private final boolean clientCertificate;
  private final Duration patience;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * For one listener.
   *
   * @param certificateName the name that clients know it by
   * @param clientCertificate whether TLS needs a certificate of the client's
   * @param patience for one answer
   */
  ListenerTrial(Entry entry, String certificateName, boolean clientCertificate, Duration patience) {
    this.entry = entry;
    this.certificateName = certificateName;
    this.clientCertificate = clientCertificate;
    this.patience = patience;
  }

  /**
   * Everything that can be tried.
   *
   * @param nobody a login name that nobody has
   * @param user a test account's login name; empty if there is none
   * @param password its password; empty if it is not known
   */
  List<Finding> run(String nobody, String user, Secret password) {
    check("proxy-header", this::proxyHeader);
    if (entry.header() && !entry.balancer()) {
      check(
          "all-others", () -> skipped("only load balancers come in here: run this on one of them"));
      return findings;
    }
    check("certificate", this::certificate);
    check("starttls-injection", this::injection);
    check("plain-login", () -> plainLogin(nobody));
    check("long-line", this::longLine);
    check("bad-commands", this::badCommands);
    String wrong = "selftest-" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
    check("unknown-user", () -> wrongPassword(nobody, wrong));
    if (!user.isEmpty()) {
      check("wrong-password", () -> wrongPassword(user, wrong));
      if (!password.isEmpty()) {
        check("right-password", () -> rightPassword(user, password));
      }
    }
    return findings;
  }

  private void check(String name, Callable<Finding> trial) {
    Finding found;
    try {
      found = trial.call();
    } catch (Exception e) { // a mistake of a check must not end the others
      found = failed("could not be tried: " + e.getMessage());
    }
    String where = entry.label() + " " + AddressLiteral.textOf(entry.at());
    findings.add(
        new Finding(where, name, found.verdict(), SafeText.of(found.reason(), MOST_CHARS)));
  }

  private static Finding passed(String reason) {
    return new Finding("", "", SelfTest.PASS, reason);
  }

  private static Finding failed(String reason) {
    return new Finding("", "", SelfTest.FAIL, reason);
  }

  private static Finding skipped(String reason) {
    return new Finding("", "", SelfTest.SKIPPED, reason);
  }

  /** Whoever is no load balancer must not say who a client is. */
  private Finding proxyHeader() throws Exception {
    if (entry.header() && entry.balancer()) {
      return skipped("this machine is one of openmmp.proxy-protocol.networks, which may send one");
    }
    try (Wire wire = new Wire()) {
      wire.send(HEADER);
      if (entry.header()) {
        return wire.line() == null
            ? passed("the header of a stranger ends the connection")
            : failed("a stranger's header was taken: a client may say that it is any other");
      }
      if (entry.tls()) {
        try {
          wire.secure();
        } catch (SSLException | SocketException | EOFException refused) {
          return wire.late
              ? failed("it is neither taken nor refused")
              : passed("it is no TLS, and ends the connection");
        }
        return failed("the header was passed over in front of TLS: it may have been believed");
      }
      wire.line();
      wire.send(written("p", capability()));
      String first = wire.line();
      if (first == null) {
        return passed("it ends the connection");
      }
      return isAnswerTo("p", first) && !isError(first)
          ? failed("the header was passed over: it may have been believed")
          : passed("it is a bad command: " + first);
    }
  }

  private Finding certificate() throws Exception {
    if (clientCertificate) {
      return skipped("clients need a certificate here (openmmp.tls.client-auth)");
    }
    try (Wire wire = open()) {
      if (!entry.tls() && !wire.beginTls()) {
        return skipped("there is no TLS here");
      }
      X509Certificate shown = wire.certificate();
      Instant end = shown.getNotAfter().toInstant();
      if (!StoreCertificates.carries(shown, certificateName)) {
        return failed("is not for " + certificateName + " (--name says which name clients use)");
      }
      if (shown.getNotBefore().toInstant().isAfter(Instant.now())) {
        return failed("is valid only from " + shown.getNotBefore().toInstant() + " on");
      }
      return end.isBefore(Instant.now().plus(LEAST_LEFT))
          ? failed((end.isBefore(Instant.now()) ? "ended at " : "ends soon, at ") + end)
          : passed("is for " + certificateName + " until " + end);
    }
  }

  private Finding injection() throws Exception {
    if (entry.tls() || clientCertificate) {
      return skipped(entry.tls() ? "TLS comes first here" : "clients need a certificate here");
    }
    try (Wire wire = open()) {
      if (!wire.offersTls()) {
        return skipped("STARTTLS is not offered");
      }
      wire.send(written("s", startTls()) + written("i", BAD_COMMAND));
      String answer = wire.line();
      if (answer == null || isError(answer)) {
        return passed("is refused: " + (answer == null ? "the connection is closed" : answer));
      }
      try {
        wire.secure();
      } catch (SocketException | EOFException closed) {
        return wire.late ? failed("TLS does not begin") : passed("the connection is closed");
      } catch (SSLException broken) {
        return broken.getCause() instanceof EOFException
            ? passed("the connection is closed")
            : failed("what stood behind STARTTLS was answered in the clear: " + broken);
      }
      wire.send(written("p", capability()));
      String first = wire.line();
      return first != null && (isError(first) || first.startsWith("i "))
          ? failed("what was sent in the clear was carried out under TLS: " + first)
          : passed("what stood behind STARTTLS was thrown away");
    }
  }

  private Finding plainLogin(String nobody) throws Exception {
    if (entry.tls() || entry.lmtp()) {
      return skipped(entry.tls() ? "TLS comes first here" : "there are no logins in LMTP");
    }
    if (isPlainAllowed()) {
      return skipped("clear-text-passwords = " + entry.passwords() + " allows it from here");
    }
    try (Wire wire = open()) {
      String answer = wire.ask(entry.imap() ? login(nobody, "x") : "USER " + nobody);
      boolean early = entry.imap() ? answer.contains("PRIVACYREQUIRED") : answer.startsWith("-ERR");
      return early
          ? passed("is refused before the password is looked at: " + answer)
          : failed("a login in the clear was looked at: " + answer);
    }
  }

  private boolean isPlainAllowed() {
    return entry.passwords().equals("always")
        || (entry.passwords().equals("loopback") && entry.at().getAddress().isLoopbackAddress());
  }

  private Finding longLine() throws Exception {
    byte[] chunk = new byte[CHUNK];
    Arrays.fill(chunk, (byte) 'A');
    try (Wire wire = open()) {
      try {
        for (int sent = 0; sent < LONG_LINE; sent += CHUNK) {
          wire.send(new String(chunk, StandardCharsets.US_ASCII));
        }
        if (entry.lmtp()) {
          // RFC 5321 section 4.5.3.1: a line that is too long is answered, and the next one read.
          wire.send("\r\n");
          String answer = wire.line();
          return answer == null || answer.startsWith("5") || answer.startsWith("421")
              ? passed("a line of 2 MiB is refused: " + answer)
              : failed("a line of 2 MiB was answered: " + answer);
        }
        while (wire.line() != null) {
          continue;
        }
      } catch (IOException ended) {
        if (wire.late) {
          return failed("the connection stays open behind 2 MiB without a line end");
        }
      }
      return passed("the connection is closed before 2 MiB without a line end are over");
    }
  }

  private Finding badCommands() throws Exception {
    try (Wire wire = open()) {
      for (int i = 1; i <= MOST_BAD_COMMANDS; i++) {
        try {
          wire.send(written("b", BAD_COMMAND));
          String answer = wire.line();
          if (answer == null || answer.startsWith("* BYE") || answer.startsWith("421")) {
            return passed("the connection is closed after " + i + " bad commands");
          }
        } catch (IOException ended) {
          return wire.late
              ? failed("no answer to bad command " + i)
              : passed("the connection is closed after " + i + " bad commands");
        }
      }
      return failed("the connection stays open after " + MOST_BAD_COMMANDS + " bad commands");
    }
  }

  private Finding wrongPassword(String user, String wrong) throws Exception {
    String answer = tryLogin(user, wrong);
    if (answer == null) {
      return skipped(noLogin());
    }
    if (!isError(answer)) {
      return failed("a wrong password was let in: " + answer);
    }
    return FOR_NOW.matcher(answer).find()
        ? failed("is refused for another reason, which proves nothing: " + answer)
        : passed("is refused: " + answer);
  }

  private Finding rightPassword(String user, Secret password) throws Exception {
    String answer = tryLogin(user, new String(password.copy(), StandardCharsets.ISO_8859_1));
    if (answer == null) {
      return skipped(noLogin());
    }
    return isError(answer) ? failed("is refused: " + answer) : passed("is let in");
  }

  private String noLogin() {
    return entry.lmtp()
        ? "there are no logins in LMTP"
        : "no password can be sent from here, in the clear or under TLS";
  }

  /** The answer to a login; null if no password can be sent. */
  private @Nullable String tryLogin(String user, String password) throws Exception {
    if (entry.lmtp() || (clientCertificate && !isPlainAllowed())) {
      return null;
    }
    try (Wire wire = open()) {
      if (!entry.tls() && !(!clientCertificate && wire.beginTls()) && !isPlainAllowed()) {
        return null;
      }
      if (entry.imap()) {
        return wire.ask(login(user, password));
      }
      String answer = wire.ask("USER " + user);
      return isError(answer) ? answer : wire.ask("PASS " + password);
    }
  }

  private static String login(String user, String password) {
    return "LOGIN " + quoted(user) + " " + quoted(password);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private String capability() {
    return entry.imap() ? "CAPABILITY" : entry.lmtp() ? "LHLO selftest.invalid" : "CAPA";
  }

  private String startTls() {
    return entry.imap() || entry.lmtp() ? "STARTTLS" : "STLS";
  }

  private String written(String tag, String command) {
    return (entry.imap() ? tag + " " : "") + command + "\r\n";
  }

  /** Whether a line is, or begins, the answer to a command with that tag. */
  private boolean isAnswerTo(String tag, String line) {
    return !entry.imap() || line.startsWith(tag + " ") || line.startsWith("* CAPABILITY");
  }

  private boolean isError(String line) {
    return entry.imap()
        ? line.matches("\\S+ (NO|BAD|BYE)\\b.*")
        : line.startsWith("-ERR") || line.startsWith("4") || line.startsWith("5");
  }

  private Wire open() throws IOException, GeneralSecurityException {
    Wire wire = new Wire();
    try {
      if (entry.header()) {
        wire.send("PROXY UNKNOWN\r\n");
      }
      if (entry.tls() && !clientCertificate) {
        wire.secure();
      }
      String greeting = entry.tls() && clientCertificate ? "" : wire.line();
      if (greeting == null || (entry.lmtp() && isError(greeting))) {
        throw new IOException("this machine is turned away: " + greeting);
      }
      return wire;
    } catch (IOException | GeneralSecurityException cannotBegin) {
      wire.close();
      throw cannotBegin;
    }
  }

  /** One connection, which is closed when it has lasted for too long. */
  private final class Wire implements Closeable {
    private final Timer limit = new Timer("self-test", true);
    private Socket socket = new Socket();
    private volatile boolean late;

    Wire() throws IOException {
      Socket first = socket;
      limit.schedule(
          new TimerTask() {
            @Override
            public void run() {
              late = true;
              closeQuietly(first);
            }
          },
          patience.toMillis());
      socket.connect(entry.at(), (int) patience.toMillis());
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
          if (line.length() < CHUNK && octet != '\r') {
            line.append((char) octet);
          }
        }
      } catch (SocketException reset) {
        if (late) {
          throw new IOException("no answer within " + patience.toSeconds() + " s", reset);
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
      send(written("t", command));
      List<String> lines = new ArrayList<>();
      boolean list = command.equals("CAPA");
      for (String line = line(); line != null; line = line()) {
        lines.add(line);
        boolean end =
            entry.imap()
                ? line.startsWith("t ")
                : entry.lmtp()
                    ? !line.matches("\\d{3}-.*")
                    : !list || line.equals(".") || line.startsWith("-ERR");
        if (end) {
          return lines;
        }
      }
      return lines;
    }

    boolean offersTls() throws IOException {
      return answer(capability()).stream()
          .map(line -> line.toUpperCase(Locale.ROOT))
          .anyMatch(line -> line.matches(".*\\b" + startTls() + "\\b.*"));
    }

    /** Begins TLS if it is offered. */
    boolean beginTls() throws IOException, GeneralSecurityException {
      if (!offersTls() || isError(ask(startTls()))) {
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
                  .createSocket(socket, certificateName, entry.at().getPort(), true);
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
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      return;
    }
  }
}
