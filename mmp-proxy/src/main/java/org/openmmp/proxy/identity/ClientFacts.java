package org.openmmp.proxy.identity;

import org.openmmp.directory.CertificateIdentity;

/**
 * What the proxy knows of one client's connection by itself, or from a load balancer that it trusts
 * as itself (rule B6.5); nothing in it was claimed by the client.
 *
 * @param sessionId the session's name in logs, and towards the store
 * @param clientIp text form, without zone and brackets
 * @param clientPort 0..65535; 0 only if a load balancer says so
 * @param serverIp the address the client connected to
 * @param serverPort the port the client connected to
 * @param tls whether the client is under TLS now, with this proxy or with the load balancer
 * @param certificate whom the client's verified certificate stands for
 * @param secretsInClearAllowed whether a password may be taken without TLS (rule B3.2)
 * @param proxyTtl how many more proxies may stand behind this one (rule B3.12), 0..255
 */
public record ClientFacts(
    String sessionId,
    String clientIp,
    int clientPort,
    String serverIp,
    int serverPort,
    boolean tls,
    CertificateIdentity certificate,
    boolean secretsInClearAllowed,
    int proxyTtl) {

  /** A client whose certificate has a login name in it, or is nobody's if that is empty. */
  public ClientFacts(
      String sessionId,
      String clientIp,
      int clientPort,
      String serverIp,
      int serverPort,
      boolean tls,
      String certificateName,
      boolean secretsInClearAllowed,
      int proxyTtl) {
    this(
        sessionId,
        clientIp,
        clientPort,
        serverIp,
        serverPort,
        tls,
        CertificateIdentity.named(certificateName),
        secretsInClearAllowed,
        proxyTtl);
  }

  /** The same client once its connection is under TLS. */
  public ClientFacts underTls(CertificateIdentity shown) {
    return new ClientFacts(
        sessionId,
        clientIp,
        clientPort,
        serverIp,
        serverPort,
        true,
        shown,
        secretsInClearAllowed,
        proxyTtl);
  }
}
