package org.openmmp.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openmmp.guard.Farewell;
import org.openmmp.transport.SpliceEnd;

/** Holds what docs/operate/logs.md says of a session's end against the words of the program. */
final class EndingWordsTest {
  private static final Path PROJECT = Path.of("..");

  /** Who hears these has no session. */
  private static final Set<Farewell> BEFORE_A_SESSION =
      EnumSet.of(Farewell.BLOCKED, Farewell.NOT_LISTED);

  private static final Pattern OWN_WORD =
      Pattern.compile("\\b(?:end\\(|bye\\(|leave\\([\\w.]+, )\"([^\"]+)\"");

  private static final Pattern DOCUMENTED = Pattern.compile("`([a-z-]+)`");

  @Test // B8.6
  void everyWordThatEndsASessionStandsInTheDocsAndNoOther() throws IOException {
    Set<String> words = new TreeSet<>();
    EnumSet.complementOf(EnumSet.copyOf(BEFORE_A_SESSION)).forEach(each -> words.add(each.cause()));
    EnumSet.complementOf(EnumSet.of(SpliceEnd.Reason.ENDED))
        .forEach(each -> words.add(each.name().toLowerCase(Locale.ROOT).replace('_', '-')));
    for (String server : new String[] {"mmp-proxy", "lmtp-relay"}) {
      try (Stream<Path> files = Files.walk(PROJECT.resolve(server).resolve("src/main/java"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          collect(OWN_WORD, Files.readString(file), words);
        }
      }
    }
    assertEquals(words, documented());
  }

  private static Set<String> documented() throws IOException {
    String page = Files.readString(PROJECT.resolve("docs/operate/logs.md"));
    String section =
        page.substring(
            page.indexOf("`reason` of `session-end`: "), page.indexOf("IMAP says so behind"));
    Set<String> words = new TreeSet<>();
    collect(DOCUMENTED, section, words);
    words.removeAll(Set.of("reason", "session-end", "kick"));
    return words;
  }

  private static void collect(Pattern pattern, String text, Set<String> words) {
    Matcher found = pattern.matcher(text);
    while (found.find()) {
      words.add(found.group(1));
    }
  }
}
