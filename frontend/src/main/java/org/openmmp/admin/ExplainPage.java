package org.openmmp.admin;

import static org.openmmp.admin.Response.Status.BAD_REQUEST;
import static org.openmmp.admin.Response.Status.OK;
import static org.openmmp.admin.Response.Status.UNAVAILABLE;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Answers {@code ?user=NAME[&service=imap][&format=json|text]} (rule B8.4). */
final class ExplainPage {
  private static final int MAX_SERVICE_LENGTH = 16;

  private final ExplainSource source;
  private final Duration patience;

  ExplainPage(ExplainSource source, Duration patience) {
    this.source = source;
    this.patience = patience;
  }

  Response answer(String query) throws RefusedRequestException {
    Map<String, String> parameters = parameters(query);
    String user = parameters.getOrDefault("user", "");
    String service = parameters.getOrDefault("service", "imap");
    String format = parameters.getOrDefault("format", "json");
    if (user.isEmpty() || user.chars().anyMatch(Character::isISOControl)) {
      throw RefusedRequestException.of(BAD_REQUEST, "user=NAME is needed");
    }
    if (service.length() > MAX_SERVICE_LENGTH || !service.matches("[a-z0-9]+")) {
      throw RefusedRequestException.of(BAD_REQUEST, "service is a name such as imap");
    }
    if (!format.equals("json") && !format.equals("text")) {
      throw RefusedRequestException.of(BAD_REQUEST, "format is json or text");
    }
    Explanation explanation = ask(user, service);
    return format.equals("text")
        ? Response.text(OK, explanation.text())
        : Response.json(explanation.tree());
  }

  private Explanation ask(String user, String service) throws RefusedRequestException {
    try {
      return source
          .explain(user, service)
          .toCompletableFuture()
          .get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw RefusedRequestException.of(UNAVAILABLE, "the directory does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RefusedRequestException.of(UNAVAILABLE, "shutting down");
    } catch (ExecutionException e) {
      throw new IllegalStateException("an explanation failed", e.getCause());
    }
  }

  /** Each parameter at most once, percent-decoded; a plus sign stands for itself. */
  private static Map<String, String> parameters(String query) throws RefusedRequestException {
    Map<String, String> parameters = new HashMap<>();
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      boolean known = name.equals("user") || name.equals("service") || name.equals("format");
      if (equals < 0 || !known || parameters.containsKey(name)) {
        throw RefusedRequestException.of(
            BAD_REQUEST, "expected ?user=NAME[&service=NAME][&format=json|text]");
      }
      parameters.put(name, decoded(part.substring(equals + 1)));
    }
    return parameters;
  }

  private static String decoded(String value) throws RefusedRequestException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(value.length());
    int i = 0;
    while (i < value.length()) {
      char c = value.charAt(i++);
      if (c != '%') {
        octets.write(c);
        continue;
      }
      int high = i + 1 < value.length() ? Character.digit(value.charAt(i), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(value.charAt(i + 1), 16);
      if (low < 0) {
        throw RefusedRequestException.of(BAD_REQUEST, "a percent sign without two digits");
      }
      octets.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.toByteArray())) + "";
    } catch (CharacterCodingException e) {
      throw RefusedRequestException.of(BAD_REQUEST, "a value is not UTF-8");
    }
  }
}
