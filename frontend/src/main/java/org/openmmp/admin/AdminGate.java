package org.openmmp.admin;

import static org.openmmp.admin.Response.Status.BAD_REQUEST;
import static org.openmmp.admin.Response.Status.FORBIDDEN;
import static org.openmmp.admin.Response.Status.METHOD_NOT_ALLOWED;
import static org.openmmp.admin.Response.Status.UNAUTHORIZED;

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
 * Who may ask what: the caller's address or token, the host that it thinks it talks to, and the
 * method.
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
    tokenDigest =
        config.token().isEmpty()
            ? null
            : digest(config.token().reveal().getBytes(StandardCharsets.UTF_8));
    hostNames = folded(config.hostNames());
    hostNames.add(HostName.fold(hostname));
    hostNames.add("localhost");
  }

  /**
   * Lets the request in, or throws its refusal.
   *
   * @param open whether the page may be asked for without the token
   */
  void check(RequestHead head, InetAddress peer, boolean open) throws RefusedRequestException {
    checkHost(head);
    checkCaller(head, peer, open);
    if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
      throw new RefusedRequestException(
          Response.text(METHOD_NOT_ALLOWED, "only GET and HEAD").withField("Allow", "GET, HEAD"));
    }
    if (head.count("transfer-encoding") > 0 || !"0".equals(bodyLength(head))) {
      throw RefusedRequestException.of(BAD_REQUEST, "no body is read");
    }
  }

  private static String bodyLength(RequestHead head) {
    String length = head.field("content-length");
    return length == null ? "0" : head.count("content-length") > 1 ? "several" : length;
  }

  private void checkCaller(RequestHead head, InetAddress peer, boolean open)
      throws RefusedRequestException {
    if (tokenDigest == null) {
      if (!peer.isLoopbackAddress()) {
        throw RefusedRequestException.of(FORBIDDEN, "without a token only this machine may ask");
      }
      return;
    }
    if (!open && !showsToken(head, tokenDigest)) {
      throw new RefusedRequestException(
          Response.text(UNAUTHORIZED, "a bearer token is needed")
              .withField("WWW-Authenticate", "Bearer"));
    }
  }

  private static boolean showsToken(RequestHead head, byte[] expected) {
    String shown = head.field("authorization");
    return shown != null
        && head.count("authorization") == 1
        && shown.length() > BEARER.length()
        && shown.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && MessageDigest.isEqual(
            expected,
            // A field's octets were read one char each.
            digest(shown.substring(BEARER.length()).strip().getBytes(StandardCharsets.ISO_8859_1)));
  }

  private void checkHost(RequestHead head) throws RefusedRequestException {
    String host = head.field("host");
    if (head.count("host") > 1 || (host == null && head.http11())) {
      throw RefusedRequestException.of(BAD_REQUEST, "exactly one Host field is needed");
    }
    if (host != null && !isOurs(HostPort.parse(host))) {
      throw RefusedRequestException.of(FORBIDDEN, "this is not the host that was asked for");
    }
    for (String origin : head.fields().getOrDefault("origin", List.of())) {
      if (host == null
          || !(origin.equalsIgnoreCase("http://" + host)
              || origin.equalsIgnoreCase("https://" + host))) {
        throw RefusedRequestException.of(FORBIDDEN, "pages of another origin may not ask");
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
