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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.AdminConfig;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;
import org.openmmp.text.HostPort;

/**
 * Who may ask: by the caller's address or token, and by the host that it thinks it talks to.
 *
 * <p>A browser can be made to ask for somebody else: a name of the attacker's that resolves to this
 * machine is refused by {@code Host}, a page of another origin by {@code Origin}.
 */
final class AdminGate {
  private static final String BEARER = "bearer ";

  private final byte @Nullable [] tokenDigest;
  private final Set<String> hostNames;

  /**
   * Keeps a digest of the token and not the token.
   *
   * @param hostname this front end's own name, which a {@code Host} field may carry
   */
  AdminGate(AdminConfig config, String hostname) {
    tokenDigest = config.token().isEmpty() ? null : digest(config.token().copy());
    hostNames = folded(config.hostNames());
    hostNames.add(HostName.fold(hostname));
    hostNames.add("localhost");
  }

  /**
   * Lets the request in.
   *
   * @param open whether the page may be asked for without the token
   * @throws RefusedRequestException if it may not come in
   */
  void check(HttpRequest request, InetAddress peer, boolean open) {
    checkHost(request);
    if (tokenDigest == null) {
      if (!peer.isLoopbackAddress()) {
        throw new RefusedRequestException(FORBIDDEN, "without a token only this machine may ask");
      }
    } else if (!open && !showsToken(request.headers(), tokenDigest)) {
      throw new RefusedRequestException(
          AdminReply.text(UNAUTHORIZED, "a bearer token is needed")
              .withField("WWW-Authenticate", "Bearer"));
    }
  }

  private static boolean showsToken(HttpHeaders fields, byte[] expected) {
    List<String> shown = fields.getAll(HttpHeaderNames.AUTHORIZATION);
    return shown.size() == 1
        && shown.get(0).length() > BEARER.length()
        && shown.get(0).regionMatches(true, 0, BEARER, 0, BEARER.length())
        && MessageDigest.isEqual(
            expected,
            // A field's octets were read one char each.
            digest(
                shown
                    .get(0)
                    .substring(BEARER.length())
                    .strip()
                    .getBytes(StandardCharsets.ISO_8859_1)));
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
