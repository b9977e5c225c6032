package org.openmmp.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  /** Seconds for one answer, which may be held back by a penalty. */
  private static final int MOST_FOR_AN_ANSWER = 30;

  /** What a row cannot be tried without. */
  private enum Needs {
    /** Nothing. */
    NOTHING,
    /** A connection that begins in the clear. */
    CLEAR,
    /** A client whose time before the login has an end; an MTA has five minutes for a command. */
    SHORT_TIME,
    /** Logins. */
    LOGINS,
    /** Literals. */
    LITERALS,
    /** Logins, and a connection that begins in the clear. */
    CLEAR_LOGINS,
    /** A test account to log in to. */
    ACCOUNT,
    /** A test account and its password. */
    PASSWORD,
    /** Mail. */
    MAIL,
    /** A test account that takes mail. */
    MAILBOX
  }

  /** One row. */
  private record Row(String id, String what, Needs needs, Callable<String> trial) {}

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
    ListenerTrial listener =
        new ListenerTrial(
            protocol + (tls.equals("implicit") ? "s" : ""),
            new InetSocketAddress(at.host(), at.port()),
            "always",
            false,
            false,
            at.host(),
            false,
            Duration.ofSeconds(Math.min(patience, MOST_FOR_AN_ANSWER)));
    HostileClient client = new HostileClient(listener, tls, user, password, patience);
    if (listener.at().isUnresolved() || !listens(client)) {
      errors.println("openmmp: nobody is served at " + target);
      return AdminDoor.NOBODY;
    }
    return tell(tried(client));
  }

  private boolean listens(HostileClient client) {
    try (ListenerWire wire = client.wire()) {
      return !wire.isLate();
    } catch (Exception none) {
      spec.commandLine().getErr().println("openmmp: " + none.getMessage());
      return false;
    }
  }

  private List<Map<String, String>> tried(HostileClient client) {
    List<Row> rows = rows(client);
    ExecutorService slow = Executors.newCachedThreadPool();
    try {
      // Who only waits, waits beside the others.
      Map<String, Future<Map<String, String>>> waiting = new LinkedHashMap<>();
      for (Row row : rows) {
        if (wanted(row) && (row.id().equals("T10") || row.id().equals("P12"))) {
          waiting.put(row.id(), slow.submit(() -> tried(row, client)));
        }
      }
      List<Map<String, String>> all = new ArrayList<>();
      for (Row row : rows) {
        if (wanted(row)) {
          Future<Map<String, String>> begun = waiting.get(row.id());
          Map<String, String> found = begun == null ? tried(row, client) : begun.get();
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
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      slow.shutdownNow();
      password.clear();
    }
  }

  private boolean wanted(Row row) {
    return only == null || Arrays.asList(only.split(",", -1)).contains(row.id());
  }

  private static Map<String, String> tried(Row row, HostileClient client) {
    String wanting = wanting(row.needs(), client);
    Callable<String> trial = wanting == null ? row.trial() : () -> ListenerTrial.skipped(wanting);
    Map<String, String> found = client.listener().check(row.what(), trial);
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

  private static List<Row> rows(HostileClient client) {
    ListenerTrial listener = client.listener();
    HostileOctets octets = new HostileOctets(client);
    HostileLogins logins = new HostileLogins(client);
    HostileMail mail = new HostileMail(client);
    return List.of(
        new Row("T1", "command behind STARTTLS in one segment", Needs.NOTHING, listener::injection),
        new Row(
            "T1b",
            "command behind STARTTLS, with LF alone",
            Needs.CLEAR,
            () -> octets.injected("\n", false)),
        new Row(
            "T1c",
            "command behind STARTTLS, a moment later",
            Needs.CLEAR,
            () -> octets.injected("\r\n", true)),
        new Row(
            "T5",
            "half a login before STARTTLS, half behind it",
            Needs.CLEAR_LOGINS,
            logins::halfALogin),
        new Row("T6", "STARTTLS within TLS", Needs.NOTHING, octets::startTlsTwice),
        new Row("T7", "HTTP", Needs.NOTHING, octets::http),
        new Row(
            "T9",
            "ClientHellos of 9 octets that claim 16 MiB",
            Needs.NOTHING,
            octets::greedyHellos),
        new Row("T10", "a client that says nothing", Needs.SHORT_TIME, () -> octets.endless("")),
        new Row("P1", "line ends within names and passwords", Needs.LOGINS, logins::lineEnds),
        new Row("P3", "wildcards and filters as names", Needs.LOGINS, logins::wildcards),
        new Row("P4", "format strings and look-ups as names", Needs.LOGINS, logins::lookUps),
        new Row(
            "P5",
            "4,000 opening parentheses without a line end",
            Needs.NOTHING,
            octets::parentheses),
        new Row("P6", "literals that claim too much", Needs.LITERALS, logins::literals),
        new Row(
            "P8",
            "AUTHENTICATE that is cancelled, again and again",
            Needs.LOGINS,
            logins::cancelled),
        new Row("P9", "names that are no UTF-8, and empty parts", Needs.LOGINS, logins::badNames),
        new Row("P11", "2 MiB without a line end", Needs.NOTHING, listener::longLine),
        new Row("P11b", "NUL, bare CR and a huge tag", Needs.NOTHING, octets::oddOctets),
        new Row("P11c", "10,000 empty lines", Needs.NOTHING, octets::emptyLines),
        new Row("P11d", "bad commands without an end", Needs.NOTHING, listener::badCommands),
        new Row(
            "P12",
            "an octet each 5 seconds",
            Needs.SHORT_TIME,
            () -> octets.endless("a NOOP".repeat(20))),
        new Row(
            "P13",
            "login and commands in one segment, and cut anywhere",
            Needs.PASSWORD,
            logins::pipelined),
        new Row("R10", "names that name a server", Needs.LOGINS, logins::routes),
        new Row("R11", "unknown user and wrong password", Needs.ACCOUNT, logins::sameRefusal),
        new Row("R12", "good users beside a guesser", Needs.PASSWORD, logins::besideGuesser),
        new Row("C1", "a PROXY header of a stranger", Needs.NOTHING, listener::proxyHeader),
        new Row("C2", "claims in ID and XCLIENT", Needs.NOTHING, octets::claims),
        new Row("L1", "false ends of data", Needs.MAILBOX, mail::falseEnds),
        new Row("L5", "DATA behind refused recipients", Needs.MAIL, mail::dataForNobody),
        new Row("L11", "paths with quotes, routes, bare CR and LF", Needs.MAIL, mail::paths));
  }

  /** Why a row that needs this cannot be tried there; null if it can. */
  private static @Nullable String wanting(Needs needs, HostileClient client) {
    boolean lmtp = client.listener().lmtp();
    boolean noUser = client.user().isEmpty();
    String noLogins = lmtp ? "there are no logins in LMTP" : null;
    String tlsFirst = client.isTlsFirst() ? "TLS comes first here" : null;
    String noMail = lmtp ? null : "mail is not handed over here";
    return switch (needs) {
      case NOTHING -> null;
      case CLEAR -> tlsFirst;
      case SHORT_TIME -> lmtp ? "an MTA has five minutes for a command (RFC 5321)" : null;
      case LOGINS -> noLogins;
      case LITERALS -> client.listener().imap() ? null : "there are no literals";
      case CLEAR_LOGINS -> lmtp ? noLogins : tlsFirst;
      case ACCOUNT -> lmtp ? noLogins : noUser ? "needs --user" : null;
      case PASSWORD ->
          lmtp ? noLogins : client.password().isEmpty() ? "needs --user and --password-file" : null;
      case MAIL -> noMail;
      case MAILBOX -> lmtp && noUser ? "needs --user" : noMail;
    };
  }
}
