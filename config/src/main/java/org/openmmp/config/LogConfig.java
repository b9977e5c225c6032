package org.openmmp.config;

import org.openmmp.wire.NetworkSet;

/**
 * The log (rules B8.6, B8.8): {@code openmmp.log}.
 *
 * @param healthCheckNetworks whose clients leave no line unless they log in
 */
public record LogConfig(Format format, NetworkSet healthCheckNetworks) {

  /** The form of a line. */
  public enum Format {
    /** {@code key=value} pairs. */
    KEY_VALUE,
    /** One JSON object. */
    JSON
  }
}
