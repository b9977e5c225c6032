package org.openmmp.routing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.wire.Secret;

/**
 * How the stores of one group are reached by one service.
 *
 * @param port 1..65535, the same for every host of the group (rule B2.2)
 * @param tls how a connection is protected
 * @param trust who is believed to be one of these stores
 * @param connectTimeout for name and TCP connect of one attempt
 * @param greetingTimeout from the connect to the greeting, TLS included, and again from there to
 *     the login (LMTP: to MAIL)
 * @param answerTimeout from the login to its answer (rule B2.6)
 * @param adminName the administrator of rule B3.13, empty if none
 * @param adminPassword that administrator's; never cleared, the configuration owns it
 * @param clientId how these stores learn who the client is (rule B3.12)
 * @param survival whether sessions there outlive their store
 */
public record StoreAccess(
    int port,
    TlsPolicy tls,
    Trust trust,
    Duration connectTimeout,
    Duration greetingTimeout,
    Duration answerTimeout,
    String adminName,
    Secret adminPassword,
    ClientId clientId,
    Survival survival) {

  /**
   * Whose certificates are believed, and by which name; values alone, for reading them is not for
   * here.
   *
   * @param caFile PEM certificates that stores' certificates are verified with; empty: the system's
   * @param certificateName the name that a store's certificate must carry; empty: the host's own
   */
  public record Trust(Optional<Path> caFile, String certificateName) {
    /** The system's authorities, and each host by its own name. */
    public static final Trust SYSTEM = new Trust(Optional.empty(), "");
  }

  /**
   * Access with the documented default times, the system's authorities and no administrator, by
   * which stores are not told who the client is, and sessions end with their store.
   */
  public static StoreAccess at(int port, TlsPolicy tls) {
    return new StoreAccess(
        port,
        tls,
        Trust.SYSTEM,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        "",
        Secret.none(),
        ClientId.NONE,
        Survival.OFF);
  }

  /** How a store learns who the client is. */
  public enum ClientId {
    /** Not at all. */
    NONE,
    /** In the protocol's own words: IMAP ID, POP3 and LMTP XCLIENT. */
    ID,
    /** By a PROXY protocol version 2 header. */
    PROXY_V2
  }

  /**
   * How far an attempt has come once its connection stands: some stores hear of the client before
   * they greet.
   */
  public AttemptStage stageOnceConnected() {
    return clientId == ClientId.PROXY_V2 ? AttemptStage.ANNOUNCED : AttemptStage.GREETING;
  }

  /**
   * The same access with a policy no weaker than the referring host's (rule B3.7): where that one
   * required TLS, so does this, and where that one took it if it could, so does this at least.
   */
  public StoreAccess noWeakerThan(TlsPolicy referring) {
    TlsPolicy needed = referring.required() ? TlsPolicy.STARTTLS : referring;
    if (tls.compareTo(needed) >= 0) {
      return this;
    }
    return under(needed);
  }

  /** The same access with another policy. */
  public StoreAccess under(TlsPolicy other) {
    return new StoreAccess(
        port,
        other,
        trust,
        connectTimeout,
        greetingTimeout,
        answerTimeout,
        adminName,
        adminPassword,
        clientId,
        survival);
  }

  /** The same access, others being believed. */
  public StoreAccess believing(Trust others) {
    return new StoreAccess(
        port,
        tls,
        others,
        connectTimeout,
        greetingTimeout,
        answerTimeout,
        adminName,
        adminPassword,
        clientId,
        survival);
  }

  /** The same access at another port. */
  public StoreAccess atPort(int other) {
    return other == port
        ? this
        : new StoreAccess(
            other,
            tls,
            trust,
            connectTimeout,
            greetingTimeout,
            answerTimeout,
            adminName,
            adminPassword,
            clientId,
            survival);
  }
}
