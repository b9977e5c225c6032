package org.openmmp.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.HiddenText;

/**
 * One replication group with its options, each the group's own or the default of all groups (rule
 * B2.3): {@code openmmp.proxy.<group>} over {@code openmmp.proxy-defaults}.
 *
 * @param name in lower case and without a trailing dot; empty in the defaults
 * @param hosts {@code storehostlist}: bare hosts in lower case without a trailing dot, preferred
 *     master first; a host that is written twice is there twice
 * @param standbySite those of the hosts that are used only once an administrator activates them
 *     (rule B2.15)
 * @param imapAdmin who logs in on users' behalf (rule B3.13); empty: nobody
 * @param affinity whether the last successful master is remembered (rule B2.7)
 * @param clientId how a store learns who the client is (rule B3.12)
 */
public record GroupConfig(
    String name,
    List<String> hosts,
    List<String> standbySite,
    Ports ports,
    String imapAdmin,
    HiddenText imapAdminPassword,
    Protection tls,
    Timeouts timeouts,
    CoolDown coolDown,
    Discovery discovery,
    ReadOnly readOnly,
    int maxAttemptsPerStore,
    boolean affinity,
    ClientId clientId) {

  /** Copies the lists. */
  public GroupConfig {
    hosts = List.copyOf(hosts);
    standbySite = List.copyOf(standbySite);
  }

  /**
   * Ports of the group's services, 1..65535 each. Defaults are 143, 110 and 24; under implicit TLS
   * 993, 995 and 24.
   */
  public record Ports(int imap, int pop, int lmtp) {}

  /** How connections to the stores are protected, by service; one option serves all by default. */
  public record Protection(StoreTls imap, StoreTls pop, StoreTls lmtp) {}

  /**
   * How connections to one service are protected.
   *
   * @param caFile PEM certificates that stores' certificates are verified with; empty: the system's
   * @param certificateName the name that a store's certificate must carry; empty: the host's own
   */
  public record StoreTls(TlsPolicy policy, Optional<Path> caFile, String certificateName) {}

  /**
   * The limits of one attempt's phases (rule B2.6).
   *
   * @param connect name, connect and, if implicit, TLS
   * @param greeting from the connect to the greeting
   * @param loginAnswer from the login to its answer; 10 s or more
   */
  public record Timeouts(Duration connect, Duration greeting, Duration loginAnswer) {}

  /**
   * How long a failed host is passed over (rule B2.8).
   *
   * @param first after the first failure
   * @param max at most, not less than {@code first}
   */
  public record CoolDown(Duration first, Duration max) {}

  /**
   * How sessions share the search for a new master (rules B2.9, B2.11).
   *
   * @param confirmWindow how long a sign of life of the master lets other sessions dial it at once
   * @param patience how long a host that greeted may think before another session tries as well
   * @param firstRetryPause between two rounds over a group without a master
   * @param maxRetryPause what that pause grows to, not less than the first
   * @param waitForStore how long a session waits for any store to greet, once all have failed
   */
  public record Discovery(
      Duration confirmWindow,
      Duration patience,
      Duration firstRetryPause,
      Duration maxRetryPause,
      Duration waitForStore) {}

  /**
   * Going on at a replica, read-only, where no master is reached (rule B2.11).
   *
   * @param fallback whether to
   * @param after how long a login looks for a master first
   */
  public record ReadOnly(boolean fallback, Duration after) {}

  /** How a store learns who the client is. */
  public enum ClientId {
    /** It does not. */
    NONE,
    /** By IMAP ID (RFC 2971): for stores that trust this front end. */
    ID,
    /** By a PROXY protocol v2 header: for stores that expect one. */
    PROXY_V2
  }
}
