package org.openmmp.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.text.HostName;

/**
 * Reads a configuration file with all it includes and imports (rules B7.1, B7.2).
 *
 * <p>Reading changes nothing and keeps nothing, so it serves a reload as well as a start.
 */
public final class ConfigReader {
  private static final Path KERNELS_HOSTNAME = Path.of("/proc/sys/kernel/hostname");
  private static final Pattern MAY_SHOW_A_SECRET =
      Pattern.compile("pass|secret|token", Pattern.CASE_INSENSITIVE);

  private static final Config REFERENCE =
      ConfigFactory.parseResources(ConfigReader.class.getClassLoader(), "reference.conf");

  private final Reading reading;
  private final Path file;

  ConfigReader(Path file) {
    this(file, new Reading(file));
  }

  private ConfigReader(Path file, Reading reading) {
    this.file = file;
    this.reading = reading;
  }

  /**
   * Reads a file for somebody who only asks the server that runs by it: the files that it names, of
   * which keys and passwords are readable for the server alone, need not be there; a password in
   * one of them that is not is empty.
   *
   * @throws BadConfigException with every mistake there is
   */
  public static OpenMmpConfig loadForAsking(Path file) throws BadConfigException {
    return new ConfigReader(file, new Reading(file, false)).load();
  }

  /**
   * Reads and checks a file.
   *
   * @throws BadConfigException with every mistake there is
   */
  public static OpenMmpConfig load(Path file) throws BadConfigException {
    return new ConfigReader(file).load();
  }

  /** The documented defaults: the file {@code reference.conf}. */
  static Config reference() {
    return REFERENCE;
  }

  /** Mistakes and notices so far. */
  Reading reading() {
    return reading;
  }

  OpenMmpConfig load() throws BadConfigException {
    try {
      new SourceText(reading, file).check();
      if (!reading.cleanSince(0)) {
        throw new BadConfigException(reading.problems());
      }
      Config own =
          ConfigFactory.parseFile(
              // An include is looked for beside the file, and a bare name does not tell where that
              // is.
              file.toAbsolutePath().toFile(),
              ConfigParseOptions.defaults()
                  .setAllowMissing(false)
                  .appendIncluder(new CheckedIncludes(reading, null)));
      Config resolved = own.withFallback(reference()).resolve();
      Config imported = new ImportReader(reading, resolved).read();
      OpenMmpConfig config = read(resolved, imported);
      if (reading.problems().isEmpty()) {
        return config;
      }
    } catch (ConfigException e) {
      if (reading.cleanSince(0) || !(e instanceof ConfigException.Generic)) {
        reading.add(unreadable(e));
      }
    } catch (StackOverflowError tooDeep) {
      // What is nested by substitutions or path keys is not seen in the text.
      reading.add(
          new ConfigProblem(
              new ConfigPlace(file.toString(), 0),
              "",
              "a nesting that is too deep to read",
              SourceText.NESTING));
    }
    throw new BadConfigException(reading.problems());
  }

  private OpenMmpConfig read(Config resolved, Config imported) {
    Section root = Section.root(reading, imported.withFallback(resolved));
    Section defaults = root.section("proxy-defaults");
    GroupConfig groupDefaults = new GroupReader(defaults).readDefaults();
    DirectoryConfig directory =
        new DirectoryReader(
                root.section("directory"), root.section("domains"), root.section("lmtp"))
            .read();
    ServerTlsConfig tls =
        new ServerTlsReader(root.section("tls"), directory.users().baseDn().toString()).read();
    OperationReader operation = new OperationReader(root);
    reading.listenAt(operation.listenAddresses());
    root.isSet("import");
    List<GroupConfig> groups =
        new GroupTableReader(root.section("proxy"), defaults, groupDefaults).read();
    return new OpenMmpConfig(
        hostname(root),
        directory,
        groupDefaults,
        groups,
        operation.recovery(groups),
        operation.login(),
        new LoginProtocolReader(root.section("imap"), tls).imap(),
        new LoginProtocolReader(root.section("pop3"), tls).pop3(),
        new LmtpReader(root.section("lmtp"), tls).read(),
        tls,
        operation.limits(),
        operation.proxyProtocol(),
        operation.resolver(),
        operation.transport(),
        operation.sources(),
        operation.admin(),
        operation.log(),
        operation.drain(),
        new SharedReader(root.section("shared")).read(hostname(root)),
        operation.stateFile(),
        reading.secretFiles(),
        new WrittenKeys(root.own(), reading.namedFiles()),
        notices());
  }

  /** The notices, once all sections were read. */
  private List<ConfigNotice> notices() {
    new UnknownKeys(reading.sections()).refuse();
    return reading.notices();
  }

  private static String hostname(Section root) {
    return root.host("hostname", "a host name; null for the machine's own")
        .orElseGet(ConfigReader::machineName);
  }

  /** The machine's own name; no name server is asked. */
  private static String machineName() {
    try {
      return HostName.orAddress(Files.readString(KERNELS_HOSTNAME).strip()).orElse("localhost");
    } catch (IOException e) {
      return "localhost";
    }
  }

  /** The place that Typesafe Config could not read; it stops at the first one. */
  private ConfigProblem unreadable(ConfigException e) {
    @Nullable ConfigOrigin origin = e.origin();
    String message = Optional.ofNullable(e.getMessage()).orElse("").lines().findFirst().orElse("");
    if (origin == null) {
      return new ConfigProblem(new ConfigPlace(file.toString(), 0), "", message, "a HOCON file");
    }
    String name = Optional.ofNullable(origin.filename()).orElse(origin.description());
    ConfigPlace place = new ConfigPlace(name, Math.max(0, origin.lineNumber()));
    String told =
        message.startsWith(origin.description() + ": ")
            ? message.substring(origin.description().length() + 2)
            : message;
    if (e instanceof ConfigException.IO) {
      String found = Files.notExists(Path.of(name)) ? "no such file" : "a file that cannot be read";
      return new ConfigProblem(place, "", found, "a readable file");
    }
    if (e instanceof ConfigException.UnresolvedSubstitution) {
      return new ConfigProblem(
          place,
          "",
          told,
          "a name that is set here or in the environment; ${?name} where it need not be");
    }
    return new ConfigProblem(
        place,
        "",
        mayShowSecret(place)
            ? "text that cannot be read, not shown since a password is near"
            : told,
        "HOCON");
  }

  /** Whether a password may stand where the text could not be read, and so in the message. */
  private static boolean mayShowSecret(ConfigPlace place) {
    try {
      List<String> lines = Files.readAllLines(Path.of(place.file()));
      int from = Math.max(0, place.line() - 3);
      return lines.subList(from, Math.min(lines.size(), place.line() + 1)).stream()
          .anyMatch(line -> MAY_SHOW_A_SECRET.matcher(line.toLowerCase(Locale.ROOT)).find());
    } catch (IOException | RuntimeException e) {
      return true;
    }
  }
}
