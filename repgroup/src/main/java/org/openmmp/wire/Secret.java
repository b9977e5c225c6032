package org.openmmp.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * A password or token: octets that print as {@code ***} and are overwritten once used. What a
 * client sent never becomes a {@code String}.
 *
 * <p>Not safe for use by two threads at once, unless nobody clears it, as with those of the
 * configuration; whoever holds it last clears it.
 */
public final class Secret {
  private static final int LARGEST_FILE_OCTETS = 64 * 1024;

  private static final byte[] NOTHING = new byte[0];

  private byte[] octets;
  private boolean cleared;

  private Secret(byte[] octets) {
    this.octets = octets;
  }

  /** Takes the array over: the caller keeps no reference to it and does not change it. */
  public static Secret taking(byte[] octets) {
    return new Secret(octets);
  }

  /** A secret that was written as a text, as in a configuration; its octets in UTF-8. */
  public static Secret of(String text) {
    return new Secret(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The secret that is a file's first line; empty if there is none, or no such file. */
  public static Optional<Secret> firstLineOf(Path file) {
    try {
      if (!Files.isReadable(file) || Files.size(file) > LARGEST_FILE_OCTETS) {
        return Optional.empty();
      }
      return Files.readAllLines(file).stream()
          .limit(1)
          .filter(line -> !line.isEmpty() && line.chars().noneMatch(Character::isISOControl))
          .findFirst()
          .map(Secret::of);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A secret of no octets. */
  public static Secret none() {
    return new Secret(NOTHING);
  }

  /** Length in octets; 0 once cleared. */
  public int length() {
    return octets.length;
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return octets.length == 0;
  }

  /**
   * A copy of the octets, which the caller overwrites after use.
   *
   * @throws IllegalStateException once cleared
   */
  public byte[] copy() {
    if (cleared) {
      throw new IllegalStateException("the secret was cleared");
    }
    return octets.clone();
  }

  /** Overwrites the octets; may be called again. */
  public void clear() {
    Arrays.fill(octets, (byte) 0);
    octets = NOTHING;
    cleared = true;
  }

  /** Compares in a time that does not depend on where the two differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(octets, secret.octets);
  }

  /** The same for every secret, so that nothing can be learnt from it. */
  @Override
  public int hashCode() {
    return Secret.class.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
