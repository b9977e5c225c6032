package org.openmmp.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmmp.admin.AdminPage.Access;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;

/**
 * The pages by their exact paths: nothing is decoded, joined or looked for in a file, so that a
 * path has one spelling and no tricks.
 */
final class AdminPages {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Below the time that an answer may take. */
  private static final Duration LONGEST_EXPLANATION = Duration.ofSeconds(5);

  private static final int MAX_SERVICE_LENGTH = 16;
  private static final List<Parameter> EXPLAIN_PARAMETERS =
      List.of(
          Parameter.needed("user", "login name, as a client would type it"),
          Parameter.optional("service", "imap (the default), pop3 or lmtp"),
          Parameter.optional("client", "address that the client comes from; default: 127.0.0.1"));

  private static final Parameter GROUP =
      Parameter.optional(
          "group",
          "names of groups, with commas between: only the meters of these, each by itself");

  private AdminPages() {}

  /** All of them by their paths. */
  static Map<String, AdminPage> of(AdminSources sources) {
    List<AdminPage> all = new ArrayList<>();
    all.add(
        AdminPage.plain(
            "/livez",
            Access.OPEN,
            "Whether the process can still do its work",
            any -> yesOrNo(sources.live(), "live", "not live")));
    all.add(
        AdminPage.plain(
            "/startz",
            Access.OPEN,
            "Whether all listeners were opened",
            any -> yesOrNo(sources.started(), "started", "starting")));
    all.add(
        AdminPage.plain(
            "/readyz", Access.OPEN, "Whether new clients are taken", any -> ready(sources)));
    all.add(
        new AdminPage(
            "/metrics",
            Access.LOOK,
            "All meters, for Prometheus",
            List.of(GROUP),
            request -> CompletableFuture.completedFuture(metrics(request, sources))));
    all.add(
        AdminPage.lookingLater(
            "/api/v1/groups",
            "Directory servers, groups, masters and hosts",
            List.of(),
            any -> GroupsPage.answer(sources)));
    all.add(
        AdminPage.lookingLater(
            "/api/v1/explain",
            "Where a login or delivery would go, and why",
            EXPLAIN_PARAMETERS,
            query -> explain(query, sources)));
    all.addAll(sources.pages());
    LiveFeed live = new LiveFeed(sources, all.stream().map(AdminPage::path).toList());
    all.add(
        AdminPage.plain(
            "/api/v1/live",
            Access.LOOK,
            "What the dashboard shows, and each change of it, as events sent by the server",
            live::answer));
    all.addAll(Dashboard.pages());
    Map<String, AdminPage> byPath = new TreeMap<>();
    all.forEach(page -> byPath.put(page.path(), page));
    AdminPage description =
        AdminPage.plain(
            OpenApi.PATH,
            Access.LOOK,
            "This description",
            any -> AdminReply.json(OK, OpenApi.of(byPath.values())));
    byPath.put(OpenApi.PATH, description);
    return byPath;
  }

  private static AdminReply metrics(AdminPage.Request request, AdminSources sources) {
    Query query = Query.parse(request.query(), List.of(GROUP.name()), List.of());
    Set<String> groups =
        Stream.of(query.value(GROUP.name(), "").split(",", -1))
            .map(HostName::fold)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());
    return AdminReply.of(OK, METRICS_TYPE, sources.metrics(groups));
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

  private static CompletionStage<Answer> explain(Query query, AdminSources sources) {
    String service = query.value("service", "imap");
    String client = query.value("client", "127.0.0.1");
    if (service.length() > MAX_SERVICE_LENGTH || !service.matches("[a-z0-9]+")) {
      throw new RefusedRequestException(BAD_REQUEST, "service is a name such as imap");
    }
    if (AddressLiteral.parse(client) == null) {
      throw new RefusedRequestException(BAD_REQUEST, "client is an address such as 192.0.2.7");
    }
    return sources
        .explain(query.value("user", ""), service, client)
        .toCompletableFuture()
        .copy()
        .orTimeout(LONGEST_EXPLANATION.toNanos(), TimeUnit.NANOSECONDS)
        .handle(
            (explanation, failure) -> {
              if (failure instanceof TimeoutException) {
                return Answer.not(Answer.Kind.LATE, "the directory does not answer");
              }
              if (failure != null) {
                throw new CompletionException("an explanation failed", failure);
              }
              return Answer.done(explanation.text(), explanation.tree());
            });
  }
}
