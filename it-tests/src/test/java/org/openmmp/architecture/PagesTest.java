package org.openmmp.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages for readers of the project name classes and files that are there. */
final class PagesTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern CLASS = Pattern.compile("`([A-Z][A-Za-z0-9]+)(?:\\.[A-Z]\\w*)?`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)\\)");

  static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(PROJECT);
        Stream<Path> docs = Files.walk(PROJECT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @Test
  void housePageNamesClassesThatAreThere() throws IOException {
    Set<String> known;
    try (Stream<Path> files = Files.walk(PROJECT)) {
      known =
          files
              .map(path -> path.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .map(name -> name.substring(0, name.length() - ".java".length()))
              .collect(Collectors.toSet());
    }
    Set<String> named = found(CLASS, PROJECT.resolve("docs/develop/house.md"));
    assertFalse(named.isEmpty());
    named.removeAll(known);
    assertEquals(Set.of(), named);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadToFilesThatAreThere(Path page) throws IOException {
    Set<String> links = found(LINK, page);
    links.removeIf(link -> Files.exists(page.resolveSibling(link)));
    assertEquals(Set.of(), links);
  }

  private static Set<String> found(Pattern pattern, Path page) throws IOException {
    return pattern
        .matcher(Files.readString(page))
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
