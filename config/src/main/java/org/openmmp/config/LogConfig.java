package org.openmmp.config;

import java.util.List;

/**
 * The log (rules B8.6, B8.8): {@code openmmp.log}.
 *
 * @param healthCheckNetworks whose clients leave no line unless they log in, in the form {@code
 *     address/bits}
 */
public record LogConfig(Format format, List<String> healthCheckNetworks) {
  /** Copies the list. */
  public LogConfig {
    healthCheckNetworks = List.copyOf(healthCheckNetworks);
  }

  /** The form of a line. */
  public enum Format {
    /** {@code key=value} pairs. */
    KEY_VALUE,
    /** One JSON object. */
    JSON
  }
}
