package org.openmmp.program;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.admin.Query;
import org.openmmp.admin.TextTable;
import org.openmmp.directory.Directory;
import org.openmmp.guard.Blocks;
import org.openmmp.guard.Blocks.Block;
import org.openmmp.text.SafeText;
import org.openmmp.wire.Network;

/**
 * Who is kept out, and what is remembered of users, as an administrator changes it (rules B1.7,
 * B8.5). On any thread.
 */
final class AccessActions {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smhd])");
  private static final String BY_ENTRY = "  ";
  private static final Duration LONGEST = Duration.ofDays(366);
  private static final Parameter WHAT =
      Parameter.needed("what", "a network such as 192.0.2.0/24, or a login name");

  private final Directory directory;
  private final Blocks blocks;
  private final Decisions decisions;

  AccessActions(SharedRooms rooms, Decisions decisions) {
    this.decisions = decisions;
    this.directory = rooms.directory();
    this.blocks = rooms.limits().blocks();
    rooms
        .metrics()
        .gauge(
            "openmmp.blocks",
            "Networks and users that an administrator keeps out",
            () -> blocks.all(System.nanoTime()).size());
  }

  /** Has what was decided before hold, but for what is over by now. */
  void restore(long nowNanos) {
    Instant now = Instant.now();
    List<String> unread = new ArrayList<>();
    for (String words : decisions.all(Decisions.BLOCKED)) {
      try {
        Optional<Instant> until = endOf(words);
        long left = until.map(end -> now.until(end, ChronoUnit.NANOS)).orElse(Long.MAX_VALUE);
        if (left > 0) {
          blocks.add(
              kept(
                  words, until.isEmpty() ? OptionalLong.empty() : OptionalLong.of(nowNanos + left)),
              nowNanos);
        }
      } catch (DateTimeException | ArithmeticException unreadable) {
        unread.add(words);
      }
    }
    unread.forEach(words -> decisions.passedOver(Decisions.BLOCKED, words, "its end is no time"));
    forgetWhatIsOver(Block.of("", "", OptionalLong.empty()), "");
  }

  /** Forgets, too, what was decided about one of them before. */
  private String forgetWhatIsOver(Block whom, String next) {
    Instant now = Instant.now();
    return decisions.replace(
        Decisions.BLOCKED,
        words -> kept(words, OptionalLong.empty()).meansWhom(whom) || isOver(words, now),
        next);
  }

  /** What a line is about; between a user's name, which has no two spaces, and entry stand some. */
  private static Block kept(String words, OptionalLong untilNanos) {
    String what = words.substring(words.indexOf(' ') + 1);
    int space = what.indexOf(BY_ENTRY);
    String name = space < 0 ? what : what.substring(0, space);
    @Nullable Network network = network(name);
    return network == null
        ? Block.of(name, space < 0 ? "" : what.substring(space + BY_ENTRY.length()), untilNanos)
        : Block.of(network, untilNanos);
  }

  private static boolean isOver(String words, Instant now) {
    try {
      return endOf(words).map(end -> !end.isAfter(now)).orElse(false);
    } catch (DateTimeException unreadable) {
      return false;
    }
  }

  private static Optional<Instant> endOf(String words) {
    String end = words.substring(0, Math.max(words.indexOf(' '), 0));
    return end.equals(Decisions.NO_END) ? Optional.empty() : Optional.of(Instant.parse(end));
  }

  /** The pages that tell and act. */
  List<AdminPage> pages() {
    return List.of(
        AdminPage.looking(
            "/api/v1/blocks", "Lists who is kept out", List.of(), any -> list(System.nanoTime())),
        AdminPage.actingLater(
            "/api/v1/block",
            "Keeps the clients of a network, or a user, out",
            List.of(
                WHAT, Parameter.optional("for", "how long, such as 30m, 12h or 7d; until unblock")),
            query -> named(query, this::block)),
        AdminPage.actingLater(
            "/api/v1/unblock",
            "Lets them in again",
            List.of(WHAT),
            query -> named(query, this::unblock)),
        AdminPage.actingLater(
            "/api/v1/flush",
            "Forgets what the directory said of a user, of a domain, or of everybody",
            List.of(
                Parameter.optional("name", "a login name or a domain"),
                Parameter.optional("all", "yes: of everybody")),
            this::flush));
  }

  private static @Nullable Network network(String what) {
    try {
      return Network.parse(what);
    } catch (IllegalArgumentException user) {
      return null;
    }
  }

  /** A network if it can be one, else a user, who is asked for. */
  private CompletionStage<Answer> named(Query query, BiFunction<Query, Block, Answer> action) {
    String what = query.value("what", "");
    @Nullable Network network = network(what);
    return network != null
        ? CompletableFuture.completedStage(
            action.apply(query, Block.of(network, OptionalLong.empty())))
        : NamedUser.of(directory, what)
            .thenApply(
                user ->
                    action.apply(
                        query, Block.of(user.login(), user.entry(), OptionalLong.empty())));
  }

  private Answer block(Query query, Block whom) {
    long nowNanos = System.nanoTime();
    String what = query.value("what", "");
    @Nullable Duration time = duration(query.value("for", ""));
    if (time == null) {
      return Answer.not(Answer.Kind.WRONG, noTime(query.value("for", ""), "30m, 12h or 7d"));
    }
    if (what.indexOf('/') >= 0 && whom.network() == null) {
      return Answer.not(Answer.Kind.WRONG, what + " is no network such as 192.0.2.0/24");
    }
    Block block =
        time.isZero()
            ? whom
            : new Block(
                whom.network(),
                whom.user(),
                whom.entry(),
                OptionalLong.of(nowNanos + time.toNanos()));
    if (!blocks.add(block, nowNanos)) {
      return Answer.not(Answer.Kind.REFUSED, "too many are blocked: block larger networks");
    }
    String end =
        time.isZero()
            ? Decisions.NO_END
            : Instant.now().plus(time).truncatedTo(ChronoUnit.SECONDS).toString();
    String line = end + " " + block + (block.entry().isEmpty() ? "" : BY_ENTRY + block.entry());
    String lost = forgetWhatIsOver(block, line);
    return Answer.done(
        visible(block)
            + " is blocked "
            + (time.isZero() ? "until unblock" : "for " + TextTable.inWords(time.toNanos()))
            + "; sessions under way go on (kick ends them)"
            + (block.network() == null && block.entry().isEmpty()
                ? "; the directory finds no such user now, so the name alone is blocked"
                : "")
            + Decisions.lostWords(lost),
        tree(block, nowNanos));
  }

  private Answer unblock(Query query, Block block) {
    long nowNanos = System.nanoTime();
    String lost = forgetWhatIsOver(block, "");
    return blocks.remove(block)
        ? Answer.done(
            visible(block) + " is not blocked any more" + Decisions.lostWords(lost),
            tree(block, nowNanos))
        : Answer.not(
            Answer.Kind.NOTHING, visible(block) + " is not blocked" + around(block, nowNanos));
  }

  /** The blocked networks that hold one that is not blocked by itself. */
  private String around(Block block, long nowNanos) {
    Network network = block.network();
    if (network == null) {
      return "";
    }
    String larger =
        blocks.all(nowNanos).stream()
            .map(Block::network)
            .filter(Objects::nonNull)
            .filter(
                each ->
                    each.ipv6() == network.ipv6()
                        && each.prefixLength() < network.prefixLength()
                        && network.shortenedTo(each.prefixLength()).equals(each))
            .map(Network::toString)
            .collect(Collectors.joining(", "));
    return larger.isEmpty() ? "" : " by itself; it is in " + larger + ", which is: unblock that";
  }

  private Answer list(long nowNanos) {
    List<Block> all = blocks.all(nowNanos);
    List<String> lines = new ArrayList<>();
    for (Block each : all) {
      lines.add(
          (each.network() == null ? "user     " : "network  ")
              + visible(each)
              + (each.untilNanos().isEmpty()
                  ? ""
                  : " for another " + TextTable.inWords(each.untilNanos().getAsLong() - nowNanos)));
    }
    return Answer.done(
        lines.isEmpty() ? "nobody is blocked" : String.join("\n", lines),
        Map.of("blocks", all.stream().map(each -> tree(each, nowNanos)).toList()));
  }

  private static Map<String, @Nullable Object> tree(Block block, long nowNanos) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("what", block.toString());
    tree.put("kind", block.network() == null ? "user" : "network");
    tree.put(
        "leftSeconds",
        block.untilNanos().isEmpty() ? null : (block.untilNanos().getAsLong() - nowNanos) / 1e9);
    return tree;
  }

  private static String visible(Block block) {
    return SafeText.of(block.toString());
  }

  /** What to write instead of what is no time. */
  static String noTime(String written, String such) {
    return written.matches("\\d{1,6}")
        ? "a time has a unit: write %1$ss, %1$sm, %1$sh or %1$sd".formatted(written)
        : SafeText.of(written) + " is no time: write one such as " + such;
  }

  /** Zero if none is written, null if it cannot be understood. */
  static @Nullable Duration duration(String text) {
    if (text.isEmpty()) {
      return Duration.ZERO;
    }
    Matcher written = DURATION.matcher(text);
    if (!written.matches()) {
      return null;
    }
    long count = Long.parseLong(written.group(1));
    Duration time =
        switch (written.group(2)) {
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        };
    return time.isZero() || time.compareTo(LONGEST) > 0 ? null : time;
  }

  private CompletionStage<Answer> flush(Query query) {
    return NamedUser.of(directory, query.value("name", "")).thenApply(user -> flush(query, user));
  }

  private Answer flush(Query query, NamedUser user) {
    String name = query.value("name", "");
    boolean all = query.value("all", "").equals("yes");
    if (name.isEmpty() == !all) {
      return Answer.not(
          Answer.Kind.WRONG,
          "say whom: a user, a domain (name=NAME), or everybody (all=yes, --all)");
    }
    if (all) {
      directory.forgetAll();
      return Answer.done(
          "everything that the directory said is forgotten", Map.of("flushed", "all"));
    }
    if (!user.entry().isEmpty()) {
      directory.forgetEntry(user.entry());
    }
    directory.forget(name);
    directory.forgetDomain(name.startsWith("@") ? name.substring(1) : name);
    return Answer.done(
        "what the directory said of " + SafeText.of(name) + " is forgotten",
        Map.of("flushed", name.toLowerCase(Locale.ROOT)));
  }
}
