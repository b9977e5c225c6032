package org.openmmp.config;

import java.util.Map;
import org.openmmp.wire.NetworkSet;

/**
 * The log (rules B8.6, B8.8): {@code openmmp.log}.
 *
 * @param level how much is logged: {@code error}, {@code warn}, {@code info}, {@code debug} or
 *     {@code trace}; empty: as the process was started
 * @param levels the same for single parts, by the names of their logs and packages below {@code
 *     org.openmmp}
 * @param healthCheckNetworks whose clients leave no line unless they log in
 */
public record LogConfig(
    Format format, String level, Map<String, String> levels, NetworkSet healthCheckNetworks) {
  /** Copies the map. */
  public LogConfig {
    levels = Map.copyOf(levels);
  }

  /** The form of a line. */
  public enum Format {
    /** {@code key=value} pairs. */
    KEY_VALUE,
    /** One JSON object. */
    JSON
  }
}
