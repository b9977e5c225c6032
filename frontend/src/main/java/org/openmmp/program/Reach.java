package org.openmmp.program;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Whether a command is for all front ends of the site, where any of them share something. */
final class Reach {
  @Option(
      names = "--here",
      description = "at this front end alone, and not at all of the site (openmmp.shared)")
  private boolean here;

  /** These parameters, and where they are meant. */
  Map<String, String> of(Map<String, String> parameters) {
    Map<String, String> all = new LinkedHashMap<>(parameters);
    all.put("site", here ? "no" : "if-shared");
    return all;
  }
}
