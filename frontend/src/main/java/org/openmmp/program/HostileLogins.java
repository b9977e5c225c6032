package org.openmmp.program;

import static org.openmmp.program.HostileClient.FLOOD;
import static org.openmmp.program.HostileClient.NOBODY;
import static org.openmmp.program.ListenerTrial.failed;
import static org.openmmp.program.ListenerTrial.passed;
import static org.openmmp.program.ListenerTrial.skipped;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Logins that no client of good will tries, over IMAP and POP3: rows T, P and R. */
final class HostileLogins {
  private static final int HOPELESS_COMMANDS = 50;

  private final HostileClient client;
  private final ListenerTrial listener;

  HostileLogins(HostileClient client) {
    this.client = client;
    this.listener = client.listener();
  }

  String halfALogin() throws Exception {
    try (ListenerWire wire = listener.open()) {
      if (!wire.offersTls()) {
        return skipped("STARTTLS is not offered");
      }
      if (listener.imap()) {
        wire.send("h AUTHENTICATE PLAIN\r\ns STARTTLS\r\n");
        String first = wire.line();
        return client.stillServed("was answered by " + first);
      }
      wire.ask("USER " + client.someUser());
      if (!wire.beginTls()) {
        return passed("STLS is refused behind USER");
      }
      String answer = wire.ask("PASS " + client.somePassword());
      return listener.isError(answer)
          ? passed("PASS behind STLS is refused: " + answer)
          : failed("a name from before TLS was used behind it: " + answer);
    }
  }

  String lineEnds() throws Exception {
    for (String name : List.of("a\r\nx NOOP", "a\nx NOOP", "a\0b", "a\rb")) {
      try (ListenerWire wire = client.wire()) {
        String answer = client.saslLogin(wire, name, "b\r\ny NOOP");
        if (answer == null) {
          return skipped("AUTHENTICATE PLAIN is not offered");
        }
        if (!listener.isError(answer)) {
          return failed("was let in: " + answer);
        }
        if (!client.inStep(wire)) {
          return failed("one login had several answers, or none");
        }
      }
    }
    if (!client.password().isEmpty()) {
      try (ListenerWire wire = client.wire()) {
        String answer = client.saslLogin(wire, client.user(), client.somePassword() + "\r\nx NOOP");
        if (answer != null && !listener.isError(answer)) {
          return failed("a password with a line end behind it was let in: " + answer);
        }
      }
    }
    return passed("each has one answer, which refuses it");
  }

  String wildcards() throws Exception {
    String begin = client.user().isEmpty() ? "a" : client.user().substring(0, 1);
    for (String name :
        List.of("*", begin + "*", "a)(mail=*", "\\2a", "*)(objectClass=*", "cn=a,dc=b")) {
      String answer = client.login(name, client.password().isEmpty() ? "x" : client.somePassword());
      if (!listener.isError(answer)) {
        return failed(name + " was let in: " + answer);
      }
    }
    return passed("none is let in, with the test account's password neither");
  }

  String lookUps() throws Exception {
    try (ServerSocket called = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      called.setSoTimeout(1_000);
      String name = "%s%n%n${jndi:ldap://127.0.0.1:" + called.getLocalPort() + "/x}";
      String answer = client.login(name, "x");
      if (!listener.isError(answer)) {
        return failed("was let in: " + answer);
      }
      try {
        called.accept().close();
        return failed("a name was looked up at the address that it names");
      } catch (SocketTimeoutException nobody) {
        return passed("is refused, and nobody called the address in it");
      }
    }
  }

  String literals() throws Exception {
    for (String size : List.of("4294967295", "2147483648+", "-1", "0x10", "99999999999999999999")) {
      try (ListenerWire wire = client.wire()) {
        wire.send("l LOGIN {" + size + "}\r\n");
        String answer = wire.line();
        if (answer != null && answer.startsWith("+")) {
          return failed("{" + size + "} is asked for: " + answer);
        }
        if (answer != null && size.endsWith("+") && !answer.startsWith("*")) {
          wire.send("x\r\n");
        }
      } catch (IOException late) {
        return failed("{" + size + "} is waited for");
      }
    }
    return client.stillServed("each is refused before it is read");
  }

  String cancelled() throws Exception {
    for (int times = 0; times < 5; times++) {
      try (ListenerWire wire = client.wire()) {
        for (int i = 0; i < HOPELESS_COMMANDS; i++) {
          wire.send(listener.written("c", listener.imap() ? "AUTHENTICATE PLAIN" : "AUTH PLAIN"));
          String answer = wire.line();
          if (answer == null || !answer.startsWith("+")) {
            break;
          }
          wire.send("*\r\n");
          if (wire.line() == null) {
            break;
          }
        }
      }
    }
    return client.stillServed("others are served meanwhile");
  }

  String badNames() throws Exception {
    for (String name :
        List.of(
            "\u00ff\u00fe",
            "\u00c3",
            "@example.com",
            "nobody@",
            "@",
            "a\\b",
            "\u00e2\u0080\u00ae")) {
      String answer = client.login(name, "x");
      if (!listener.isError(answer) && !answer.isEmpty()) {
        return failed(name + " was let in: " + answer);
      }
    }
    return client.stillServed("each is refused");
  }

  String pipelined() throws Exception {
    String all =
        listener.imap()
            ? "1 "
                + ListenerTrial.login(client.user(), client.somePassword())
                + "\r\n2 SELECT INBOX\r\n3 NOOP\r\n4 LOGOUT\r\n"
            : "USER "
                + client.user()
                + "\r\nPASS "
                + client.somePassword()
                + "\r\nSTAT\r\nNOOP\r\nQUIT\r\n";
    int[] cuts = {all.length(), 1, all.indexOf('\n'), all.indexOf('\n') + 1, all.length() - 1};
    for (int cut : cuts) {
      try (ListenerWire wire = client.wire()) {
        wire.send(all.substring(0, cut));
        if (cut < all.length()) {
          wire.send(all.substring(cut));
        }
        List<String> answers = new ArrayList<>();
        for (String line = wire.line(); line != null; line = wire.line()) {
          boolean counts = listener.imap() ? line.matches("[1-4] OK.*") : line.startsWith("+OK");
          if (counts) {
            answers.add(listener.imap() ? line.substring(0, 1) : "+");
          }
        }
        List<String> due =
            listener.imap() ? List.of("1", "2", "3", "4") : List.of("+", "+", "+", "+", "+");
        if (!answers.equals(due)) {
          return failed("cut at " + cut + ", the answers are " + answers);
        }
      }
    }
    return passed("each command has one answer, in order");
  }

  String routes() throws Exception {
    try (ServerSocket called = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      called.setSoTimeout(1_000);
      int port = called.getLocalPort();
      for (String name :
          List.of("a@127.0.0.1:" + port, "a%127.0.0.1:" + port, "127.0.0.1:" + port + "!a")) {
        String answer = client.login(name, "x");
        if (!listener.isError(answer) && !answer.isEmpty()) {
          return failed(name + " was let in: " + answer);
        }
      }
      try {
        called.accept().close();
        return failed("the server that the name named was connected to");
      } catch (SocketTimeoutException nobody) {
        return passed("an ordinary failed login, and nobody was connected to");
      }
    }
  }

  String sameRefusal() throws Exception {
    List<Long> unknown = new ArrayList<>();
    List<Long> wrong = new ArrayList<>();
    String saidUnknown = "";
    String saidWrong = "";
    for (int i = 0; i < 3; i++) {
      // A store's own penalty grows with each try, so that only neighbours can be compared.
      long begun = System.nanoTime();
      saidWrong = client.login(client.user(), "wrong" + i);
      wrong.add(System.nanoTime() - begun);
      begun = System.nanoTime();
      saidUnknown = client.login(NOBODY + i + client.domain(), "wrong" + i);
      unknown.add(System.nanoTime() - begun);
    }
    if (!withoutReference(saidUnknown).equals(withoutReference(saidWrong))) {
      return failed(
          "unknown: \u201c" + saidUnknown + "\u201d, wrong: \u201c" + saidWrong + "\u201d");
    }
    long apart = Math.abs(median(unknown) - median(wrong));
    Duration difference = Duration.ofNanos(apart);
    return difference.compareTo(Duration.ofMillis(500)) < 0
        ? passed("the same words, " + difference.toMillis() + " ms apart")
        : failed("the same words, but " + difference.toMillis() + " ms apart");
  }

  private static String withoutReference(String said) {
    return said.replaceAll("\\((ref|session)[^)]*\\)", "").replaceAll("<[^>]*>", "");
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }

  String besideGuesser() throws Exception {
    client.login(client.user(), client.somePassword()); // who was let in before is known
    ExecutorService guessers = Executors.newFixedThreadPool(FLOOD);
    try {
      for (int i = 0; i < FLOOD; i++) {
        int guess = i;
        guessers.execute(() -> guess("hostile-guess" + guess + client.domain()));
      }
      long begun = System.nanoTime();
      String answer = client.login(client.user(), client.somePassword());
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      return listener.isError(answer) || took.compareTo(Duration.ofSeconds(5)) > 0
          ? failed("a good login took " + took.toMillis() + " ms: " + answer)
          : passed("a good login took " + took.toMillis() + " ms");
    } finally {
      guessers.shutdownNow();
    }
  }

  private void guess(String name) {
    try {
      client.login(name, "wrong");
    } catch (Exception turnedAway) { // which is as good as refused
      return;
    }
  }
}
