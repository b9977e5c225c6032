package org.openmmp.admin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openmmp.admin.AdminPage.Access;
import org.openmmp.admin.AdminPage.Parameter;

/** Describes the pages for programs that make clients of them: OpenAPI 3.0.3. */
final class OpenApi {
  /** The page that has the description. */
  static final String PATH = "/api/v1/openapi.json";

  private OpenApi() {}

  /** The description, as a tree for JSON. */
  static Map<String, Object> of(Collection<AdminPage> pages) {
    Map<String, Object> paths = new LinkedHashMap<>();
    pages.forEach(page -> paths.put(page.path(), path(page)));
    Map<String, Object> bearer = new LinkedHashMap<>();
    bearer.put("type", "http");
    bearer.put("scheme", "bearer");
    bearer.put(
        "description",
        "A token of openmmp.admin.tokens, or openmmp.admin.token, which may only look. Through the"
            + " socket openmmp.admin.socket none is needed.");
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("openapi", "3.0.3");
    all.put("info", Map.of("title", "OpenMMP", "version", "v1"));
    all.put("paths", paths);
    all.put("components", Map.of("securitySchemes", Map.of("token", bearer)));
    return all;
  }

  private static Map<String, Object> path(AdminPage page) {
    boolean acts = page.access() == Access.ACT;
    List<Object> parameters = new ArrayList<>();
    page.parameters().forEach(each -> parameters.add(parameter(each)));
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("operationId", ("page" + page.path()).replaceAll("[^A-Za-z0-9]+", "-"));
    operation.put("summary", page.summary());
    operation.put("parameters", parameters);
    if (!page.body().isEmpty()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("description", page.body());
      body.put("required", false);
      body.put(
          "content",
          Map.of("text/plain", Map.of("schema", Map.of("type", "string", "format", "password"))));
      operation.put("requestBody", body);
    }
    operation.put(
        "security",
        page.access() == Access.OPEN
            ? List.of()
            : acts
                ? List.of(Map.of("token", List.of()))
                : List.of(Map.of("token", List.of()), Map.of()));
    operation.put("responses", responses(page));
    operation.put("x-access", page.access().name().toLowerCase(Locale.ROOT));
    return Map.of(acts ? "post" : "get", operation);
  }

  private static Map<String, Object> parameter(Parameter parameter) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", parameter.name());
    tree.put("in", "query");
    tree.put("required", parameter.needed());
    tree.put("description", parameter.description());
    tree.put("schema", Map.of("type", "string"));
    return tree;
  }

  private static Map<String, Object> responses(AdminPage page) {
    Map<String, Object> responses = new LinkedHashMap<>();
    responses.put("200", told("told or done"));
    if (page.access() != Access.OPEN) {
      responses.put("400", told("the query is wrong"));
      responses.put("401", told("a token is needed"));
      responses.put("403", told("the caller may not"));
    }
    if (page.access() == Access.ACT) {
      responses.put("404", told("there is nothing of that name"));
      responses.put("409", told("refused as things are"));
      responses.put("502", told("done, but not all front ends of the site could be told"));
    }
    responses.put("503", told("not now"));
    return responses;
  }

  private static Map<String, Object> told(String what) {
    return Map.of("description", what);
  }
}
