package org.openmmp.program;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostPort;
import org.openmmp.text.Json;
import org.openmmp.wire.Secret;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The client-side rows of docs/attacks.md against any front end: what a hostile client can try
 * without a look at the stores behind it. {@link SelfTest} tries this program's own listeners; both
 * are made of {@link ListenerTrial}. It blocks.
 */
@Command(
    name = "hostile",
    mixinStandardHelpOptions = true,
    description = {
      "Tries the client-side rows of docs/attacks.md at a front end of any make, and prints a"
          + " score.",
      "Its wrong passwords count for this machine's address, as anybody's do."
    })
public final class HostileSuite implements Callable<Integer> {
  private static final String NOBODY = "hostile-nobody";
  private static final int FLOOD = 20;

  /** Seconds for one answer, which may be held back by a penalty. */
  private static final int MOST_FOR_AN_ANSWER = 30;

  private static final Duration MOMENT = Duration.ofSeconds(5);
  private static final int HOPELESS_COMMANDS = 50;
  private static final byte[] CLIENT_HELLO_OF_16_MIB = {
    0x16, 0x03, 0x01, 0x40, 0x00, 0x01, (byte) 0xff, (byte) 0xff, (byte) 0xff
  };

  /** A row that is tried: its verdict stands in front of what was seen. */
  @FunctionalInterface
  private interface Trial {
    String tried() throws Exception;
  }

  /** One row. */
  private record Row(String id, String what, Trial trial) {}

  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      required = true,
      description = "where the front end listens")
  private String target = "";

  @Option(
      names = "--protocol",
      paramLabel = "PROTOCOL",
      defaultValue = "imap",
      description = "imap, pop3 or lmtp; default: imap")
  private String protocol = "imap";

  @Option(
      names = "--tls",
      paramLabel = "TLS",
      defaultValue = "starttls",
      description = "none, starttls or implicit: how logins go; default: starttls")
  private String tls = "starttls";

  @Option(
      names = "--user",
      paramLabel = "USER",
      defaultValue = "",
      description = "a test account (lmtp: its address); without it some rows are not applicable")
  private String user = "";

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "its password in the first line")
  private @Nullable Path passwordFile;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "how long a client that says nothing may stay; default: 120")
  private int patience = 120;

  @Option(names = "--json", description = "prints JSON")
  private boolean json;

  @Option(
      names = "--only",
      paramLabel = "ROWS",
      description = "tries these rows alone, such as P6 or R11,R12")
  private @Nullable String only;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  private Secret password = Secret.none();
  private ListenerTrial listener =
      new ListenerTrial(
          "imap", new InetSocketAddress(0), "always", false, false, "", false, Duration.ZERO);

  private HostileSuite() {}

  /** Tries everything and exits with 0 if no row failed, 3 if one did. */
  public static void main(String[] args) {
    System.exit(
        run(
            new PrintWriter(System.out, true, UTF_8),
            new PrintWriter(System.err, true, UTF_8),
            args));
  }

  /** The same, without the end of the process. */
  public static int run(PrintWriter out, PrintWriter errors, String... args) {
    return new CommandLine(new HostileSuite())
        .setOut(SafeOutput.to(out))
        .setErr(SafeOutput.to(errors))
        .execute(args);
  }

  @Override
  public Integer call() {
    PrintWriter errors = spec.commandLine().getErr();
    HostPort at = HostPort.parse(target);
    boolean known =
        List.of("imap", "pop3", "lmtp").contains(protocol)
            && List.of("none", "starttls", "implicit").contains(tls);
    if (at == null || !known) {
      errors.println(
          at == null
              ? "openmmp: --target wants HOST:PORT"
              : "openmmp: --protocol is imap, pop3 or lmtp, and --tls none, starttls or implicit");
      return AdminDoor.WRONG;
    }
    if (passwordFile != null) {
      password = Secret.firstLineOf(passwordFile).orElse(Secret.none());
    }
    if (passwordFile != null && password.isEmpty()) {
      errors.println("openmmp: " + passwordFile + " has no password in its first line");
      return AdminDoor.WRONG;
    }
    listener =
        new ListenerTrial(
            protocol + (tls.equals("implicit") ? "s" : ""),
            new InetSocketAddress(at.host(), at.port()),
            "always",
            false,
            false,
            at.host(),
            false,
            Duration.ofSeconds(Math.min(patience, MOST_FOR_AN_ANSWER)));
    if (listener.at().isUnresolved() || !listens()) {
      errors.println("openmmp: nobody is served at " + target);
      return AdminDoor.NOBODY;
    }
    return tell(tried());
  }

  private boolean listens() {
    try (ListenerWire wire = wire()) {
      return !wire.isLate();
    } catch (Exception none) {
      spec.commandLine().getErr().println("openmmp: " + none.getMessage());
      return false;
    }
  }

  private List<Map<String, String>> tried() {
    List<Row> rows = rows();
    ExecutorService slow = Executors.newCachedThreadPool();
    try {
      // Who only waits, waits beside the others.
      Map<String, Future<Map<String, String>>> waiting = new LinkedHashMap<>();
      for (Row row : rows) {
        if (wanted(row) && (row.id().equals("T10") || row.id().equals("P12"))) {
          waiting.put(row.id(), slow.submit(() -> tried(row)));
        }
      }
      List<Map<String, String>> all = new ArrayList<>();
      for (Row row : rows) {
        if (wanted(row)) {
          Future<Map<String, String>> begun = waiting.get(row.id());
          Map<String, String> found = begun == null ? tried(row) : begun.get();
          all.add(found);
          if (!json) {
            spec.commandLine()
                .getOut()
                .printf(
                    "%-4s  %-4s %s: %s%n",
                    found.get("verdict"),
                    found.get("row"),
                    found.get("check"),
                    found.get("reason"));
            spec.commandLine().getOut().flush();
          }
        }
      }
      return all;
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      slow.shutdownNow();
      password.clear();
    }
  }

  private boolean wanted(Row row) {
    return only == null || Arrays.asList(only.split(",", -1)).contains(row.id());
  }

  private Map<String, String> tried(Row row) {
    Map<String, String> found = listener.check(row.what(), row.trial()::tried);
    Map<String, String> told = new LinkedHashMap<>();
    told.put("row", row.id());
    String verdict = found.getOrDefault("verdict", "");
    told.put("verdict", verdict.equals(ListenerTrial.SKIPPED) ? "n/a" : verdict);
    told.put("check", row.what());
    told.put("reason", found.getOrDefault("reason", ""));
    return told;
  }

  private int tell(List<Map<String, String>> found) {
    long passed = count(found, ListenerTrial.PASS);
    long failed = count(found, ListenerTrial.FAIL);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          Json.write(Map.of("passed", passed, "failed", failed, "rows", List.copyOf(found))));
    } else {
      out.println(
          "score "
              + passed
              + " of "
              + (passed + failed)
              + " rows passed; "
              + (found.size() - passed - failed)
              + " not applicable");
    }
    out.flush();
    return failed == 0 ? 0 : AdminDoor.REFUSED;
  }

  private static long count(List<Map<String, String>> found, String verdict) {
    return found.stream().filter(each -> verdict.equals(each.get("verdict"))).count();
  }

  private List<Row> rows() {
    return List.of(
        new Row("T1", "command behind STARTTLS in one segment", listener::injection),
        new Row("T1b", "command behind STARTTLS, with LF alone", () -> injected("\n", false)),
        new Row("T1c", "command behind STARTTLS, a moment later", () -> injected("\r\n", true)),
        new Row("T5", "half a login before STARTTLS, half behind it", this::halfALogin),
        new Row("T6", "STARTTLS within TLS", this::startTlsTwice),
        new Row("T7", "HTTP", this::http),
        new Row("T9", "ClientHellos of 9 octets that claim 16 MiB", this::greedyHellos),
        new Row("T10", "a client that says nothing", () -> endless("")),
        new Row("P1", "line ends within names and passwords", this::lineEnds),
        new Row("P3", "wildcards and filters as names", this::wildcards),
        new Row("P4", "format strings and look-ups as names", this::lookUps),
        new Row("P5", "4,000 opening parentheses without a line end", this::parentheses),
        new Row("P6", "literals that claim too much", this::literals),
        new Row("P8", "AUTHENTICATE that is cancelled, again and again", this::cancelled),
        new Row("P9", "names that are no UTF-8, and empty parts", this::badNames),
        new Row("P11", "2 MiB without a line end", listener::longLine),
        new Row("P11b", "NUL, bare CR and a huge tag", this::oddOctets),
        new Row("P11c", "10,000 empty lines", this::emptyLines),
        new Row("P11d", "bad commands without an end", listener::badCommands),
        new Row("P12", "an octet each 5 seconds", () -> endless("a NOOP".repeat(20))),
        new Row("P13", "login and commands in one segment, and cut anywhere", this::pipelined),
        new Row("R10", "names that name a server", this::routes),
        new Row("R11", "unknown user and wrong password", this::sameRefusal),
        new Row("R12", "good users beside a guesser", this::besideGuesser),
        new Row("C1", "a PROXY header of a stranger", listener::proxyHeader),
        new Row("C2", "claims in ID and XCLIENT", this::claims),
        new Row("L1", "false ends of data", this::falseEnds),
        new Row("L5", "DATA behind refused recipients", this::dataForNobody),
        new Row("L11", "paths with quotes, routes, bare CR and LF", this::paths));
  }

  // ---- TLS

  private String injected(String lineEnd, boolean later) throws Exception {
    if (tls.equals("implicit")) {
      return ListenerTrial.skipped("TLS comes first here");
    }
    ListenerTrial hasty = listener.within(later ? listener.patience() : MOMENT);
    try (ListenerWire wire = hasty.open()) {
      if (!wire.offersTls()) {
        return ListenerTrial.skipped("STARTTLS is not offered");
      }
      String begin = listener.written("s", listener.startTls()).replace("\r\n", lineEnd);
      String inserted = listener.written("i", "XHOSTILE").replace("\r\n", lineEnd);
      wire.send(later ? begin : begin + inserted);
      String answer;
      try {
        answer = wire.line();
      } catch (IOException silence) {
        return ListenerTrial.passed("is no line here, and has no answer");
      }
      if (answer == null || listener.isError(answer)) {
        return ListenerTrial.passed("is refused: " + answer);
      }
      if (later) {
        wire.send(inserted);
      }
      try {
        wire.secure();
      } catch (IOException broken) {
        return wire.isLate()
            ? ListenerTrial.failed("TLS does not begin, and the connection stays")
            : ListenerTrial.passed("the connection is closed");
      }
      wire.send(listener.written("p", listener.capability()));
      String first = wire.line();
      return first != null && (listener.isError(first) || first.startsWith("i "))
          ? ListenerTrial.failed("what was sent in the clear was carried out under TLS: " + first)
          : ListenerTrial.passed("it was thrown away");
    }
  }

  private String halfALogin() throws Exception {
    if (tls.equals("implicit") || listener.lmtp()) {
      return ListenerTrial.skipped(
          listener.lmtp() ? "there are no logins in LMTP" : "TLS comes first here");
    }
    try (ListenerWire wire = listener.open()) {
      if (!wire.offersTls()) {
        return ListenerTrial.skipped("STARTTLS is not offered");
      }
      if (listener.imap()) {
        wire.send("h AUTHENTICATE PLAIN\r\ns STARTTLS\r\n");
        String first = wire.line();
        return stillServed("was answered by " + first);
      }
      wire.ask("USER " + someUser());
      if (!wire.beginTls()) {
        return ListenerTrial.passed("STLS is refused behind USER");
      }
      String answer = wire.ask("PASS " + somePassword());
      return listener.isError(answer)
          ? ListenerTrial.passed("PASS behind STLS is refused: " + answer)
          : ListenerTrial.failed("a name from before TLS was used behind it: " + answer);
    }
  }

  private String startTlsTwice() throws Exception {
    try (ListenerWire wire = listener.open()) {
      if (!tls.equals("implicit") && !wire.beginTls()) {
        return ListenerTrial.skipped("STARTTLS is not offered");
      }
      String answer = wire.ask(listener.startTls());
      return answer.isEmpty() || listener.isError(answer)
          ? ListenerTrial.passed("is refused: " + answer)
          : ListenerTrial.failed("TLS within TLS begins: " + answer);
    }
  }

  private String http() throws Exception {
    try (ListenerWire wire = listener.open()) {
      StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\n");
      for (int i = 0; i < 20; i++) {
        request.append("X-Header-").append(i).append(": value\r\n");
      }
      wire.send(request + "\r\n");
      int answers = linesUntilClosed(wire, 40);
      return answers < 40 && !wire.isLate()
          ? ListenerTrial.passed("the connection is closed behind " + answers + " answers")
          : ListenerTrial.failed("the connection stays open behind 20 lines of HTTP");
    } catch (IOException late) {
      return ListenerTrial.failed("the connection stays open: " + late.getMessage());
    }
  }

  private String greedyHellos() throws Exception {
    List<ListenerWire> held = new ArrayList<>();
    try {
      for (int i = 0; i < FLOOD; i++) {
        ListenerWire wire = new ListenerWire(listener);
        held.add(wire);
        if (!tls.equals("implicit")) {
          wire.line();
          if (!wire.offersTls()) {
            return ListenerTrial.skipped("STARTTLS is not offered");
          }
          wire.ask(listener.startTls());
        }
        wire.send(new String(CLIENT_HELLO_OF_16_MIB, ISO_8859_1));
      }
      return stillServed(FLOOD + " such clients at once do no harm that is seen from here");
    } finally {
      held.forEach(ListenerWire::close);
    }
  }

  /** A client that stays before its login, with nothing or an octet each five seconds. */
  private String endless(String octets) throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("an MTA has five minutes for a command (RFC 5321)");
    }
    long begun = System.nanoTime();
    try (ListenerWire wire = wire(listener.within(Duration.ofSeconds(patience + 10)))) {
      CompletableFuture<Boolean> ended =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  linesUntilClosed(wire, Integer.MAX_VALUE);
                } catch (IOException over) {
                  return !wire.isLate();
                }
                return !wire.isLate();
              });
      for (int at = 0; !ended.isDone(); at++) {
        if (!octets.isEmpty()) {
          try {
            wire.send(octets.substring(at % octets.length(), at % octets.length() + 1));
          } catch (IOException closed) {
            break;
          }
        }
        try {
          ended.get(5, java.util.concurrent.TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException goesOn) {
          // He is sent the next octet.
        }
      }
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
      return ended.get() && seconds <= patience
          ? ListenerTrial.passed("the connection is closed after " + seconds + " s")
          : ListenerTrial.failed("the connection stays for longer than " + patience + " s");
    }
  }

  // ---- before the login

  private String lineEnds() throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("there are no logins in LMTP");
    }
    for (String name : List.of("a\r\nx NOOP", "a\nx NOOP", "a\0b", "a\rb")) {
      try (ListenerWire wire = wire()) {
        String answer = saslLogin(wire, name, "b\r\ny NOOP");
        if (answer == null) {
          return ListenerTrial.skipped("AUTHENTICATE PLAIN is not offered");
        }
        if (!listener.isError(answer)) {
          return ListenerTrial.failed("was let in: " + answer);
        }
        if (!inStep(wire)) {
          return ListenerTrial.failed("one login had several answers, or none");
        }
      }
    }
    if (!password.isEmpty()) {
      try (ListenerWire wire = wire()) {
        String answer = saslLogin(wire, user, somePassword() + "\r\nx NOOP");
        if (answer != null && !listener.isError(answer)) {
          return ListenerTrial.failed("a password with a line end behind it was let in: " + answer);
        }
      }
    }
    return ListenerTrial.passed("each has one answer, which refuses it");
  }

  private String wildcards() throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("there are no logins in LMTP");
    }
    String begin = user.isEmpty() ? "a" : user.substring(0, 1);
    for (String name :
        List.of("*", begin + "*", "a)(mail=*", "\\2a", "*)(objectClass=*", "cn=a,dc=b")) {
      String answer = login(name, password.isEmpty() ? "x" : somePassword());
      if (!listener.isError(answer)) {
        return ListenerTrial.failed(name + " was let in: " + answer);
      }
    }
    return ListenerTrial.passed("none is let in, with the test account's password neither");
  }

  private String lookUps() throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("there are no logins in LMTP");
    }
    try (ServerSocket called = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      called.setSoTimeout(1_000);
      String name = "%s%n%n${jndi:ldap://127.0.0.1:" + called.getLocalPort() + "/x}";
      String answer = login(name, "x");
      if (!listener.isError(answer)) {
        return ListenerTrial.failed("was let in: " + answer);
      }
      try {
        called.accept().close();
        return ListenerTrial.failed("a name was looked up at the address that it names");
      } catch (SocketTimeoutException nobody) {
        return ListenerTrial.passed("is refused, and nobody called the address in it");
      }
    }
  }

  private String parentheses() throws Exception {
    List<ListenerWire> held = new ArrayList<>();
    try {
      for (int i = 0; i < FLOOD; i++) {
        ListenerWire wire = wire();
        held.add(wire);
        wire.send("a NOOP " + "(".repeat(4_000));
      }
      return stillServed(FLOOD + " such clients at once do no harm that is seen from here");
    } finally {
      held.forEach(ListenerWire::close);
    }
  }

  private String literals() throws Exception {
    if (!listener.imap()) {
      return ListenerTrial.skipped("there are no literals");
    }
    for (String size : List.of("4294967295", "2147483648+", "-1", "0x10", "99999999999999999999")) {
      try (ListenerWire wire = wire()) {
        wire.send("l LOGIN {" + size + "}\r\n");
        String answer = wire.line();
        if (answer != null && answer.startsWith("+")) {
          return ListenerTrial.failed("{" + size + "} is asked for: " + answer);
        }
        if (answer != null && size.endsWith("+") && !answer.startsWith("*")) {
          wire.send("x\r\n");
        }
      } catch (IOException late) {
        return ListenerTrial.failed("{" + size + "} is waited for");
      }
    }
    return stillServed("each is refused before it is read");
  }

  private String cancelled() throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("there are no logins in LMTP");
    }
    for (int client = 0; client < 5; client++) {
      try (ListenerWire wire = wire()) {
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
    return stillServed("others are served meanwhile");
  }

  private String badNames() throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("there are no logins in LMTP");
    }
    for (String name :
        List.of(
            "\u00ff\u00fe",
            "\u00c3",
            "@example.com",
            "nobody@",
            "@",
            "a\\b",
            "\u00e2\u0080\u00ae")) {
      String answer = login(name, "x");
      if (!listener.isError(answer) && !answer.isEmpty()) {
        return ListenerTrial.failed(name + " was let in: " + answer);
      }
    }
    return stillServed("each is refused");
  }

  private String oddOctets() throws Exception {
    for (String octets :
        List.of(
            "\0\0\0\r\n", "a NOOP\rb NOOP\r\n", "x".repeat(9_000) + " NOOP\r\n", "\u00ff\r\n")) {
      try (ListenerWire wire = wire()) {
        wire.send(octets);
        wire.line();
      } catch (IOException late) {
        return ListenerTrial.failed("no answer: " + late.getMessage());
      }
    }
    return stillServed("each is answered or ends the connection");
  }

  private String emptyLines() throws Exception {
    try (ListenerWire wire = wire()) {
      try {
        for (int i = 0; i < 100; i++) {
          wire.send("\r\n".repeat(100));
        }
        int answers = linesUntilClosed(wire, 10_000);
        return answers >= 10_000
            ? ListenerTrial.failed("10,000 empty lines have an answer each")
            : ListenerTrial.passed("the connection is closed behind " + answers + " answers");
      } catch (IOException ended) {
        return wire.isLate()
            ? ListenerTrial.failed("the connection stays open behind 10,000 empty lines")
            : ListenerTrial.passed("the connection is closed");
      }
    }
  }

  private String pipelined() throws Exception {
    if (listener.lmtp() || password.isEmpty()) {
      return ListenerTrial.skipped(
          listener.lmtp() ? "there are no logins in LMTP" : "needs --user and --password-file");
    }
    String all =
        listener.imap()
            ? "1 "
                + ListenerTrial.login(user, somePassword())
                + "\r\n2 SELECT INBOX\r\n3 NOOP\r\n4 LOGOUT\r\n"
            : "USER " + user + "\r\nPASS " + somePassword() + "\r\nSTAT\r\nNOOP\r\nQUIT\r\n";
    int[] cuts = {all.length(), 1, all.indexOf('\n'), all.indexOf('\n') + 1, all.length() - 1};
    for (int cut : cuts) {
      try (ListenerWire wire = wire()) {
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
          return ListenerTrial.failed("cut at " + cut + ", the answers are " + answers);
        }
      }
    }
    return ListenerTrial.passed("each command has one answer, in order");
  }

  // ---- routing and identity

  private String routes() throws Exception {
    if (listener.lmtp()) {
      return ListenerTrial.skipped("there are no logins in LMTP");
    }
    try (ServerSocket called = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      called.setSoTimeout(1_000);
      int port = called.getLocalPort();
      for (String name :
          List.of("a@127.0.0.1:" + port, "a%127.0.0.1:" + port, "127.0.0.1:" + port + "!a")) {
        String answer = login(name, "x");
        if (!listener.isError(answer) && !answer.isEmpty()) {
          return ListenerTrial.failed(name + " was let in: " + answer);
        }
      }
      try {
        called.accept().close();
        return ListenerTrial.failed("the server that the name named was connected to");
      } catch (SocketTimeoutException nobody) {
        return ListenerTrial.passed("an ordinary failed login, and nobody was connected to");
      }
    }
  }

  private String sameRefusal() throws Exception {
    if (listener.lmtp() || user.isEmpty()) {
      return ListenerTrial.skipped(
          listener.lmtp() ? "there are no logins in LMTP" : "needs --user");
    }
    List<Long> unknown = new ArrayList<>();
    List<Long> wrong = new ArrayList<>();
    String saidUnknown = "";
    String saidWrong = "";
    for (int i = 0; i < 3; i++) {
      // A store's own penalty grows with each try, so that only neighbours can be compared.
      long begun = System.nanoTime();
      saidWrong = login(user, "wrong" + i);
      wrong.add(System.nanoTime() - begun);
      begun = System.nanoTime();
      saidUnknown = login(NOBODY + i + domain(), "wrong" + i);
      unknown.add(System.nanoTime() - begun);
    }
    if (!withoutReference(saidUnknown).equals(withoutReference(saidWrong))) {
      return ListenerTrial.failed(
          "unknown: \u201c" + saidUnknown + "\u201d, wrong: \u201c" + saidWrong + "\u201d");
    }
    long apart = Math.abs(median(unknown) - median(wrong));
    Duration difference = Duration.ofNanos(apart);
    return difference.compareTo(Duration.ofMillis(500)) < 0
        ? ListenerTrial.passed("the same words, " + difference.toMillis() + " ms apart")
        : ListenerTrial.failed("the same words, but " + difference.toMillis() + " ms apart");
  }

  private static String withoutReference(String said) {
    return said.replaceAll("\\((ref|session)[^)]*\\)", "").replaceAll("<[^>]*>", "");
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }

  private String besideGuesser() throws Exception {
    if (listener.lmtp() || password.isEmpty()) {
      return ListenerTrial.skipped(
          listener.lmtp() ? "there are no logins in LMTP" : "needs --user and --password-file");
    }
    login(user, somePassword()); // who was let in before is known
    ExecutorService guessers = Executors.newFixedThreadPool(FLOOD);
    try {
      for (int i = 0; i < FLOOD; i++) {
        int guess = i;
        guessers.execute(() -> guess("hostile-guess" + guess + domain()));
      }
      long begun = System.nanoTime();
      String answer = login(user, somePassword());
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      return listener.isError(answer) || took.compareTo(Duration.ofSeconds(5)) > 0
          ? ListenerTrial.failed("a good login took " + took.toMillis() + " ms: " + answer)
          : ListenerTrial.passed("a good login took " + took.toMillis() + " ms");
    } finally {
      guessers.shutdownNow();
    }
  }

  private void guess(String name) {
    try {
      login(name, "wrong");
    } catch (Exception turnedAway) { // which is as good as refused
      return;
    }
  }

  // ---- what clients claim

  private String claims() throws Exception {
    if (listener.imap()) {
      String[] claims = {
        "(\"x-originating-ip\" \"192.0.2.1\" \"x-proxy-ttl\" \"255\")",
        "(" + "\"k\" \"v\" ".repeat(31).strip() + ")",
        "(\"k\" \"" + "v".repeat(1_025) + "\")",
        "NIL",
        "(\"k\" {1+}\r\nv)"
      };
      for (String claim : claims) {
        try (ListenerWire wire = wire()) {
          wire.ask("ID " + claim);
        }
      }
      return stillServed("each is answered; whether it is believed is not seen from here");
    }
    try (ListenerWire wire = wire()) {
      String answer =
          wire.ask(listener.lmtp() ? "XCLIENT ADDR=192.0.2.1" : "XCLIENT ADDR=192.0.2.1 PORT=1");
      return answer.isEmpty() || listener.isError(answer) || answer.contains("ignor")
          ? ListenerTrial.passed("XCLIENT is refused: " + answer)
          : ListenerTrial.failed("XCLIENT of a stranger is taken: " + answer);
    }
  }

  // ---- LMTP

  private String falseEnds() throws Exception {
    if (!listener.lmtp() || user.isEmpty()) {
      return ListenerTrial.skipped(listener.lmtp() ? "needs --user" : "there is no DATA");
    }
    for (String end : List.of("\n.\r\n", "\r.\r", "\n.\n", "\r\n.\n", "\r\n.\r")) {
      try (ListenerWire wire = wire()) {
        wire.ask(listener.capability());
        wire.ask("MAIL FROM:<hostile@example.org>");
        String accepted = wire.ask("RCPT TO:<" + user + ">");
        if (listener.isError(accepted)) {
          return ListenerTrial.skipped("the test account takes no mail: " + accepted);
        }
        wire.ask("DATA");
        wire.send(
            "Subject: hostile\r\n\r\none"
                + end
                + "MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<"
                + user
                + ">\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n");
        int messages = 0;
        for (String line = wire.line(); line != null; line = wire.line()) {
          messages += line.startsWith("354") ? 1 : 0;
        }
        if (messages > 0) {
          return ListenerTrial.failed("a second message was smuggled behind a false end of data");
        }
      }
    }
    return ListenerTrial.passed("each is one message, or refused");
  }

  private String dataForNobody() throws Exception {
    if (!listener.lmtp()) {
      return ListenerTrial.skipped("there is no DATA");
    }
    try (ListenerWire wire = wire()) {
      wire.ask(listener.capability());
      wire.ask("MAIL FROM:<hostile@example.org>");
      wire.ask("RCPT TO:<hostile-nobody@hostile.invalid>");
      String answer = wire.ask("DATA");
      return listener.isError(answer)
          ? ListenerTrial.passed("is refused: " + answer)
          : ListenerTrial.failed("a message for nobody is asked for: " + answer);
    }
  }

  private String paths() throws Exception {
    if (!listener.lmtp()) {
      return ListenerTrial.skipped("there are no paths");
    }
    for (String path :
        List.of(
            "<\"a b\"@hostile.invalid>",
            "<@a,@b:c@hostile.invalid>",
            "<a\rb@hostile.invalid>",
            "<" + "a".repeat(2_000) + "@hostile.invalid>",
            "<a@hostile.invalid> X\0Y")) {
      try (ListenerWire wire = wire()) {
        wire.ask(listener.capability());
        wire.ask("MAIL FROM:<hostile@example.org>");
        wire.ask("RCPT TO:" + path);
      }
    }
    return stillServed("each is answered");
  }

  // ---- what all need

  /** A connection on which a password may be sent, whose greeting was read. */
  private ListenerWire wire() throws Exception {
    return wire(listener);
  }

  private ListenerWire wire(ListenerTrial trial) throws Exception {
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
  private String login(String name, String secret) throws Exception {
    try (ListenerWire wire = wire()) {
      if (listener.imap()) {
        return wire.ask(ListenerTrial.login(name, secret));
      }
      String answer = wire.ask("USER " + name);
      return listener.isError(answer) ? answer : wire.ask("PASS " + secret);
    }
  }

  /** The answer to AUTHENTICATE PLAIN; null if that is not taken. */
  private @Nullable String saslLogin(ListenerWire wire, String name, String secret)
      throws IOException {
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
  private boolean inStep(ListenerWire wire) throws IOException {
    wire.send(listener.written("n", listener.imap() ? "NOOP" : "CAPA"));
    String line = wire.line();
    while (line != null && line.startsWith("* ")) {
      line = wire.line();
    }
    return line == null || !listener.imap() || line.startsWith("n ");
  }

  private static int linesUntilClosed(ListenerWire wire, int most) throws IOException {
    int lines = 0;
    while (lines < most && wire.line() != null) {
      lines++;
    }
    return lines;
  }

  /** Whether another client is served now. */
  private String stillServed(String reason) throws Exception {
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

  private String someUser() {
    return user.isEmpty() ? NOBODY : user;
  }

  private String somePassword() {
    return password.isEmpty() ? "x" : new String(password.copy(), ISO_8859_1);
  }

  private String domain() {
    return user.contains("@") ? user.substring(user.indexOf('@')) : "";
  }
}
