package org.openmmp.proxy.client;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.text.AddressLiteral;

/**
 * What a proxy in front of this one says of its client, each as it was sent, null if it was not
 * (rule B3.12). Only to be asked where whoever sent it is trusted.
 *
 * @param clientIp the client's address
 * @param clientPort the client's port
 * @param serverIp the address that the client connected to
 * @param serverPort the port that the client connected to
 * @param ttl how many more proxies may stand in the chain, this one included
 * @param sessionId the session's name
 */
public record ClientClaims(
    @Nullable String clientIp,
    @Nullable String clientPort,
    @Nullable String serverIp,
    @Nullable String serverPort,
    @Nullable String ttl,
    @Nullable String sessionId) {
  private static final int MAX_SESSION_ID_LENGTH = 64;
  private static final int MAX_PORT = 65535;
  private static final int MAX_TTL = 255;

  /** Nothing is claimed. */
  public static final ClientClaims NONE = new ClientClaims(null, null, null, null, null, null);

  /** The client as the claims describe it; what is missing or unfit stays as it is. */
  public ClientFacts appliedTo(ClientFacts own) {
    if (equals(NONE)) {
      return own;
    }
    return new ClientFacts(
        sessionId != null && isSessionId(sessionId) ? sessionId : own.sessionId(),
        address(clientIp, own.clientIp()),
        number(clientPort, 1, MAX_PORT, own.clientPort()),
        address(serverIp, own.serverIp()),
        number(serverPort, 1, MAX_PORT, own.serverPort()),
        own.tls(),
        own.certificate(),
        own.secretsInClearAllowed(),
        Math.min(own.proxyTtl(), number(ttl, 2, MAX_TTL, MAX_TTL + 2) - 2));
  }

  /**
   * Whether the proxy in front says that no further one may stand here: two of them refer to each
   * other.
   */
  public boolean endsHere() {
    return ttl != null && number(ttl, 0, MAX_TTL, 0) < 2;
  }

  private static String address(@Nullable String text, String otherwise) {
    InetAddress address = text == null ? null : AddressLiteral.parse(text);
    return address == null ? otherwise : AddressLiteral.textOf(address);
  }

  private static boolean isSessionId(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_SESSION_ID_LENGTH
        && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
  }

  private static int number(@Nullable String text, int least, int most, int otherwise) {
    if (text == null || text.isEmpty() || text.length() > 5) {
      return otherwise;
    }
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return otherwise;
      }
      number = number * 10 + digit;
    }
    return number >= least && number <= most ? number : otherwise;
  }
}
