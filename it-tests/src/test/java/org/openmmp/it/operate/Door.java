package org.openmmp.it.operate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.wire.Secret;

/** A way to a running program that an operator can do everything by. */
enum Door {
  /** Commands, which come through the program's socket. */
  COMMAND_LINE("who=\\S+ from=socket") {
    @Override
    Told ask(ProxyProcess program, String command, String call, boolean json) {
      OperatedSite.Ran ran =
          OperatedSite.openmmp(program.configuration(), command + (json ? " --json" : ""));
      return new Told(ran.status(), json ? ran.printed() : ran.told());
    }

    @Override
    int status(End end) {
      return end.status;
    }
  },
  /** Requests to the admin listener, with a token. */
  API("who=robot from=127\\.0\\.0\\.1(?:/32)?") {
    @Override
    Told ask(ProxyProcess program, String command, String call, boolean json) {
      Matcher port = ADMIN_PORT.matcher(program.log());
      if (!port.find()) {
        throw new AssertionError("the program has no admin listener");
      }
      String target = call + (json ? "" : (call.contains("?") ? "&" : "?") + "format=text");
      String method = LOOKING.contains(call.replaceAll("\\?.*", "")) ? "GET" : "POST";
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port.group(1) + "/api/v1/" + target))
              .timeout(Duration.ofSeconds(60))
              .header("Authorization", "Bearer " + OperatedSite.TOKEN)
              .method(method, body(command))
              .build();
      try {
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return new Told(answer.statusCode(), answer.body().strip());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    @Override
    int status(End end) {
      return end.code;
    }
  };

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern ADMIN_PORT = Pattern.compile("(?m)^ready .*admin=\\S*:(\\d+)");
  private static final Pattern PASSWORD_FILE = Pattern.compile("--password-file (\\S+)");
  private static final Set<String> LOOKING =
      Set.of("groups", "sessions", "explain", "top", "blocks");

  private final String caller;

  Door(String caller) {
    this.caller = caller;
  }

  /** How something ended that an operator asked for. */
  enum End {
    /** It was told or done. */
    DONE(0, 200),
    /** It cannot be done as things are. */
    REFUSED(3, 409),
    /** Nothing of that name is there. */
    NOTHING(3, 404),
    /** It cannot be understood. */
    WRONG(2, 400),
    /** The configuration has mistakes. */
    MISTAKES(78, 409);

    private final int status;
    private final int code;

    End(int status, int code) {
      this.status = status;
      this.code = code;
    }
  }

  /** What was printed or sent, and the exit status or HTTP's. */
  record Told(int status, String said) {}

  /**
   * Asks a running program.
   *
   * @param command words of the command line
   * @param call what stands behind {@code /api/v1/}
   */
  abstract Told ask(ProxyProcess program, String command, String call, boolean json);

  abstract int status(End end);

  /** What a command reads from a file of the operator's, a request brings along. */
  private static HttpRequest.BodyPublisher body(String command) {
    Matcher file = PASSWORD_FILE.matcher(command);
    return file.find()
        ? HttpRequest.BodyPublishers.ofString(
            Secret.firstLineOf(Path.of(file.group(1)))
                .map(each -> new String(each.copy(), StandardCharsets.UTF_8))
                .orElseThrow())
        : HttpRequest.BodyPublishers.noBody();
  }

  /** Who it was, as the log tells it; a regular expression. */
  String caller() {
    return caller;
  }
}
