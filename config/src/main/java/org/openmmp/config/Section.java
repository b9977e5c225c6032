package org.openmmp.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.NetworkSet;

/**
 * One object of the configuration while it is read: it checks each value, reports what is wrong and
 * goes on with a stand-in, and remembers which keys there are.
 *
 * <p>A section may lie over another one that has the defaults: what it does not set itself is read,
 * and reported, there.
 */
final class Section {
  private final Reading reading;
  private final String path;
  private final ConfigObject own;
  private final @Nullable Section defaults;
  private final boolean broken;
  private final Set<String> known = new LinkedHashSet<>();
  private boolean namesAreChosen;
  private final Map<String, Section> children = new HashMap<>();

  private Section(
      Reading reading,
      String path,
      @Nullable ConfigValue value,
      @Nullable Section defaults,
      boolean withinBroken,
      String accepted) {
    this.reading = reading;
    this.path = path;
    this.defaults = defaults;
    this.broken = withinBroken || (value != null && !(value instanceof ConfigObject));
    this.own = value instanceof ConfigObject object ? object : ConfigFactory.empty().root();
    if (value != null && !(value instanceof ConfigObject)) {
      refuse(value, path, accepted);
    }
    reading.opened(this);
  }

  /** The section of the whole configuration. */
  static Section root(Reading reading, Config config) {
    return new Section(
        reading, "openmmp", config.root().get("openmmp"), null, false, "an object { … }");
  }

  /** An object that stands in a list or under a free name. */
  Section element(String at, ConfigValue value, @Nullable Section over, String accepted) {
    return new Section(reading, at, value, over, broken, accepted);
  }

  /** The object under a key. */
  Section section(String key) {
    known.add(key);
    return children.computeIfAbsent(
        key,
        name -> {
          Section over = defaults == null ? null : defaults.section(name);
          return new Section(reading, at(name), own.get(name), over, broken, "an object { … }");
        });
  }

  Reading reading() {
    return reading;
  }

  String path() {
    return path;
  }

  /** The values of this section itself, without those it lies over. */
  ConfigObject own() {
    return own;
  }

  /** The whole name of a key. */
  String at(String key) {
    return path + "." + key;
  }

  /** The keys that were asked for, which are all there are once the section has been read. */
  Set<String> known() {
    return known;
  }

  /** Notes a key that the operator chose, such as a group's name: no other section has it. */
  void nameChosen(String key) {
    known.add(key);
    namesAreChosen = true;
  }

  /** Whether the keys are names that the operator chose. */
  boolean namesAreChosen() {
    return namesAreChosen;
  }

  /** The value under a key, or null if it is absent or set to null. */
  @Nullable ConfigValue value(String key) {
    known.add(key);
    ConfigValue value = own.get(key);
    if (value == null && defaults != null) {
      return defaults.value(key);
    }
    return value == null || value.valueType() == ConfigValueType.NULL ? null : value;
  }

  boolean isSet(String key) {
    return value(key) != null;
  }

  /** The value as the parser understands it; a stand-in if it does not, which is reported. */
  <T> T read(String key, String accepted, T standIn, Function<ConfigValue, Optional<T>> parser) {
    return read(key, () -> accepted, standIn, parser);
  }

  /** The same where what is accepted is put into words only for somebody who has to hear it. */
  private <T> T read(
      String key, Supplier<String> accepted, T standIn, Function<ConfigValue, Optional<T>> parser) {
    ConfigValue value = value(key);
    if (value == null) {
      missing(key, accepted.get());
      return standIn;
    }
    return parser
        .apply(value)
        .orElseGet(
            () -> {
              refuse(value, nameOf(key), accepted.get());
              return standIn;
            });
  }

  /** The same for a value that need not be there. */
  <T> Optional<T> optional(String key, String accepted, Function<ConfigValue, Optional<T>> parser) {
    ConfigValue value = value(key);
    if (value == null) {
      return Optional.empty();
    }
    Optional<T> read = parser.apply(value);
    if (read.isEmpty()) {
      refuse(value, nameOf(key), accepted);
    }
    return read;
  }

  /** Where a key's value comes from: this section, or the one it lies over. */
  String nameOf(String key) {
    return defaults == null || own.containsKey(key) ? at(key) : defaults.nameOf(key);
  }

  /** Reports that a key is not set. */
  void missing(String key, String accepted) {
    if (!broken) {
      ConfigValue where = own.get(key) != null ? own.get(key) : own.isEmpty() ? null : own;
      problem(where, at(key), "nothing", accepted);
    }
  }

  void refuse(ConfigValue value, String name, String accepted) {
    problem(value, name, Scalar.shown(value), accepted);
  }

  void problem(@Nullable ConfigValue where, String name, String found, String accepted) {
    reading.add(new ConfigProblem(reading.place(where), name, found, accepted));
  }

  void notice(ConfigValue where, String text) {
    reading.add(new ConfigNotice(reading.place(where), text));
  }

  String text(String key, String accepted) {
    return read(key, accepted, "", Scalar::text);
  }

  /** A host, folded. */
  Optional<String> host(String key, String accepted) {
    return optional(key, accepted, Scalar::host);
  }

  /** A host, folded, or an empty text. */
  String hostOrEmpty(String key, String accepted) {
    return read(
        key,
        accepted,
        "",
        value -> Scalar.text(value).filter(String::isEmpty).or(() -> Scalar.host(value)));
  }

  boolean flag(String key) {
    return read(key, "on or off", false, Scalar::flag);
  }

  int number(String key, int min, int max) {
    return read(
        key,
        () -> "a whole number from " + min + " to " + max,
        min,
        value -> Scalar.number(value, min, max));
  }

  Duration duration(String key, Duration min, Duration max) {
    return read(
        key,
        () ->
            "a duration with its unit, such as 25s, from "
                + Scalar.shown(min)
                + " to "
                + Scalar.shown(max),
        min,
        value -> Scalar.duration(value, min, max));
  }

  /** A duration that is not less than the one under another key, which was read before. */
  Duration durationFrom(String firstKey, Duration first, String key, Duration min, Duration max) {
    int mark = reading.mark();
    Duration read = duration(key, min, max);
    if (read.compareTo(first) >= 0) {
      return read;
    }
    if (reading.cleanSince(mark)) {
      problem(
          value(key),
          nameOf(key),
          Scalar.shown(read),
          "not less than " + firstKey + ", which is " + Scalar.shown(first));
    }
    return first;
  }

  <E extends Enum<E>> E choice(String key, Class<E> type) {
    E[] all = type.getEnumConstants();
    return read(
        key,
        () -> Stream.of(all).map(Scalar::written).collect(Collectors.joining(", ", "one of ", "")),
        all[0],
        value -> Scalar.choice(value, all));
  }

  /**
   * The elements under a key, of which a single one may stand without brackets; none if not set.
   */
  List<ConfigValue> elements(String key) {
    ConfigValue value = value(key);
    if (value == null) {
      return List.of();
    }
    return value instanceof ConfigList list ? list : List.of(value);
  }

  /** The elements as the parser understands them; every other one is reported. */
  <T> List<T> list(String key, String accepted, Function<ConfigValue, Optional<T>> parser) {
    List<T> all = new ArrayList<>();
    for (ConfigValue element : elements(key)) {
      parser.apply(element).ifPresentOrElse(all::add, () -> refuse(element, nameOf(key), accepted));
    }
    return all;
  }

  NetworkSet networks(String key) {
    return new NetworkSet(
        list(key, "a network such as 192.0.2.0/24 or 2001:db8::/32", Scalar::network));
  }

  List<String> matching(String key, String accepted, String pattern) {
    return list(key, accepted, value -> Scalar.text(value).filter(text -> text.matches(pattern)));
  }

  /** LDAP attribute descriptions (RFC 4512 section 2.5). */
  List<String> attributes(String key) {
    return matching(
        key, "attribute names", "(\\p{Alpha}[\\p{Alnum}-]*|\\d+(\\.\\d+)*)(;[\\w;-]+)?");
  }
}
