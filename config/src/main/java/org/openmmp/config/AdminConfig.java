package org.openmmp.config;

import java.util.List;
import java.util.Optional;
import org.openmmp.wire.Secret;

/**
 * The administrator's HTTP listener: {@code openmmp.admin}.
 *
 * @param listen where; empty: there is none
 * @param token what a caller must show as a bearer token; empty: callers on the loopback interface
 *     only, and they need none
 * @param hostNames further names that a request's {@code Host} may carry, in lower case; loopback
 *     names, address literals and {@link OpenMmpConfig#hostname} always may
 */
public record AdminConfig(Optional<ListenAddress> listen, Secret token, List<String> hostNames) {
  /** Copies the list. */
  public AdminConfig {
    hostNames = List.copyOf(hostNames);
  }
}
