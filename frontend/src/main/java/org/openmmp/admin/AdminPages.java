package org.openmmp.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;

/**
 * The pages by their exact paths: nothing is decoded, joined or looked for in a file, so that a
 * path has one spelling and no tricks.
 */
final class AdminPages {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Below the time that an answer may take. */
  private static final Duration LONGEST_EXPLANATION = Duration.ofSeconds(5);

  private static final int MAX_SERVICE_LENGTH = 16;
  private static final List<String> EXPLAIN_PARAMETERS =
      List.of("user", "service", "client", "format");

  private AdminPages() {}

  /** All of them; those that say yes or no to a load balancer, which has no token, are open. */
  static Map<String, AdminPage> of(AdminSources sources) {
    return Map.of(
        "/livez",
        AdminPage.reading(true, any -> yesOrNo(sources.live(), "live", "not live")),
        "/startz",
        AdminPage.reading(true, any -> yesOrNo(sources.started(), "started", "starting")),
        "/readyz",
        AdminPage.reading(true, any -> ready(sources)),
        "/metrics",
        AdminPage.reading(false, any -> AdminReply.of(OK, METRICS_TYPE, sources.metrics())),
        "/api/v1/groups",
        AdminPage.reading(false, request -> GroupsPage.answer(request.query(), sources)),
        "/api/v1/explain",
        AdminPage.readingLater(request -> explain(request.query(), sources)));
  }

  /** No store is asked: with every store down a client still gets an honest answer (rule B8.2). */
  private static AdminReply ready(AdminSources sources) {
    if (sources.draining()) {
      return AdminReply.text(SERVICE_UNAVAILABLE, "draining");
    }
    return yesOrNo(sources.started() && sources.live(), "ready", "not ready");
  }

  private static AdminReply yesOrNo(boolean yes, String word, String otherwise) {
    return yes ? AdminReply.text(OK, word) : AdminReply.text(SERVICE_UNAVAILABLE, otherwise);
  }

  /** Answers {@code ?user=NAME[&service=imap][&client=ADDRESS][&format=json|text]} (rule B8.4). */
  private static CompletableFuture<AdminReply> explain(String query, AdminSources sources) {
    Query parameters = Query.parse(query, EXPLAIN_PARAMETERS);
    String user = parameters.value("user", "");
    String service = parameters.value("service", "imap");
    String client = parameters.value("client", "127.0.0.1");
    boolean text = parameters.wantsText();
    if (user.isEmpty() || !SafeText.isVisible(user)) {
      throw new RefusedRequestException(BAD_REQUEST, "user=NAME is needed");
    }
    if (service.length() > MAX_SERVICE_LENGTH || !service.matches("[a-z0-9]+")) {
      throw new RefusedRequestException(BAD_REQUEST, "service is a name such as imap");
    }
    if (AddressLiteral.parse(client) == null) {
      throw new RefusedRequestException(BAD_REQUEST, "client is an address such as 192.0.2.7");
    }
    return sources
        .explain(user, service, client)
        .toCompletableFuture()
        .copy()
        .orTimeout(LONGEST_EXPLANATION.toNanos(), TimeUnit.NANOSECONDS)
        .handle(
            (explanation, failure) -> {
              if (failure instanceof TimeoutException) {
                throw new RefusedRequestException(
                    SERVICE_UNAVAILABLE, "the directory does not answer");
              }
              if (failure != null) {
                throw new CompletionException("an explanation failed", failure);
              }
              return text
                  ? AdminReply.text(OK, explanation.text())
                  : AdminReply.json(explanation.tree());
            });
  }
}
