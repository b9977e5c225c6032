package org.openmmp.program;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.ListenAddress;

/** Asks the admin listener of a running front end, as its configuration says where that is. */
final class AdminClient {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final AdminConfig config;

  AdminClient(AdminConfig config) {
    this.config = config;
  }

  /**
   * The page as text; nothing if nobody listens there.
   *
   * @param pathAndQuery begins with a slash, already encoded
   * @throws IOException if the front end refuses to answer
   */
  Optional<String> get(String pathAndQuery) throws IOException, InterruptedException {
    if (config.listen().isEmpty()) {
      return Optional.empty();
    }
    ListenAddress address = config.listen().get();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + reachable(address) + pathAndQuery))
            .timeout(LIMIT);
    if (!config.token().isEmpty()) {
      request.header(
          "Authorization", "Bearer " + new String(config.token().copy(), StandardCharsets.UTF_8));
    }
    HttpResponse<String> response;
    try {
      response =
          HttpClient.newBuilder()
              .connectTimeout(LIMIT)
              .build()
              .send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException nobodyThere) {
      return Optional.empty();
    }
    if (response.statusCode() != 200) {
      throw new IOException(
          "the front end answers " + response.statusCode() + ": " + response.body().strip());
    }
    return Optional.of(response.body());
  }

  /** A wildcard address is reached by the loopback one. */
  private static ListenAddress reachable(ListenAddress address) {
    return switch (address.host()) {
      case "0.0.0.0" -> new ListenAddress("127.0.0.1", address.port(), "");
      case "::" -> new ListenAddress("::1", address.port(), "");
      default -> address;
    };
  }
}
