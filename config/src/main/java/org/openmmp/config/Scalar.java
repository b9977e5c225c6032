package org.openmmp.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;
import org.openmmp.text.SafeText;
import org.openmmp.wire.Network;

/** Turns single values into what they say, or into nothing if they do not say it. */
final class Scalar {
  private static final int LONGEST_SHOWN = 120;
  private static final ConfigRenderOptions ON_ONE_LINE = ConfigRenderOptions.concise();

  private static final Pattern NUMBER = Pattern.compile("\\d{1,10}");
  private static final List<ChronoUnit> UNITS =
      List.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES, ChronoUnit.SECONDS);
  private static final Pattern BARE = Pattern.compile("[\\d.]*");

  private Scalar() {}

  /** A scalar as text; of visible characters, for others have no place in any setting. */
  static Optional<String> text(ConfigValue value) {
    return secret(value).filter(SafeText::isVisible);
  }

  /** A scalar that is never shown, and may hold anything but control characters. */
  static Optional<String> secret(ConfigValue value) {
    boolean scalar =
        switch (value.valueType()) {
          case STRING, NUMBER, BOOLEAN -> true;
          case OBJECT, LIST, NULL -> false;
        };
    return scalar
        ? Optional.of(String.valueOf(value.unwrapped()))
            .filter(text -> text.chars().noneMatch(Character::isISOControl))
        : Optional.empty();
  }

  static Optional<Boolean> flag(ConfigValue value) {
    return text(value)
        .flatMap(
            text ->
                switch (text.toLowerCase(Locale.ROOT)) {
                  case "on", "yes", "true" -> Optional.of(true);
                  case "off", "no", "false" -> Optional.of(false);
                  default -> Optional.empty();
                });
  }

  static Optional<Integer> number(ConfigValue value, int min, int max) {
    return text(value)
        .filter(digits -> NUMBER.matcher(digits).matches())
        .map(Long::valueOf)
        .filter(number -> number >= min && number <= max)
        .map(Long::intValue);
  }

  /** A duration; a bare number is none, lest somebody take milliseconds for seconds. */
  static Optional<Duration> duration(ConfigValue value, Duration min, Duration max) {
    Optional<String> text =
        text(value).filter(any -> any.equals("0") || !BARE.matcher(any).matches());
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      Duration duration = value.atKey("duration").getDuration("duration");
      return Optional.of(duration)
          .filter(any -> any.compareTo(min) >= 0 && any.compareTo(max) <= 0);
    } catch (ConfigException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  static <E extends Enum<E>> Optional<E> choice(ConfigValue value, E[] all) {
    return text(value)
        .map(text -> text.toLowerCase(Locale.ROOT).replace('_', '-'))
        .flatMap(text -> Stream.of(all).filter(one -> written(one).equals(text)).findFirst());
  }

  /** A host name or address, folded. */
  static Optional<String> host(ConfigValue value) {
    return text(value).flatMap(HostName::orAddress);
  }

  static Optional<Network> network(ConfigValue value) {
    return text(value).filter(text -> AddressLiteral.prefixLength(text) >= 0).map(Network::parse);
  }

  /** How a choice is written in a file. */
  static String written(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A value for a message: on one line and not too long. */
  static String shown(ConfigValue value) {
    return printable(value.render(ON_ONE_LINE));
  }

  /** A text for a message: on one line, and not too long. */
  static String printable(String text) {
    String plain = SafeText.lines(text).replace('\n', '?').replace('\t', '?');
    return plain.length() <= LONGEST_SHOWN ? plain : plain.substring(0, LONGEST_SHOWN) + "…";
  }

  /** A duration for a message, in its largest whole unit. */
  static String shown(Duration duration) {
    long millis = duration.toMillis();
    for (ChronoUnit unit : UNITS) {
      long its = unit.getDuration().toMillis();
      if (millis >= its && millis % its == 0) {
        return millis / its + unit.name().substring(0, 1).toLowerCase(Locale.ROOT);
      }
    }
    return millis == 0 ? "0" : millis + "ms";
  }
}
