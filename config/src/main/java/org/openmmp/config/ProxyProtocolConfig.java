package org.openmmp.config;

import java.time.Duration;
import java.util.List;

/**
 * Who may announce clients by the PROXY protocol (rule B6.5): {@code openmmp.proxy-protocol}.
 *
 * @param networks of the load balancers that are believed, in the form {@code address/bits}
 * @param timeout from the accept until the whole header has come
 */
public record ProxyProtocolConfig(List<String> networks, Duration timeout) {
  /** Copies the list. */
  public ProxyProtocolConfig {
    networks = List.copyOf(networks);
  }
}
