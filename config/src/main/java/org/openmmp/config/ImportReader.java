package org.openmmp.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openmmp.config.imported.Counterparts;
import org.openmmp.config.imported.ImportedText;
import org.openmmp.config.imported.OptionName;
import org.openmmp.config.imported.RecipeParser;
import org.openmmp.text.HostName;

/** Takes over settings from the files of {@code openmmp.import} (rule B7.2). */
final class ImportReader {
  private static final String KEY = "openmmp.import";
  private static final String GROUPS = "openmmp.proxy";
  private static final List<String> GROUP_OPTIONS =
      List.of("storehostlist", "imapport", "popport", "lmtpport", "imapadmin", "imapadminpass");
  private static final Map<String, String> DEFAULT_OPTIONS =
      Map.of(
          "proxyimapport", "imapport",
          "proxyadmin", "imapadmin",
          "proxyadminpass", "imapadminpass");

  private static final Counterparts COUNTERPARTS = Counterparts.of("mmp");

  private static final Pattern LEGACY = Pattern.compile("[A-Za-z]+:([A-Za-z0-9]+)");

  private final Reading reading;
  private final Config written;
  private final Config reference = ConfigReader.reference();
  private final List<ConfigProblem> counterparts = new ArrayList<>();

  /** The keys of the groups that are written in the configuration itself, by their folded names. */
  private final Map<String, String> writtenGroups = new HashMap<>();

  /** By path. */
  private final Map<String, ConfigValue> imported = new LinkedHashMap<>();

  /** Reads beside what is written in the configuration itself, defaults included. */
  ImportReader(Reading reading, Config written) {
    this.reading = reading;
    this.written = written;
    if (written.hasPath(GROUPS) && written.getValue(GROUPS) instanceof ConfigObject object) {
      new TreeSet<>(object.keySet())
          .forEach(key -> writtenGroups.putIfAbsent(HostName.fold(key), key));
    }
  }

  /** Reads the settings of the files, which are laid over those of the configuration itself. */
  Config read() {
    ConfigValue value = written.hasPath(KEY) ? written.getValue(KEY) : null;
    if (value != null) {
      for (ConfigValue element : value instanceof ConfigList list ? list : List.of(value)) {
        file(element);
      }
    }
    return ConfigFactory.parseMap(imported);
  }

  private void file(ConfigValue element) {
    Optional<Path> path = path(element);
    try {
      if (path.isPresent()) {
        text(element, path.get().toString(), Files.readString(path.get()));
        return;
      }
    } catch (IOException e) {
      // An unreadable file is told like a name that is none.
    }
    String found = Scalar.shown(element) + path.map(file -> ", which is " + file).orElse("");
    reading.add(
        new ConfigProblem(
            reading.place(element), KEY, found, "a readable recipe or file of commands, in UTF-8"));
  }

  private Optional<Path> path(ConfigValue element) {
    try {
      return Scalar.text(element)
          .filter(text -> !text.isEmpty())
          .map(text -> reading.resolve(element, text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private void text(ConfigValue element, String file, String text) {
    ImportedText read = RecipeParser.read(file, text);
    int before = imported.size();
    int mark = reading.mark();
    counterparts.clear();
    read.faults()
        .forEach(
            fault ->
                reading.add(
                    new ConfigProblem(
                        new ConfigPlace(file, fault.line()), "", fault.found(), fault.accepted())));
    read.skipped()
        .forEach(
            skipped -> {
              Matcher legacy = LEGACY.matcher(skipped.word());
              passedOver(
                  new ConfigPlace(file, skipped.line()),
                  "\"" + Scalar.printable(skipped.word()) + "\" is not a setting",
                  legacy.matches() ? legacy.group(1) : "");
            });
    read.options().forEach(option -> option(new ConfigPlace(file, option.line()), option));
    if (imported.size() == before && reading.cleanSince(mark)) {
      counterparts.forEach(reading::add);
      reading.add(
          new ConfigProblem(
              reading.place(element),
              KEY,
              Scalar.shown(element) + ", a file out of which nothing is taken",
              "a file with a setting that is taken over, such as proxy:group.storehostlist"));
    }
  }

  /** Passes something over, and names what takes its place here, if something does. */
  private void passedOver(ConfigPlace place, String why, String option) {
    List<String> keys =
        COUNTERPARTS.find(option).map(Counterparts.Row::keys).orElse(List.of("")).stream()
            .filter(key -> !key.isEmpty())
            .map(key -> "openmmp." + key.replace("{service}", "imap"))
            .toList();
    String counterpart = String.join(" and ", keys);
    if (keys.isEmpty()) {
      reading.add(new ConfigNotice(place, why + "; skipped"));
    } else {
      reading.add(
          new ConfigNotice(place, why + "; skipped: " + counterpart + " takes its place here"));
      counterparts.add(
          new ConfigProblem(place, "", "the option " + Scalar.printable(option), counterpart));
    }
  }

  private void option(ConfigPlace place, ImportedText.Option option) {
    String shown = Scalar.printable(option.name());
    Optional<OptionName> name = OptionName.parse(option.name());
    Optional<String> path = name.flatMap(this::target);
    if (path.isPresent()) {
      set(place, path.get(), option);
    } else {
      Optional<String> near = name.filter(one -> one.kind().equals("proxy")).flatMap(this::nearest);
      if (near.isPresent()) {
        reading.add(
            new ConfigProblem(
                place, "", "the option " + shown, "a known option; the nearest is " + near.get()));
      } else if (ImportedText.namesTaken(option.name())) {
        reading.add(
            new ConfigProblem(
                place,
                "",
                "the option " + shown,
                "such an option of proxy:<group>, or base.proxyimapport, base.proxyadmin,"
                    + " base.proxyadminpass, or channel:tcp_lmtpc….affinitylist"));
      } else {
        passedOver(
            place,
            "the option " + shown + " is not known to this program",
            name.filter(one -> one.kind().matches("(imap|pop)proxy.*|mmp|base"))
                .map(OptionName::option)
                .orElse(""));
      }
    }
  }

  private Optional<String> nearest(OptionName name) {
    return GROUP_OPTIONS.stream()
        .filter(known -> Nearness.distance(known, name.option()) <= 2)
        .findFirst();
  }

  /** The path of an option in the configuration; nothing if it is another product's. */
  private Optional<String> target(OptionName name) {
    if (name.kind().equals("proxy") && GROUP_OPTIONS.contains(name.option())) {
      return Optional.of(
          ConfigUtil.joinPath("openmmp", "proxy", group(name.instance()), name.option()));
    }
    if (name.kind().equals("base")) {
      return Optional.ofNullable(DEFAULT_OPTIONS.get(name.option()))
          .map(key -> "openmmp.proxy-defaults." + key);
    }
    boolean lmtpClient = name.kind().equals("channel") && name.instance().startsWith("tcp_lmtpc");
    return lmtpClient && name.option().equals("affinitylist")
        ? Optional.of("openmmp.lmtp.affinitylist")
        : Optional.empty();
  }

  /**
   * The group's key as it is written in the configuration, if it is there; else the folded name.
   */
  private String group(String instance) {
    String folded = HostName.fold(instance);
    return writtenGroups.getOrDefault(folded, folded);
  }

  private void set(ConfigPlace place, String path, ImportedText.Option option) {
    boolean flag = path.endsWith(".affinitylist");
    if (option.computed() || (option.value().isEmpty() && !flag)) {
      reading.add(
          new ConfigProblem(
              place,
              path,
              option.computed() ? "a value that is not plain text" : "no value",
              "the value written out in quotes; nothing is executed or expanded"));
      return;
    }
    ConfigValue value =
        ConfigValueFactory.fromAnyRef(
                flag
                    ? option.value().filter(text -> text.matches("0|off|no|false")).isEmpty()
                    : option.value().orElse(""))
            .withOrigin(ConfigOriginFactory.newFile(place.file()).withLineNumber(place.line()));
    Optional<ConfigValue> other =
        Stream.concat(Optional.ofNullable(imported.get(path)).stream(), at(written, path).stream())
            .filter(any -> !isDefault(path, any))
            .filter(any -> !normal(any).equals(normal(value)))
            .findFirst();
    if (other.isPresent()) {
      boolean secret = path.endsWith("pass");
      reading.add(
          new ConfigProblem(
              place,
              path,
              secret ? "another password" : Scalar.shown(value),
              "what is set at "
                  + reading.place(other.get())
                  + (secret ? "" : ": " + Scalar.shown(other.get()))));
      return;
    }
    imported.put(path, value);
  }

  private static Optional<ConfigValue> at(Config config, String path) {
    try {
      return config.hasPath(path) ? Optional.of(config.getValue(path)) : Optional.empty();
    } catch (ConfigException.WrongType e) {
      return Optional.empty();
    }
  }

  private boolean isDefault(String path, ConfigValue value) {
    return at(reference, path).filter(any -> any.origin().equals(value.origin())).isPresent();
  }

  /** The value in one form, whether it was written as a text, a number or a list. */
  private static String normal(ConfigValue value) {
    String text =
        value instanceof ConfigList list
            ? String.join(" ", list.stream().map(any -> String.valueOf(any.unwrapped())).toList())
            : String.valueOf(value.unwrapped());
    return text.strip().replaceAll("\\s+", " ");
  }
}
