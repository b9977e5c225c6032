package org.openmmp.config;

import java.util.Comparator;

/**
 * Where in the configuration something stands.
 *
 * @param file the file's path as it was given, or a description where there is no file
 * @param line from 1; 0 if unknown
 */
public record ConfigPlace(String file, int line) {
  /** By file, then by line. */
  static final Comparator<ConfigPlace> IN_ORDER =
      Comparator.comparing(ConfigPlace::file).thenComparingInt(ConfigPlace::line);

  @Override
  public String toString() {
    return line > 0 ? file + ":" + line : file;
  }
}
