package org.openmmp.directory;

import java.time.Duration;
import java.util.List;

/**
 * A question to the directory: about a client that wants to log in, or about a message's recipient.
 *
 * @param purpose what the name is looked up for
 * @param loginName as the client typed it, or a recipient's whole address
 * @param shorter names to be looked up if there is none like that, in this order: a recipient's
 *     address without its detail (rule B5.11)
 * @param defaultDomain the listener's default domain for a name without one; empty: the directory's
 * @param service the service's name in lower case, such as {@code imap}, for service access rules
 * @param tls whether the client's connection is under TLS (service access rules tell {@code imaps}
 *     from {@code imap})
 * @param clientIp the client's address in text form, without zone and brackets
 * @param serverIp the address that the client connected to, likewise
 * @param certificate whom the client's certificate stands for, if that is who logs in and the
 *     directory has to be searched for the login name; else nobody
 * @param memory whether what is remembered may serve
 * @param patience how long the caller waits
 */
public record LookupRequest(
    Purpose purpose,
    String loginName,
    List<String> shorter,
    String defaultDomain,
    String service,
    boolean tls,
    String clientIp,
    String serverIp,
    CertificateIdentity certificate,
    Memory memory,
    Duration patience) {

  /** How long callers wait who say nothing of it. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The most forms of one name that are looked up. */
  public static final int MOST_FORMS = 4;

  /** Copies the shorter names. */
  public LookupRequest {
    shorter = List.copyOf(shorter);
    if (shorter.size() >= MOST_FORMS) {
      throw new IllegalArgumentException("too many forms of " + loginName);
    }
  }

  /** Whether what is remembered may serve (rule B1.10). */
  public enum Memory {
    /** It may. */
    SERVES,
    /**
     * It would be the reason for a refusal: it serves only if it is a few seconds old, or if the
     * client has asked too often.
     */
    DOUBTED,
    /** The same of a client whose credential was right before: there is no "too often". */
    DOUBTED_BY_KNOWN
  }

  /** Why a name is looked up: each purpose has its own search filter and store name. */
  public enum Purpose {
    /** A login, which service access rules may refuse (rule B1.5). */
    LOGIN,
    /** A delivery, which they do not concern (rule B5.2). */
    DELIVERY
  }

  /** A request for a name that is known. */
  public LookupRequest(
      Purpose purpose,
      String loginName,
      String defaultDomain,
      String service,
      boolean tls,
      String clientIp,
      String serverIp) {
    this(
        purpose,
        loginName,
        List.of(),
        defaultDomain,
        service,
        tls,
        clientIp,
        serverIp,
        CertificateIdentity.NOBODY,
        Memory.SERVES,
        PATIENCE);
  }

  /** The same request of a client whose certificate stands for that. */
  public LookupRequest by(CertificateIdentity identity) {
    return with(loginName, shorter, identity, memory, patience);
  }

  /** The same request once the login name is known. */
  public LookupRequest named(String found) {
    return with(found, List.of(), CertificateIdentity.NOBODY, memory, patience);
  }

  /** The same request for a name that has shorter forms. */
  public LookupRequest orElse(List<String> forms) {
    return with(loginName, forms, certificate, memory, patience);
  }

  /** The same request by somebody whom the remembered answer would refuse. */
  public LookupRequest doubting(boolean known) {
    Memory doubt = known ? Memory.DOUBTED_BY_KNOWN : Memory.DOUBTED;
    return with(loginName, shorter, certificate, doubt, patience);
  }

  /** The same request of a caller who waits that long. */
  public LookupRequest within(Duration limit) {
    return with(loginName, shorter, certificate, memory, limit);
  }

  private LookupRequest with(
      String name,
      List<String> forms,
      CertificateIdentity identity,
      Memory trusted,
      Duration limit) {
    return new LookupRequest(
        purpose,
        name,
        forms,
        defaultDomain,
        service,
        tls,
        clientIp,
        serverIp,
        identity,
        trusted,
        limit);
  }

  /** A request for a login. */
  public LookupRequest(
      String loginName,
      String defaultDomain,
      String service,
      boolean tls,
      String clientIp,
      String serverIp) {
    this(Purpose.LOGIN, loginName, defaultDomain, service, tls, clientIp, serverIp);
  }
}
