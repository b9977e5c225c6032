package org.openmmp.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.Secret;

/**
 * What every row of the {@link HostileSuite} is tried with.
 *
 * @param listener what is attacked
 * @param tls how passwords go there: {@code none}, {@code starttls} or {@code implicit}
 * @param user a test account, or in LMTP its address; empty if there is none
 * @param password its password; empty if it is not known
 * @param patience how many seconds a client that says nothing may stay
 */
record HostileClient(
    ListenerTrial listener, String tls, String user, Secret password, int patience) {
  /** A login name that nobody has. */
  static final String NOBODY = "hostile-nobody";

  /** How many attack at once. */
  static final int FLOOD = 20;

  /** Whether a connection begins with TLS. */
  boolean isTlsFirst() {
    return tls.equals("implicit");
  }

  /** A connection on which a password may be sent, whose greeting was read. */
  ListenerWire wire() throws Exception {
    return wire(listener);
  }

  /** The same with the patience of that trial. */
  ListenerWire wire(ListenerTrial trial) throws Exception {
    ListenerWire wire = trial.open();
    try {
      if (tls.equals("starttls") && !wire.beginTls()) {
        throw new SSLException("STARTTLS is not offered: --tls none tries it without");
      }
      return wire;
    } catch (Exception cannotBegin) {
      wire.close();
      throw cannotBegin;
    }
  }

  /** The answer to a login on a connection of its own; empty if there is none. */
  String login(String name, String secret) throws Exception {
    try (ListenerWire wire = wire()) {
      if (listener.imap()) {
        return wire.ask(ListenerTrial.login(name, secret));
      }
      String answer = wire.ask("USER " + name);
      return listener.isError(answer) ? answer : wire.ask("PASS " + secret);
    }
  }

  /** The answer to AUTHENTICATE PLAIN; null if that is not taken. */
  @Nullable String saslLogin(ListenerWire wire, String name, String secret) throws IOException {
    wire.send(listener.written("t", listener.imap() ? "AUTHENTICATE PLAIN" : "AUTH PLAIN"));
    String go = wire.line();
    if (go == null || !go.startsWith("+")) {
      return null;
    }
    byte[] message = ("\0" + name + "\0" + secret).getBytes(ISO_8859_1);
    wire.send(Base64.getEncoder().encodeToString(message) + "\r\n");
    for (String line = wire.line(); line != null; line = wire.line()) {
      if (!listener.imap() || line.startsWith("t ")) {
        return line;
      }
    }
    return listener.imap() ? "t BAD closed" : "-ERR closed";
  }

  /** Whether the next command gets its own answer, or the connection has ended. */
  boolean inStep(ListenerWire wire) throws IOException {
    wire.send(listener.written("n", listener.imap() ? "NOOP" : "CAPA"));
    String line = wire.line();
    while (line != null && line.startsWith("* ")) {
      line = wire.line();
    }
    return line == null || !listener.imap() || line.startsWith("n ");
  }

  /** How many lines come until the connection is closed; no more than that are read. */
  static int linesUntilClosed(ListenerWire wire, int most) throws IOException {
    int lines = 0;
    while (lines < most && wire.line() != null) {
      lines++;
    }
    return lines;
  }

  /** Passed for that reason, if another client is served now. */
  String stillServed(String reason) throws Exception {
    long begun = System.nanoTime();
    try (ListenerWire wire = wire()) {
      String answer = wire.ask(listener.capability());
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      return answer.isEmpty() || took.compareTo(Duration.ofSeconds(10)) > 0
          ? ListenerTrial.failed("others are served after " + took.toMillis() + " ms")
          : ListenerTrial.passed(reason);
    } catch (IOException turnedAway) {
      return ListenerTrial.failed("others are turned away: " + turnedAway.getMessage());
    }
  }

  /** The test account, or nobody. */
  String someUser() {
    return user.isEmpty() ? NOBODY : user;
  }

  /** Its password, or a wrong one. */
  String somePassword() {
    return password.isEmpty() ? "x" : new String(password.copy(), ISO_8859_1);
  }

  /** What stands behind the test account's name, from the {@code @} on; empty if nothing does. */
  String domain() {
    return user.contains("@") ? user.substring(user.indexOf('@')) : "";
  }
}
