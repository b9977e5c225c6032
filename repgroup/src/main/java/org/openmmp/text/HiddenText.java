package org.openmmp.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/** A password of the configuration: a text that prints as {@code ***}. Empty if none is set. */
public final class HiddenText {
  private static final int LARGEST_FILE_OCTETS = 64 * 1024;
  private static final HiddenText NONE = new HiddenText("");

  private final String text;

  private HiddenText(String text) {
    this.text = text;
  }

  /** Hides a text. */
  public static HiddenText of(String text) {
    return text.isEmpty() ? NONE : new HiddenText(text);
  }

  /** The password that is a file's first line; empty if there is none, or no such file. */
  public static Optional<HiddenText> firstLineOf(Path file) {
    try {
      if (!Files.isReadable(file) || Files.size(file) > LARGEST_FILE_OCTETS) {
        return Optional.empty();
      }
      return Files.readAllLines(file).stream()
          .limit(1)
          .filter(line -> !line.isEmpty() && line.chars().noneMatch(Character::isISOControl))
          .findFirst()
          .map(HiddenText::of);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** No password. */
  public static HiddenText none() {
    return NONE;
  }

  /** The text itself, for the one place that has to send it. */
  public String reveal() {
    return text;
  }

  /** Whether no password is set. */
  public boolean isEmpty() {
    return text.isEmpty();
  }

  /** Compares in a time that does not depend on where the two differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof HiddenText hidden
        && MessageDigest.isEqual(
            text.getBytes(StandardCharsets.UTF_8), hidden.text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same for every text, so that nothing can be learnt from it. */
  @Override
  public int hashCode() {
    return HiddenText.class.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
