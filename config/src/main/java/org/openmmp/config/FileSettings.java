package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.openmmp.wire.Secret;

/** Reads settings that name a file, among them passwords that stand in one. */
final class FileSettings {
  private static final int LARGEST_PEM_OCTETS = 16 * 1024 * 1024;
  private static final String PEM = "a readable PEM file";
  private static final String DIRECTORY = "a directory that can be written to";
  private static final String PASSWORD_FILE = "a readable file whose first line is the password";
  private static final String PASSWORD = "a password: a text in one line, not empty";

  private FileSettings() {}

  /** The PEM file under a key, if one is set: absolute, and seen to be one. */
  static Optional<Path> pem(Section section, String key) {
    ConfigValue value = section.value(key);
    if (value == null) {
      return Optional.empty();
    }
    Optional<Path> path = path(section, value);
    if (path.isEmpty() || (section.reading().filesNeeded() && !isPem(path.get()))) {
      section.problem(value, section.nameOf(key), found(value, path), PEM);
    }
    path.ifPresent(file -> section.reading().names(section.nameOf(key), file));
    return path;
  }

  private static boolean isPem(Path path) {
    try {
      return Files.isRegularFile(path)
          && Files.size(path) <= LARGEST_PEM_OCTETS
          && Files.readString(path, StandardCharsets.ISO_8859_1).contains("-----BEGIN ");
    } catch (IOException e) {
      return false;
    }
  }

  /** The directory under a key, if one is set: absolute, and seen to be one to write to. */
  static Optional<Path> directory(Section section, String key) {
    ConfigValue value = section.value(key);
    if (value == null) {
      return Optional.empty();
    }
    Optional<Path> path = path(section, value);
    if (path.isEmpty()
        || (section.reading().filesNeeded()
            && (!Files.isDirectory(path.get()) || !Files.isWritable(path.get())))) {
      section.problem(value, section.nameOf(key), found(value, path), DIRECTORY);
    }
    return path;
  }

  /** The password under a key, or in the file that the key with {@code -file} names. */
  static Secret password(Section section, String key) {
    String fileKey = key + "-file";
    ConfigValue text = section.value(key);
    ConfigValue file = section.value(fileKey);
    if (text != null && file != null) {
      section.problem(
          file,
          section.nameOf(fileKey),
          "it beside " + key + " (" + section.reading().place(text) + ")",
          "one of the two");
    }
    if (text != null) {
      Optional<String> password = Scalar.secret(text).filter(any -> !any.isEmpty());
      if (password.isEmpty()) {
        section.problem(text, section.nameOf(key), "***", PASSWORD);
      }
      writtenIn(section, key, text);
      return password.map(Secret::of).orElse(Secret.none());
    }
    return file == null ? Secret.none() : fromFile(section, fileKey, file);
  }

  /** The file that a password is written in as a setting; a substitution may be from nowhere. */
  private static void writtenIn(Section section, String key, ConfigValue text) {
    String name = section.reading().place(text).file();
    try {
      Path file = Path.of(name);
      if (Files.isRegularFile(file)) {
        section.reading().secretIn(file.toAbsolutePath().normalize(), section.nameOf(key));
      }
    } catch (InvalidPathException e) {
      // What has no file, such as the environment, has no file that anybody could read.
    }
  }

  /** The file under a key, absolute; empty if none is set or it cannot be a path. */
  static Optional<Path> file(Section section, String key) {
    return Optional.ofNullable(section.value(key)).flatMap(value -> path(section, value));
  }

  private static Secret fromFile(Section section, String key, ConfigValue value) {
    Optional<Path> path = path(section, value);
    path.ifPresent(
        secret -> {
          section.reading().secretIn(secret, section.nameOf(key));
          section.reading().names(section.nameOf(key), secret);
        });
    Optional<Secret> password = path.flatMap(Secret::firstLineOf);
    if (password.isEmpty() && section.reading().filesNeeded()) {
      section.problem(value, section.nameOf(key), found(value, path), PASSWORD_FILE);
    }
    return password.orElse(Secret.none());
  }

  private static Optional<Path> path(Section section, ConfigValue value) {
    try {
      return Scalar.text(value)
          .filter(text -> !text.isEmpty())
          .map(text -> section.reading().resolve(value, text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String found(ConfigValue value, Optional<Path> path) {
    return Scalar.shown(value) + path.map(absolute -> ", which is " + absolute).orElse("");
  }
}
