package org.openmmp.lmtp.transaction;

import java.util.Map;

/**
 * A client as this relay sees it, or as a trusted client describes the one behind it.
 *
 * @param sessionId the session's name in logs
 * @param address text form, without zone and brackets
 * @param serverAddress the address that was connected to
 * @param tls whether the connection is under TLS now
 * @param mayDescribe whether its XCLIENT is believed
 * @param mayStartTls whether STARTTLS is offered to it
 * @param described what XCLIENT said of the client behind it, by attribute
 */
public record RelayClient(
    String sessionId,
    String address,
    String serverAddress,
    boolean tls,
    boolean mayDescribe,
    boolean mayStartTls,
    Map<String, String> described) {
  /** Copies the map. */
  public RelayClient {
    described = Map.copyOf(described);
  }

  /** The same client under TLS; what it described before may have been anybody's word. */
  RelayClient underTls() {
    return new RelayClient(sessionId, address, serverAddress, true, mayDescribe, false, Map.of());
  }

  /** The client behind it. */
  RelayClient describedAs(Map<String, String> attributes) {
    return new RelayClient(
        sessionId, address, serverAddress, tls, mayDescribe, mayStartTls, attributes);
  }
}
