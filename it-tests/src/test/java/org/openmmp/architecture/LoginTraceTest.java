package org.openmmp.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Through how much of the house one login goes. Each number may only fall, and has some room for
 * what other threads do meanwhile; the test prints what it found.
 */
@Tag("slow")
final class LoginTraceTest {
  private static final int MOST_TYPES = 260;
  private static final int MOST_MOVES = 4_000;
  private static final int LONGEST_SPINE = 57;

  @Test
  void oneLoginGoesThroughNoMoreRoomsThanBefore(@TempDir Path directory) throws Exception {
    LoginTrace login = LoginTrace.take(directory);
    int types = login.entered().size();
    int spine = login.made().size();
    StringBuilder found = new StringBuilder();
    found.append("one IMAP login: %d types entered, ".formatted(types));
    found.append("%d moves from type to type, ".formatted(login.moves()));
    found.append("objects of %d types made that are no values:\n".formatted(spine));
    login.made().stream().sorted().forEach(type -> found.append("  ").append(type).append('\n'));
    found.append("types entered, by package:\n");
    login.entered().keySet().stream()
        .collect(
            Collectors.groupingBy(
                LoginTraceTest::packageOf, TreeMap::new, Collectors.toCollection(TreeSet::new)))
        .forEach(
            (room, inside) ->
                found.append("  %s %d: %s\n".formatted(room, inside.size(), names(room, inside))));
    System.out.print(found);
    assertTrue(
        types <= MOST_TYPES && login.moves() <= MOST_MOVES && spine <= LONGEST_SPINE,
        found::toString);
  }

  private static String packageOf(String type) {
    return type.substring(0, type.lastIndexOf('.'));
  }

  private static String names(String room, Set<String> types) {
    return types.stream()
        .map(type -> type.substring(room.length() + 1))
        .collect(Collectors.joining(" "));
  }
}
