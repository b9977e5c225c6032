package org.openmmp.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one reading of a configuration has come upon so far: mistakes, notices and the sections that
 * were opened. Belongs to one thread.
 */
final class Reading {
  private static final String DEFAULTS = "reference.conf";

  private final Path file;
  private final Set<ConfigProblem> problems = new LinkedHashSet<>();
  private final List<ConfigNotice> notices = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final List<String> proxyHeaders = new ArrayList<>();
  private final Map<Path, String> secretFiles = new LinkedHashMap<>();
  private final Map<String, Path> namedFiles = new LinkedHashMap<>();
  private List<String> listenAddresses = List.of();
  private final boolean filesNeeded;

  Reading(Path file) {
    this(file, true);
  }

  /**
   * Begins a reading.
   *
   * @param filesNeeded whether the files that settings name must be readable: keys and passwords
   *     often are so for the server alone, and who only asks it needs none
   */
  Reading(Path file, boolean filesNeeded) {
    this.file = file;
    this.filesNeeded = filesNeeded;
  }

  /** Whether the files that settings name must be readable. */
  boolean filesNeeded() {
    return filesNeeded;
  }

  void add(ConfigProblem problem) {
    problems.add(problem);
  }

  void add(ConfigNotice notice) {
    notices.add(notice);
  }

  void opened(Section section) {
    sections.add(section);
  }

  /** From now on listeners that name no address of their own are at these, if there is one. */
  void listenAt(List<String> addresses) {
    listenAddresses = List.copyOf(addresses);
  }

  /** Where listeners are that name no address of their own; none: at every IPv4 address. */
  List<String> listenAddresses() {
    return listenAddresses;
  }

  /** A listener expects PROXY headers, as the setting of that name says. */
  void proxyHeadersExpected(String at) {
    proxyHeaders.add(at);
  }

  /** The settings that make a listener expect PROXY headers. */
  List<String> proxyHeaders() {
    return proxyHeaders;
  }

  /** A key or password stands in that file, as the setting of that name says. */
  void secretIn(Path secret, String at) {
    secretFiles.putIfAbsent(secret, at);
  }

  /** The files in which keys and passwords stand, each with its setting. */
  Map<Path, String> secretFiles() {
    return secretFiles;
  }

  /** A key names that file, whose contents are read too. */
  void names(String at, Path file) {
    namedFiles.put(at, file);
  }

  /** The files whose contents are read too, by the keys that name them. */
  Map<String, Path> namedFiles() {
    return namedFiles;
  }

  /** A mark for {@link #cleanSince}. */
  int mark() {
    return problems.size();
  }

  /** Whether nothing went wrong since the mark, so that values may be compared with one another. */
  boolean cleanSince(int mark) {
    return problems.size() == mark;
  }

  /** The notices by place. */
  List<ConfigNotice> notices() {
    return notices.stream()
        .sorted(Comparator.comparing(ConfigNotice::place, ConfigPlace.IN_ORDER))
        .toList();
  }

  List<Section> sections() {
    return sections;
  }

  /** The problems by place: a file's in the order of its lines. */
  List<ConfigProblem> problems() {
    List<ConfigProblem> sorted = new ArrayList<>(problems);
    sorted.sort(Comparator.comparing(ConfigProblem::place, ConfigPlace.IN_ORDER));
    return sorted;
  }

  /** Where a value stands; the main file if it is nowhere, or only among the defaults. */
  ConfigPlace place(@Nullable ConfigValue value) {
    if (value == null) {
      return new ConfigPlace(file.toString(), 0);
    }
    ConfigOrigin origin = value.origin();
    if (DEFAULTS.equals(origin.resource())) {
      return place(null);
    }
    String name = origin.filename();
    if (name != null) {
      return new ConfigPlace(name, Math.max(0, origin.lineNumber()));
    }
    // An object that was put together from several places stands where its first value does.
    return value instanceof ConfigObject object && !object.isEmpty()
        ? object.values().stream().map(this::place).min(ConfigPlace.IN_ORDER).orElseThrow()
        : new ConfigPlace(origin.description(), 0);
  }

  /** A path as the file that names it means it. */
  Path resolve(ConfigValue namedBy, String path) {
    String name = namedBy.origin().filename();
    Path base = name == null ? file : Path.of(name);
    return base.toAbsolutePath().resolveSibling(path).normalize();
  }
}
