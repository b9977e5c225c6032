package org.openmmp.admin;

import static org.openmmp.admin.Response.Status.BAD_REQUEST;
import static org.openmmp.admin.Response.Status.OK;
import static org.openmmp.admin.Response.Status.UNAVAILABLE;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;

/** Answers {@code ?user=NAME[&service=imap][&client=ADDRESS][&format=json|text]} (rule B8.4). */
final class ExplainPage {
  private static final int MAX_SERVICE_LENGTH = 16;
  private static final List<String> PARAMETERS = List.of("user", "service", "client", "format");

  private final ExplainSource source;
  private final Duration patience;

  ExplainPage(ExplainSource source, Duration patience) {
    this.source = source;
    this.patience = patience;
  }

  Response answer(String query) throws RefusedRequestException {
    Query parameters = Query.parse(query, PARAMETERS);
    String user = parameters.value("user", "");
    String service = parameters.value("service", "imap");
    String client = parameters.value("client", "127.0.0.1");
    boolean text = parameters.wantsText();
    if (user.isEmpty() || !SafeText.isVisible(user)) {
      throw RefusedRequestException.of(BAD_REQUEST, "user=NAME is needed");
    }
    if (service.length() > MAX_SERVICE_LENGTH || !service.matches("[a-z0-9]+")) {
      throw RefusedRequestException.of(BAD_REQUEST, "service is a name such as imap");
    }
    if (AddressLiteral.parse(client) == null) {
      throw RefusedRequestException.of(BAD_REQUEST, "client is an address such as 192.0.2.7");
    }
    Explanation explanation = ask(user, service, client);
    return text ? Response.text(OK, explanation.text()) : Response.json(explanation.tree());
  }

  private Explanation ask(String user, String service, String client)
      throws RefusedRequestException {
    try {
      return source
          .explain(user, service, client)
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
}
