package org.openmmp.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How large the product is, and how it hangs together. Each number may only fall. */
final class HouseFiguresTest {
  private static final Path PROJECT = Path.of("..");
  private static final int MOST_TYPES = 827;
  private static final int MOST_REPEATED_LINES = 14;

  /** The shortest run of lines that counts as written twice. */
  private static final int SHORTEST_RUN = 4;

  /** What is shipped: the product and the simulation. */
  private static JavaClasses program;

  private static List<JavaClass> product;

  @BeforeAll
  static void read() {
    program =
        new ClassFileImporter().withImportOption(new ProgramOnly()).importPackages("org.openmmp");
    product =
        program.stream().filter(type -> !type.getPackageName().contains(".storesim")).toList();
  }

  @Test
  void productHasNoMoreTypesThanBefore() {
    long types =
        product.stream()
            .filter(type -> !type.getName().matches(".*(\\$\\d+|package-info)"))
            .count();
    long files = product.stream().map(HouseFiguresTest::file).distinct().count();
    tell("types: %d in %d files".formatted(types, files));
    assertTrue(types <= MOST_TYPES, () -> types + " types");
  }

  @Test
  void everySimpleNameStandsOnce() {
    Map<String, Set<String>> places = new TreeMap<>();
    for (JavaClass type : program) {
      if (type.isTopLevelClass() && !type.getSimpleName().equals("package-info")) {
        places
            .computeIfAbsent(type.getSimpleName(), name -> new TreeSet<>())
            .add(type.getPackageName());
      }
    }
    places.values().removeIf(packages -> packages.size() < 2);
    assertEquals(Map.of(), places);
  }

  @Test
  void noClassesStandInCircles() {
    assertEquals(List.of(), circles());
  }

  @Test
  void twoServersRepeatNoMoreThanBefore() throws IOException {
    int lines = repeated(sources("mmp-proxy"), sources("lmtp-relay"));
    tell(
        "lines of the relay in runs of %d or more that the proxy has too: %d"
            .formatted(SHORTEST_RUN, lines));
    assertTrue(lines <= MOST_REPEATED_LINES, () -> lines + " lines");
  }

  private static void tell(String figures) {
    System.out.println(figures);
  }

  /** A type with all that is nested in it. */
  private static String file(JavaClass type) {
    return type.getName().replaceFirst("\\$.*", "");
  }

  /**
   * Strongly connected files. An owner and one package-private helper of its own are none: they are
   * one idea in two files.
   */
  private static List<Set<String>> circles() {
    Map<String, Set<String>> uses = new TreeMap<>();
    Set<String> exported = new HashSet<>();
    Set<String> known = product.stream().map(JavaClass::getName).collect(Collectors.toSet());
    for (JavaClass type : product) {
      Set<String> used = uses.computeIfAbsent(file(type), name -> new TreeSet<>());
      type.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(target -> known.contains(target.getName()))
          .forEach(target -> used.add(file(target)));
      if (type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC)) {
        exported.add(type.getName());
      }
    }
    List<Set<String>> found = new ArrayList<>();
    Set<String> placed = new HashSet<>();
    Map<String, Set<String>> reached = new HashMap<>();
    uses.keySet().forEach(from -> reached.put(from, reachable(from, uses)));
    reached.forEach(
        (one, there) -> {
          Set<String> circle = new TreeSet<>(there);
          circle.removeIf(other -> !reached.getOrDefault(other, Set.of()).contains(one));
          boolean helped = circle.size() == 2 && !exported.containsAll(circle);
          if (circle.size() > 1 && !helped && placed.addAll(circle)) {
            found.add(circle);
          }
        });
    return found;
  }

  /** What can be come to from there in one step or more, over others than itself. */
  private static Set<String> reachable(String from, Map<String, Set<String>> uses) {
    Set<String> seen = new HashSet<>();
    Deque<String> next = new ArrayDeque<>(List.of(from));
    while (!next.isEmpty()) {
      String at = next.pop();
      for (String used : uses.getOrDefault(at, Set.of())) {
        if (!used.equals(at) && seen.add(used)) {
          next.push(used);
        }
      }
    }
    return seen;
  }

  /** The code of each file of a module, a list of lines without imports and comments. */
  private static List<List<String>> sources(String module) throws IOException {
    List<List<String>> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(PROJECT.resolve(module).resolve("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
        sources.add(
            Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(HouseFiguresTest::isCode)
                .toList());
      }
    }
    return sources;
  }

  private static boolean isCode(String line) {
    return !line.isEmpty()
        && !line.startsWith("import ")
        && !line.startsWith("package ")
        && !line.startsWith("/*")
        && !line.startsWith("*")
        && !line.startsWith("//");
  }

  private static int repeated(List<List<String>> ones, List<List<String>> others) {
    Set<List<String>> runs = new HashSet<>();
    for (List<String> lines : ones) {
      for (int at = 0; at + SHORTEST_RUN <= lines.size(); at++) {
        runs.add(lines.subList(at, at + SHORTEST_RUN));
      }
    }
    int count = 0;
    for (List<String> lines : others) {
      int counted = 0;
      for (int at = 0; at + SHORTEST_RUN <= lines.size(); at++) {
        if (runs.contains(lines.subList(at, at + SHORTEST_RUN))) {
          count += at + SHORTEST_RUN - Math.max(at, counted);
          counted = at + SHORTEST_RUN;
        }
      }
    }
    return count;
  }
}
