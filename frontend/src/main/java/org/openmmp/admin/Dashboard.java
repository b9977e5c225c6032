package org.openmmp.admin;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The page for browsers at {@code /}. It holds no data and so needs no token; what it shows it asks
 * for with the token that its reader gives it. Nothing of it comes from elsewhere, and the browser
 * is told to see to that.
 */
final class Dashboard {
  private static final Map<String, String> FIELDS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
              + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin");

  private Dashboard() {}

  /** Its files. */
  static List<AdminPage> pages() {
    return List.of(
        page("/", "index.html", "text/html", "The dashboard, for browsers"),
        page("/dashboard.css", "dashboard.css", "text/css", "How the dashboard looks"),
        page("/dashboard.js", "dashboard.js", "text/javascript", "What the dashboard does"));
  }

  private static AdminPage page(String path, String file, String type, String summary) {
    String content = read(file);
    return AdminPage.plain(
        path,
        AdminPage.Access.OPEN,
        summary,
        any -> {
          AdminReply reply =
              AdminReply.of(HttpResponseStatus.OK, type + "; charset=utf-8", content);
          return new AdminReply(
              reply.status(), reply.contentType(), reply.length(), reply.body(), FIELDS);
        });
  }

  private static String read(String file) {
    try (InputStream in = Objects.requireNonNull(Dashboard.class.getResourceAsStream(file), file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
