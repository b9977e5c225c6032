package org.openmmp.config;

/** The log (rule B8.6): {@code openmmp.log}. */
public record LogConfig(Format format) {
  /** The form of a line. */
  public enum Format {
    /** {@code key=value} pairs. */
    KEY_VALUE,
    /** One JSON object. */
    JSON
  }
}
