package org.openmmp.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads lists; a single value may stand without brackets, and every bad element is reported. */
final class ListReader {
  private static final String NETWORK = "a network such as 192.0.2.0/24 or 2001:db8::/32";

  private ListReader() {}

  /** The elements under a key; none if it is not set. */
  static List<ConfigValue> elements(Section section, String key) {
    ConfigValue value = section.value(key);
    if (value == null) {
      return List.of();
    }
    return value instanceof ConfigList list ? list : List.of(value);
  }

  /** The elements as the parser understands them, without those that it does not. */
  static <T> List<T> list(
      Section section, String key, String accepted, Function<ConfigValue, Optional<T>> parser) {
    List<T> all = new ArrayList<>();
    for (ConfigValue element : elements(section, key)) {
      parser
          .apply(element)
          .ifPresentOrElse(all::add, () -> section.refuse(element, section.nameOf(key), accepted));
    }
    return all;
  }

  static List<String> networks(Section section, String key) {
    return list(section, key, NETWORK, Scalar::network);
  }

  static List<String> matching(Section section, String key, String accepted, String pattern) {
    return list(
        section, key, accepted, value -> Scalar.text(value).filter(text -> text.matches(pattern)));
  }

  /** LDAP attribute descriptions (RFC 4512 section 2.5). */
  static List<String> attributes(Section section, String key) {
    return matching(
        section, key, "attribute names", "(\\p{Alpha}[\\p{Alnum}-]*|\\d+(\\.\\d+)*)(;[\\w;-]+)?");
  }
}
