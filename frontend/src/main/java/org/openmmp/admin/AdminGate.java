package org.openmmp.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.FORBIDDEN;
import static io.netty.handler.codec.http.HttpResponseStatus.UNAUTHORIZED;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage.Access;
import org.openmmp.config.AdminConfig;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Network;

/**
 * Who may ask: by the caller's address or token, and by the host that it thinks it talks to.
 *
 * <p>A browser can be made to ask for somebody else: a name of the attacker's that resolves to this
 * machine is refused by {@code Host}, a page of another origin by {@code Origin}.
 */
final class AdminGate {
  private static final String BEARER = "bearer ";

  /**
   * Who asks.
   *
   * @param name of the token, or of the account at the other end of the socket; empty: anybody on
   *     this machine
   * @param from the address, or {@code socket}
   */
  record Caller(String name, String from) {}

  /** Their digests. */
  private final Map<AdminConfig.Token, byte[]> tokens = new HashMap<>();

  private final boolean lookingNeedsToken;
  private final Optional<Path> socket;
  private final Set<String> hostNames;

  /**
   * Keeps digests of the tokens and not the tokens.
   *
   * @param hostname this front end's own name, which a {@code Host} field may carry
   */
  AdminGate(AdminConfig config, String hostname) {
    config.allTokens().forEach(each -> tokens.put(each, digest(each.secret().copy())));
    lookingNeedsToken = !config.token().isEmpty();
    socket = config.socket();
    hostNames = folded(config.hostNames());
    hostNames.add(HostName.fold(hostname));
    hostNames.add("localhost");
  }

  private String waysToAct() {
    return "to act, use the socket"
        + socket.map(path -> " " + path).orElse(" (openmmp.admin.socket)")
        + socket
            .filter(path -> !Files.exists(path))
            .map(path -> " (it is not there: its folder must exist when the front end starts)")
            .orElse("")
        + " or a token with role = act (openmmp.admin.tokens)";
  }

  /**
   * Lets the request in.
   *
   * @param peer the caller's address; null if it came through the socket, which only root and the
   *     service's group can open
   * @param account the socket caller's
   * @throws RefusedRequestException if it may not come in
   */
  Caller check(HttpRequest request, @Nullable InetAddress peer, String account, Access access) {
    checkHost(request);
    if (peer == null) {
      return new Caller(account, "socket");
    }
    String from = Network.of(peer).toString();
    AdminConfig.@Nullable Token shown = shownToken(request.headers());
    if (shown != null) {
      if (access == Access.ACT && shown.role() != AdminConfig.Role.ACT) {
        throw new RefusedRequestException(
            FORBIDDEN, "the token " + shown.name() + " may look and not act; " + waysToAct());
      }
      return new Caller(shown.name(), from);
    }
    if (tokens.isEmpty() && !peer.isLoopbackAddress()) {
      throw new RefusedRequestException(FORBIDDEN, "without a token only this machine may ask");
    }
    if (access == Access.OPEN
        || (access == Access.LOOK && peer.isLoopbackAddress() && !lookingNeedsToken)) {
      return new Caller("", from);
    }
    throw new RefusedRequestException(
        AdminReply.text(
                UNAUTHORIZED, access == Access.ACT ? waysToAct() : "a bearer token is needed")
            .withField("WWW-Authenticate", "Bearer"));
  }

  private AdminConfig.@Nullable Token shownToken(HttpHeaders fields) {
    List<String> shown = fields.getAll(HttpHeaderNames.AUTHORIZATION);
    if (shown.size() != 1
        || shown.get(0).length() <= BEARER.length()
        || !shown.get(0).regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return null;
    }
    // A field's octets were read one char each.
    byte[] digest =
        digest(
            shown.get(0).substring(BEARER.length()).strip().getBytes(StandardCharsets.ISO_8859_1));
    AdminConfig.@Nullable Token found = null;
    for (Map.Entry<AdminConfig.Token, byte[]> known : tokens.entrySet()) {
      if (MessageDigest.isEqual(known.getValue(), digest)) {
        found = known.getKey();
      }
    }
    return found;
  }

  private void checkHost(HttpRequest request) {
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    boolean http11 = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    if (hosts.size() > 1 || (hosts.isEmpty() && http11)) {
      throw new RefusedRequestException(BAD_REQUEST, "exactly one Host field is needed");
    }
    String host = hosts.isEmpty() ? null : hosts.get(0);
    if (host != null && !isOurs(HostPort.parse(host))) {
      throw new RefusedRequestException(FORBIDDEN, "this is not the host that was asked for");
    }
    for (String origin : request.headers().getAll(HttpHeaderNames.ORIGIN)) {
      if (host == null
          || !(origin.equalsIgnoreCase("http://" + host)
              || origin.equalsIgnoreCase("https://" + host))) {
        throw new RefusedRequestException(FORBIDDEN, "pages of another origin may not ask");
      }
    }
  }

  private boolean isOurs(@Nullable HostPort named) {
    return named != null
        && (AddressLiteral.parse(named.host()) != null
            || hostNames.contains(HostName.fold(named.host())));
  }

  private static Set<String> folded(Collection<String> names) {
    Set<String> result = new HashSet<>();
    for (String name : names) {
      result.add(HostName.fold(name));
    }
    return result;
  }

  private static byte[] digest(byte[] token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
