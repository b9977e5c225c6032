package org.openmmp.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Secret;

/**
 * What the front ends of a site share, and where: {@code openmmp.shared}.
 *
 * @param engines the Valkey or Redis servers, their sentinels, or nodes of their cluster; empty:
 *     nothing is shared
 * @param kind what these are
 * @param tls whether they are spoken to under TLS, their certificate's name being checked
 * @param caFile the authorities that are believed then; empty: the system's
 * @param master the name of the master that sentinels are asked for
 * @param database the number of the database
 * @param user the user of an ACL; empty: the default one
 * @param password empty: none
 * @param sentinelPassword of the sentinels; empty: none
 * @param prefix how every key there begins
 * @param site the front ends of one site act as one
 * @param node this front end's name among them
 * @param key all that is shared is sealed with it, so that nobody who has it not reads or changes
 *     anything of it
 * @param limit how long an answer is waited for
 */
public record SharedConfig(
    List<HostPort> engines,
    Kind kind,
    boolean tls,
    Optional<Path> caFile,
    String master,
    int database,
    String user,
    Secret password,
    Secret sentinelPassword,
    String prefix,
    String site,
    String node,
    Secret key,
    Duration limit) {
  /** How the servers stand together. */
  public enum Kind {
    /** One server, or a name that leads to the one that takes writes. */
    SINGLE,
    /** Sentinels know who takes writes. */
    SENTINEL,
    /** A cluster of which any node tells the others. */
    CLUSTER
  }

  /** Copies the list. */
  public SharedConfig {
    engines = List.copyOf(engines);
  }

  /** Whether anything is shared. */
  public boolean on() {
    return !engines.isEmpty();
  }
}
