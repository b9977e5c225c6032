package org.openmmp.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How host names become addresses: {@code openmmp.resolver}.
 *
 * @param hosts names in lower case without a trailing dot, and the address literals they stand for
 * @param minTtl an answer serves at least so long, whatever the name server says
 * @param maxTtl and at most so long
 * @param negativeTtl how long "no such name" serves
 * @param staleFor how long past its end an answer may serve while no name server answers; zero:
 *     never
 */
public record ResolverConfig(
    Map<String, List<String>> hosts,
    Duration minTtl,
    Duration maxTtl,
    Duration negativeTtl,
    Duration staleFor) {

  /** Copies the map; its lists are immutable already. */
  public ResolverConfig {
    hosts = Map.copyOf(hosts);
  }
}
