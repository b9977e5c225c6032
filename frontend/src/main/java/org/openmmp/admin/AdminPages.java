package org.openmmp.admin;

import static org.openmmp.admin.Response.Status.NOT_FOUND;
import static org.openmmp.admin.Response.Status.OK;
import static org.openmmp.admin.Response.Status.UNAVAILABLE;

import java.time.Duration;
import java.util.Set;

/**
 * The pages by their exact paths: nothing is decoded, joined or looked for in a file, so that a
 * path has one spelling and no tricks.
 */
final class AdminPages {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** They say yes or no to a load balancer, which has no token to show. */
  private static final Set<String> OPEN = Set.of("/livez", "/readyz", "/startz");

  private final AdminSources sources;
  private final ExplainPage explain;

  AdminPages(AdminSources sources, Duration patience) {
    this.sources = sources;
    explain = new ExplainPage(sources.explain(), patience);
  }

  static boolean isOpen(String path) {
    return OPEN.contains(path);
  }

  Response answer(RequestHead head) throws RefusedRequestException {
    return switch (head.path()) {
      case "/livez" -> yesOrNo(sources.health().live(), "live", "not live");
      case "/startz" -> yesOrNo(sources.health().started(), "started", "starting");
      case "/readyz" -> ready();
      case "/metrics" -> new Response(OK, METRICS_TYPE, sources.metrics().get(), "");
      case "/api/v1/groups" -> GroupsPage.answer(head.query(), sources);
      case "/api/v1/explain" -> explain.answer(head.query());
      default -> throw RefusedRequestException.of(NOT_FOUND, "no such page");
    };
  }

  /** No store is asked: with every store down a client still gets an honest answer (rule B8.2). */
  private Response ready() {
    HealthSource health = sources.health();
    if (health.draining()) {
      return Response.text(UNAVAILABLE, "draining");
    }
    return yesOrNo(health.started() && health.live(), "ready", "not ready");
  }

  private static Response yesOrNo(boolean yes, String word, String otherwise) {
    return yes ? Response.text(OK, word) : Response.text(UNAVAILABLE, otherwise);
  }
}
