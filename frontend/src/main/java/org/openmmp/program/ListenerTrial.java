package org.openmmp.program;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.transport.StoreCertificates;
import org.openmmp.wire.Secret;

/**
 * Does to one listener what an attacker would try first, as a client with sockets and words of its
 * own, and says of each attempt whether it was fended off (rule B7.17). It blocks.
 *
 * @param label such as {@code imaps}
 * @param at where it is
 * @param passwords who may send one without TLS: {@code never}, {@code loopback}, {@code always}
 * @param header whether a PROXY header comes first
 * @param balancer whether this machine may send one
 * @param certificateName the name that clients know it by
 * @param clientCertificate whether TLS needs a certificate of the client's
 * @param patience for one connection
 */
record ListenerTrial(
    String label,
    InetSocketAddress at,
    String passwords,
    boolean header,
    boolean balancer,
    String certificateName,
    boolean clientCertificate,
    Duration patience) {
  static final String PASS = "PASS";
  static final String FAIL = "FAIL";
  static final String SKIPPED = "SKIPPED";

  private static final Duration LEAST_LEFT = Duration.ofDays(7);
  private static final int MOST_BAD_COMMANDS = 1_001;
  private static final int LONG_LINE = 2 << 20;
  static final int CHUNK = 16 << 10;
  private static final int MOST_CHARS = 160;
  private static final String BAD_COMMAND = "XSELFTEST";
  private static final String HEADER = "PROXY TCP4 192.0.2.1 192.0.2.2 40000 143\r\n";

  /** What a refusal says that is none of the password. */
  private static final Pattern FOR_NOW =
      Pattern.compile(
          "\\[(UNAVAILABLE|LIMIT|INUSE|IN-USE|CONTACTADMIN|CANNOT|PRIVACYREQUIRED|SYS/\\w+|LOGIN-DELAY)");

  /** The same with another patience. */
  ListenerTrial within(Duration other) {
    return new ListenerTrial(
        label, at, passwords, header, balancer, certificateName, clientCertificate, other);
  }

  private boolean tls() {
    return label.endsWith("s");
  }

  boolean imap() {
    return label.startsWith("imap");
  }

  boolean lmtp() {
    return label.equals("lmtp");
  }

  /**
   * Everything that can be tried.
   *
   * @param nobody a login name that nobody has
   * @param user a test account's login name; empty if there is none
   * @param password its password; empty if it is not known
   */
  List<Map<String, String>> run(String nobody, String user, Secret password) {
    List<Map<String, String>> all = new ArrayList<>();
    all.add(check("proxy-header", this::proxyHeader));
    if (header && !balancer) {
      String why = "only load balancers come in here: run this on one of them";
      all.add(check("all-others", () -> skipped(why)));
      return all;
    }
    all.add(check("certificate", this::certificate));
    all.add(check("starttls-injection", this::injection));
    all.add(check("plain-login", () -> plainLogin(nobody)));
    all.add(check("long-line", this::longLine));
    all.add(check("bad-commands", this::badCommands));
    String wrong = "selftest-" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
    all.add(check("unknown-user", () -> wrongPassword(nobody, wrong)));
    if (!user.isEmpty()) {
      all.add(check("wrong-password", () -> wrongPassword(user, wrong)));
      if (!password.isEmpty()) {
        all.add(check("right-password", () -> rightPassword(user, password)));
      }
    }
    return all;
  }

  /** Tries one thing, whose verdict stands in front of what was seen. */
  Map<String, String> check(String name, Callable<String> trial) {
    String found;
    try {
      found = trial.call();
    } catch (Exception e) { // a mistake of a check must not end the others
      found = failed("could not be tried: " + e.getMessage());
    }
    String[] words = SafeText.of(found, MOST_CHARS).split(" ", 2);
    String where = label + " " + AddressLiteral.textOf(at);
    return finding(where, name, words[0], words[1]);
  }

  /**
   * What one attempt came to.
   *
   * @param where the listener
   * @param check the attempt
   * @param verdict {@link #PASS}, {@link #FAIL} or {@link #SKIPPED}
   * @param reason what was seen, or why nothing was tried
   */
  static Map<String, String> finding(String where, String check, String verdict, String reason) {
    Map<String, String> found = new LinkedHashMap<>();
    found.put("where", where);
    found.put("check", check);
    found.put("verdict", verdict);
    found.put("reason", reason);
    return found;
  }

  static String passed(String reason) {
    return PASS + " " + reason;
  }

  static String failed(String reason) {
    return FAIL + " " + reason;
  }

  static String skipped(String reason) {
    return SKIPPED + " " + reason;
  }

  /** Whoever is no load balancer must not say who a client is. */
  String proxyHeader() throws Exception {
    if (header() && balancer()) {
      return skipped("this machine is one of openmmp.proxy-protocol.networks, which may send one");
    }
    try (ListenerWire wire = new ListenerWire(this)) {
      wire.send(HEADER);
      if (header()) {
        return wire.line() == null
            ? passed("the header of a stranger ends the connection")
            : failed("a stranger's header was taken: a client may say that it is any other");
      }
      if (tls()) {
        try {
          wire.secure();
        } catch (SSLException | SocketException | EOFException refused) {
          return wire.isLate()
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

  private String certificate() throws Exception {
    if (clientCertificate) {
      return skipped("clients need a certificate here (openmmp.tls.client-auth)");
    }
    try (ListenerWire wire = open()) {
      if (!tls() && !wire.beginTls()) {
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

  String injection() throws Exception {
    if (tls() || clientCertificate) {
      return skipped(tls() ? "TLS comes first here" : "clients need a certificate here");
    }
    try (ListenerWire wire = open()) {
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
        return wire.isLate() ? failed("TLS does not begin") : passed("the connection is closed");
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

  private String plainLogin(String nobody) throws Exception {
    if (tls() || lmtp()) {
      return skipped(tls() ? "TLS comes first here" : "there are no logins in LMTP");
    }
    if (isPlainAllowed()) {
      return skipped("clear-text-passwords = " + passwords() + " allows it from here");
    }
    try (ListenerWire wire = open()) {
      String answer = wire.ask(imap() ? login(nobody, "x") : "USER " + nobody);
      boolean early = imap() ? answer.contains("PRIVACYREQUIRED") : answer.startsWith("-ERR");
      return early
          ? passed("is refused before the password is looked at: " + answer)
          : failed("a login in the clear was looked at: " + answer);
    }
  }

  private boolean isPlainAllowed() {
    return passwords().equals("always")
        || (passwords().equals("loopback") && at().getAddress().isLoopbackAddress());
  }

  String longLine() throws Exception {
    byte[] chunk = new byte[CHUNK];
    Arrays.fill(chunk, (byte) 'A');
    try (ListenerWire wire = open()) {
      try {
        for (int sent = 0; sent < LONG_LINE; sent += CHUNK) {
          wire.send(new String(chunk, StandardCharsets.US_ASCII));
        }
        if (lmtp()) {
          // RFC 5321 section 4.5.3.1: a line that is too long is answered, and the next one read.
          wire.send("\r\n");
          String answer = wire.line();
          return answer == null || answer.startsWith("5") || answer.startsWith("421")
              ? passed("a line of 2 MiB is refused: " + answer)
              : failed("a line of 2 MiB was answered: " + answer);
        }
        String said = wire.line();
        while (said != null) {
          said = wire.line();
        }
      } catch (IOException ended) {
        if (wire.isLate()) {
          return failed("the connection stays open behind 2 MiB without a line end");
        }
      }
      return passed("the connection is closed before 2 MiB without a line end are over");
    }
  }

  String badCommands() throws Exception {
    try (ListenerWire wire = open()) {
      for (int i = 1; i <= MOST_BAD_COMMANDS; i++) {
        try {
          wire.send(written("b", BAD_COMMAND));
          String answer = wire.line();
          if (answer == null || answer.startsWith("* BYE") || answer.startsWith("421")) {
            return passed("the connection is closed after " + i + " bad commands");
          }
        } catch (IOException ended) {
          return wire.isLate()
              ? failed("no answer to bad command " + i)
              : passed("the connection is closed after " + i + " bad commands");
        }
      }
      return failed("the connection stays open after " + MOST_BAD_COMMANDS + " bad commands");
    }
  }

  private String wrongPassword(String user, String wrong) throws Exception {
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

  private String rightPassword(String user, Secret password) throws Exception {
    String answer = tryLogin(user, new String(password.copy(), StandardCharsets.ISO_8859_1));
    if (answer == null) {
      return skipped(noLogin());
    }
    return isError(answer) ? failed("is refused: " + answer) : passed("is let in");
  }

  private String noLogin() {
    return lmtp()
        ? "there are no logins in LMTP"
        : "no password can be sent from here, in the clear or under TLS";
  }

  /** The answer to a login; null if no password can be sent. */
  private @Nullable String tryLogin(String user, String password) throws Exception {
    if (lmtp() || (clientCertificate && !isPlainAllowed())) {
      return null;
    }
    try (ListenerWire wire = open()) {
      if (!tls() && !(!clientCertificate && wire.beginTls()) && !isPlainAllowed()) {
        return null;
      }
      if (imap()) {
        return wire.ask(login(user, password));
      }
      String answer = wire.ask("USER " + user);
      return isError(answer) ? answer : wire.ask("PASS " + password);
    }
  }

  static String login(String user, String password) {
    return "LOGIN " + quoted(user) + " " + quoted(password);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  String capability() {
    return imap() ? "CAPABILITY" : lmtp() ? "LHLO selftest.invalid" : "CAPA";
  }

  String startTls() {
    return imap() || lmtp() ? "STARTTLS" : "STLS";
  }

  String written(String tag, String command) {
    return (imap() ? tag + " " : "") + command + "\r\n";
  }

  /** Whether a line is, or begins, the answer to a command with that tag. */
  private boolean isAnswerTo(String tag, String line) {
    return !imap() || line.startsWith(tag + " ") || line.startsWith("* CAPABILITY");
  }

  boolean isError(String line) {
    return imap()
        ? line.matches("\\S+ (NO|BAD|BYE)\\b.*")
        : line.startsWith("-ERR") || line.startsWith("4") || line.startsWith("5");
  }

  ListenerWire open() throws IOException, GeneralSecurityException {
    ListenerWire wire = new ListenerWire(this);
    try {
      if (header()) {
        wire.send("PROXY UNKNOWN\r\n");
      }
      if (tls() && !clientCertificate) {
        wire.secure();
      }
      String greeting = tls() && clientCertificate ? "" : wire.line();
      if (greeting == null || (lmtp() && isError(greeting))) {
        throw new IOException("this machine is turned away: " + greeting);
      }
      return wire;
    } catch (IOException | GeneralSecurityException cannotBegin) {
      wire.close();
      throw cannotBegin;
    }
  }
}
