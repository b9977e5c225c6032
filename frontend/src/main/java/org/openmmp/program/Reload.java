package org.openmmp.program;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.config.OpenMmpConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Reads the configuration again while the program runs, and takes all of it over or nothing (rule
 * B7.3). Sessions go on under the settings they began with. On any thread; one at a time.
 */
final class Reload {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  /** Beyond this a log has no use for single keys. */
  private static final int MOST_LINES = 200;

  private static final String OPENMMP = "openmmp.";
  private static final String AT_THE_NEXT_START = " (takes effect at the next start)";
  private static final String FOR_NEW_LISTENERS =
      " (for listeners that are opened from now on; those that are open keep theirs until the next"
          + " start)";

  /** What cannot change while sockets are open, and why an operator need not wonder. */
  private static final Map<String, String> LATER =
      Map.of(
          "openmmp.transport.native", AT_THE_NEXT_START,
          "openmmp.transport.threads", AT_THE_NEXT_START,
          "openmmp.transport.backlog", FOR_NEW_LISTENERS,
          "openmmp.transport.reuse-port", FOR_NEW_LISTENERS,
          "openmmp.transport.bind-before-up", FOR_NEW_LISTENERS,
          "openmmp.transport.client-vanished", FOR_NEW_LISTENERS);

  /**
   * How a reload ended.
   *
   * @param done false if it was refused, and all is as it was
   * @param lines a sentence for each change, or for each reason why it was refused
   * @param summary all of it in one line
   */
  record Outcome(boolean done, List<String> lines, String summary) {
    private Answer answer(String trial) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("done", done);
      tree.put("dryRun", trial.equals("true"));
      tree.put("summary", summary);
      tree.put("lines", lines);
      String first =
          (done ? trial.equals("true") ? "would be taken over: " : "taken over: " : "refused: ");
      // One line alone is the summary already.
      boolean alone = lines.size() < 2 && !(done && lines.size() == 1);
      String text = first + summary + (alone ? "" : "\n" + String.join("\n", lines));
      return new Answer(done ? Answer.Kind.DONE : Answer.Kind.REFUSED, text, tree);
    }
  }

  private final Program program;
  private final Function<Consumer<String>, Optional<OpenMmpConfig>> reader;

  /**
   * For a program that runs.
   *
   * @param reader reads its file again and tells mistakes, each with file, line and key
   */
  Reload(Program program, Function<Consumer<String>, Optional<OpenMmpConfig>> reader) {
    this.program = program;
    this.reader = reader;
  }

  /**
   * The page that reloads.
   *
   * @param reload null where no file was read
   */
  static AdminPage page(Supplier<@Nullable Reload> reload) {
    return AdminPage.actingLater(
        "/api/v1/reload",
        "Reads the configuration again and takes all of it over, or nothing",
        List.of(
            Parameter.optional(
                "dry-run", "true: says what that would come to, and changes nothing")),
        query -> {
          String trial = query.value("dry-run", "false");
          Reload known = reload.get();
          if (!trial.equals("true") && !trial.equals("false")) {
            return completed(Answer.not(Answer.Kind.WRONG, "dry-run is true or false"));
          }
          if (known == null) {
            return completed(
                Answer.not(Answer.Kind.REFUSED, "the program is still starting; ask again"));
          }
          return CompletableFuture.supplyAsync(
              () -> (trial.equals("true") ? known.tryOut() : known.run()).answer(trial));
        });
  }

  private static CompletableFuture<Answer> completed(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  /** Takes the configuration over as it is written now, and tells it in the log. */
  Outcome run() {
    Outcome outcome = end(false);
    outcome.lines().stream()
        .limit(MOST_LINES)
        .forEach(outcome.done() ? line -> log.info("reload: {}", line) : Reload::complain);
    program
        .news()
        .tell(
            outcome.done() ? Level.INFO : Level.ERROR,
            (outcome.done() ? "the configuration was taken over: " : "a reload was refused: ")
                + outcome.summary());
    if (outcome.done()) {
      log.info("reload result=ok: {}", outcome.summary());
      program.warn();
    } else {
      log.error("reload result=refused: {}", outcome.summary());
    }
    return outcome;
  }

  private static void complain(String line) {
    log.error("reload: {}", line);
  }

  /** Says what {@link #run} would come to, and changes nothing. */
  Outcome tryOut() {
    return end(true);
  }

  private synchronized Outcome end(boolean trial) {
    List<String> problems = new ArrayList<>();
    try {
      Optional<OpenMmpConfig> read = reader.apply(problems::add);
      if (read.isEmpty()) {
        return refused(problems);
      }
      OpenMmpConfig next = read.get();
      Map<String, String> changes = next.written().changesSince(program.config().written());
      List<String> again =
          program.retired().stream()
              .filter(
                  host -> next.groups().stream().anyMatch(group -> group.hosts().contains(host)))
              .map(host -> "host " + host + " not retired any more")
              .toList();
      program.become(next, trial);
      List<String> lines = new ArrayList<>();
      changes.forEach((key, change) -> lines.add(change + LATER.getOrDefault(key, "")));
      lines.addAll(again);
      return new Outcome(true, List.copyOf(lines), summary(changes, again));
    } catch (IOException unusable) {
      return refused(List.of(String.valueOf(unusable.getMessage())));
    } catch (RuntimeException mistake) {
      log.error("a reload failed by a mistake of the program", mistake);
      return refused(List.of("a mistake of the program, which is in the log: " + mistake));
    }
  }

  private static Outcome refused(List<String> why) {
    return new Outcome(
        false,
        why,
        (why.size() == 1 ? why.get(0) : why.size() + " mistakes") + "; all stays as it was");
  }

  /** Groups in words, of other sections the number of keys: "group a: b added; 3 limits". */
  private static String summary(Map<String, String> changes, List<String> again) {
    if (changes.isEmpty() && again.isEmpty()) {
      return "nothing has changed";
    }
    List<String> words = new ArrayList<>();
    Map<String, Integer> counts = new TreeMap<>();
    changes.forEach(
        (key, sentence) -> {
          if (key.startsWith("openmmp.proxy.")) {
            words.add(sentence);
          } else {
            String rest = key.substring(OPENMMP.length());
            int dot = rest.indexOf('.');
            counts.merge(dot < 0 ? rest : rest.substring(0, dot), 1, Integer::sum);
          }
        });
    counts.forEach((section, count) -> words.add(count + " " + section));
    words.addAll(again);
    return String.join("; ", words);
  }
}
