package org.openmmp.program;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.OpenMmpConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What commands that ask a running front end have in common: where it is, the form of its answer,
 * and their exit status.
 */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:done",
      "1:no front end answers",
      "2:the command line is wrong",
      "3:refused, or nothing matched",
      "78:the configuration is refused"
    })
final class AdminDoor {
  /** Nobody answers. */
  static final int NOBODY = 1;

  /** The command line is wrong. */
  static final int WRONG = 2;

  /** The front end refused, or there was nothing to do it to. */
  static final int REFUSED = 3;

  /** How the JSON of a page that counts begins. */
  private static final Pattern COUNT = Pattern.compile("\\{\"count\":(\\d{1,9})[,}]");

  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int SERVER_ERROR = 500;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Mixin private ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "prints JSON")
  private boolean json;

  /** Whether JSON is wanted. */
  boolean json() {
    return json;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter errors() {
    return spec.commandLine().getErr();
  }

  /** The configuration, which says where the front end is; empty if it is refused, and told. */
  Optional<OpenMmpConfig> configuration() {
    return config.readForAsking(errors());
  }

  /**
   * Asks a page that tells something, prints what it tells, and returns the exit status.
   *
   * @param parameters those with an empty value are left out
   */
  int look(String path, Map<String, String> parameters) {
    return look(path, parameters, "");
  }

  /** The same with something for the terminal before the answer. */
  int look(String path, Map<String, String> parameters, String before) {
    return run("GET", path, parameters, new byte[0], before, this::print);
  }

  /** How many there are of what a page counts; nothing if it does not tell. */
  OptionalInt count(String path, Map<String, String> parameters) {
    Optional<OpenMmpConfig> read = configuration();
    if (read.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      Map<String, String> all = new LinkedHashMap<>(parameters);
      all.put("limit", "0");
      all.put("format", "json");
      String body = ask(read.get().admin(), path, all).map(AdminClient.Reply::body).orElse("");
      Matcher count = COUNT.matcher(body);
      return count.lookingAt()
          ? OptionalInt.of(Integer.parseInt(count.group(1)))
          : OptionalInt.empty();
    } catch (IOException silent) {
      return OptionalInt.empty();
    }
  }

  /** The same for a page that does something. */
  int act(String path, Map<String, String> parameters) {
    return run("POST", path, parameters, new byte[0], "", this::print);
  }

  /**
   * The same where a refusal is a report too, whose last line alone is an error.
   *
   * @param body is overwritten
   */
  int report(String path, Map<String, String> parameters, byte[] body) {
    return run("POST", path, parameters, body, "", this::printReport);
  }

  /** A password that somebody types unseen; empty if nobody sits at a terminal. */
  @SuppressWarnings("SystemConsoleNull") // a console of Java 22 that is no terminal is told apart
  static byte[] typedPassword() {
    @Nullable Console console = System.console();
    char @Nullable [] typed =
        console == null || !onTerminal() ? null : console.readPassword("Password: ");
    if (typed == null) {
      return new byte[0];
    }
    CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();
    ByteBuffer octets =
        ByteBuffer.allocate((int) Math.ceil(typed.length * (double) utf8.maxBytesPerChar()));
    utf8.encode(CharBuffer.wrap(typed), octets, true);
    octets.flip();
    byte[] password = new byte[octets.remaining()];
    octets.get(password);
    Arrays.fill(typed, '\0');
    Arrays.fill(octets.array(), (byte) 0);
    return password;
  }

  /** The same where lines follow, which are printed as they come; 1 if they break off. */
  int follow(String path, Map<String, String> parameters) {
    Optional<OpenMmpConfig> read = configuration();
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    AdminClient client = new AdminClient(read.get().admin());
    try {
      Optional<AdminClient.Reply> reply =
          client.follow(
              target(path, parameters),
              line -> {
                out().println(line);
                out().flush();
              });
      if (reply.isEmpty()) {
        errors().println("openmmp: " + client.nobody());
        return NOBODY;
      }
      String last = reply.get().body();
      if (reply.get().status() != OK) {
        return print(reply.get());
      } else if (last.startsWith(json ? "{\"ended\":" : "the trace has ended")) {
        return 0;
      }
      errors().println("openmmp: the front end has gone");
      return NOBODY;
    } catch (IOException silent) {
      errors().println("openmmp: " + silent.getMessage());
      return NOBODY;
    }
  }

  private int run(
      String method,
      String path,
      Map<String, String> parameters,
      byte[] body,
      String before,
      ToIntFunction<AdminClient.Reply> print) {
    Optional<OpenMmpConfig> read = configuration();
    if (read.isEmpty()) {
      return StartStatus.EX_CONFIG;
    }
    AdminClient client = new AdminClient(read.get().admin());
    try {
      Optional<AdminClient.Reply> reply = client.ask(method, target(path, parameters), body);
      if (reply.isEmpty()) {
        errors().println("openmmp: " + client.nobody());
        return NOBODY;
      }
      if (!before.isEmpty()) {
        System.out.print(before); // what moves the cursor is made visible on its way through out()
        System.out.flush();
      }
      return print.applyAsInt(reply.get());
    } catch (IOException silent) {
      errors().println("openmmp: " + silent.getMessage());
      return NOBODY;
    }
  }

  /** The answer of a page that tells something; empty if nobody is there. */
  Optional<AdminClient.Reply> ask(AdminConfig admin, String path, Map<String, String> parameters)
      throws IOException {
    return new AdminClient(admin).ask("GET", target(path, parameters));
  }

  private int printReport(AdminClient.Reply reply) {
    String body = reply.body().strip();
    int last = body.lastIndexOf('\n') + 1;
    if (reply.status() == OK || json || last == 0) {
      return print(reply);
    }
    out().println(body.substring(0, last - 1));
    out().flush();
    return print(new AdminClient.Reply(reply.status(), body.substring(last), reply.from()));
  }

  /** The answer is printed, and a refusal is told as an error. */
  int print(AdminClient.Reply reply) {
    String body = reply.body().strip();
    if (reply.status() == OK) {
      out().println(body);
      return 0;
    }
    if (json && body.startsWith("{")) {
      out().println(body);
    } else {
      errors().println("openmmp: " + (body.isEmpty() ? "the front end refuses" : body));
    }
    return reply.status() >= SERVER_ERROR
        ? NOBODY
        : reply.status() == BAD_REQUEST ? WRONG : REFUSED;
  }

  private String target(String path, Map<String, String> parameters) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("format", json ? "json" : "text");
    all.putAll(parameters);
    return path
        + "?"
        + all.entrySet().stream()
            .filter(each -> !each.getValue().isEmpty())
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
  }

  /** A space is no plus sign there. */
  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Whether the operator wants it: by an option, or by a word on the terminal.
   *
   * @param yes the option
   * @param what a sentence that says what would happen
   */
  @SuppressWarnings("SystemConsoleNull") // a console of Java 22 that is no terminal is told apart
  boolean confirmed(boolean yes, String what) {
    if (yes) {
      return true;
    }
    @Nullable Console console = System.console();
    if (console == null || !onTerminal()) {
      errors().println("openmmp: " + what + " Say --yes if that is meant.");
      return false;
    }
    @Nullable String answer = console.readLine("%s%nDo it? [y/N] ", what);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }

  /** Whether somebody sits there; from Java 22 on a console may be no terminal, and says so. */
  @SuppressWarnings("SystemConsoleNull") // a console of Java 22 that is no terminal is told apart
  static boolean onTerminal() {
    @Nullable Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      Method asked = Console.class.getMethod("isTerminal");
      return Boolean.TRUE.equals(asked.invoke(console));
    } catch (ReflectiveOperationException olderJava) {
      return true;
    }
  }
}
