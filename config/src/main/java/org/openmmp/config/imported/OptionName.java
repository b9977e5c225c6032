package org.openmmp.config.imported;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an option of Unified Configuration, such as {@code
 * proxy:store1\.example\.com.storehostlist}.
 *
 * @param kind in lower case, such as {@code proxy}
 * @param instance what stands behind the colon, escapes undone, such as {@code store1.example.com};
 *     empty if there is no colon
 * @param option in lower case, such as {@code storehostlist}
 */
public record OptionName(String kind, String instance, String option) {
  private static final Pattern LEVEL =
      Pattern.compile("^(instance|role)\\.", Pattern.CASE_INSENSITIVE);

  /** Takes a name apart at its first colon and its last dot that no backslash escapes. */
  public static Optional<OptionName> parse(String text) {
    String name = LEVEL.matcher(text.strip()).replaceFirst("");
    int dot = lastPlainDot(name);
    if (dot <= 0 || dot == name.length() - 1) {
      return Optional.empty();
    }
    String before = name.substring(0, dot);
    int colon = before.indexOf(':');
    String kind = colon < 0 ? before : before.substring(0, colon);
    String instance = colon < 0 ? "" : before.substring(colon + 1);
    return Optional.of(
        new OptionName(
            kind.toLowerCase(Locale.ROOT),
            instance.replaceAll("\\\\(.)", "$1"),
            name.substring(dot + 1).toLowerCase(Locale.ROOT)));
  }

  private static int lastPlainDot(String name) {
    int dot = name.lastIndexOf('.');
    while (dot > 0 && name.charAt(dot - 1) == '\\') {
      dot = name.lastIndexOf('.', dot - 1);
    }
    return dot;
  }
}
