package org.openmmp.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configuration files for tests, in a directory of their own. */
final class ConfigText {
  /** On one line, so that what a test adds begins in the second. */
  static final String LEAST =
      "openmmp.directory { urls = [\"ldap://127.0.0.1\"], base-dn = \"dc=example,dc=com\" }\n";

  private final Path directory;

  ConfigText(Path directory) {
    this.directory = directory;
  }

  /** Writes a file beside the configuration. */
  Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  /** Reads the least configuration with something added. */
  OpenMmpConfig load(String added) throws IOException, BadConfigException {
    return ConfigReader.load(file("test.conf", LEAST + added));
  }

  /**
   * The problems of the least configuration with something added, file names without their path.
   */
  List<String> problems(String added) throws IOException {
    try {
      load(added);
      return List.of();
    } catch (BadConfigException e) {
      return e.problems().stream().map(this::withoutPath).toList();
    }
  }

  /** The same with a second file, {@code more.conf}, beside it. */
  List<String> problems(String added, String more) throws IOException {
    file("more.conf", more);
    return problems(added);
  }

  /** A problem or notice with file names alone. */
  String withoutPath(Object value) {
    return value.toString().replace(directory + "/", "");
  }
}
