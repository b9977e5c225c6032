package org.openmmp.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.Explanation;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.Candidate;
import org.openmmp.repgroup.ProbeTarget;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.Referral;
import org.openmmp.text.SafeText;
import org.openmmp.wire.Secret;

/**
 * Tries a test account's login, or a recipient, as a login would go: the directory's check where
 * there is one, then one host after another until one has heard the name, and a referral within the
 * group (rule B8.4). Each step is told with its time. No login, cool-down or affinity hears of it.
 */
final class TrialLogin {
  private static final int MOST_HOPS = 3;
  private static final int MOST_CHARS = 200;

  private final SharedRooms rooms;
  private final Explanation way;
  private final String typed;
  private final Secret password;
  private final long began;
  private final Set<StoreHost> asked = new HashSet<>();
  private final List<String> lines = new ArrayList<>();
  private final List<Object> steps = Collections.synchronizedList(new ArrayList<>());
  private int hops;

  /**
   * One that has not begun.
   *
   * @param typed the login name as it was asked for
   * @param password empty for a recipient; its owner clears it
   * @param began when the directory was asked
   */
  TrialLogin(SharedRooms rooms, Explanation way, String typed, Secret password, long began) {
    this.rooms = rooms;
    this.way = way;
    this.typed = typed;
    this.password = password;
    this.began = began;
  }

  /** Goes the way, and tells it. */
  CompletionStage<Answer> begin() {
    lines.add(way.text());
    lines.add("trial");
    step("directory", "answered", "", began);
    if (way.match() == null || way.match().group() == null) {
      return CompletableFuture.completedFuture(
          Answer.not(Answer.Kind.NOTHING, way.text() + "\nthe name leads to no group"));
    }
    if (password.isEmpty() || !rooms.directory().preAuthenticates(way.lookup().login())) {
      return next(null);
    }
    long asking = System.nanoTime();
    byte[] shown = password.copy();
    return rooms
        .directory()
        .bind(way.lookup(), shown)
        .thenCompose(
            result -> {
              Arrays.fill(shown, (byte) 0);
              step("directory", "password " + word(result), "", asking);
              return result == BindResult.ACCEPTED
                  ? next(null)
                  : end(false, "the directory does not accept the password");
            });
  }

  /** Asks that host, or the next one that a login would ask. */
  private CompletionStage<Answer> next(@Nullable StoreHost referred) {
    Optional<StoreHost> host =
        referred != null
            ? Optional.of(referred)
            : way.order().stream()
                .filter(each -> each.reason().kind().usable())
                .map(Candidate::host)
                .filter(each -> !asked.contains(each))
                .findFirst();
    if (host.isEmpty()) {
      return end(false, "no other host of the group would be asked");
    }
    StoreHost at = host.get();
    asked.add(at);
    long asking = System.nanoTime();
    List<String> passed = Collections.synchronizedList(new ArrayList<>());
    return rooms
        .prober()
        .tryLogin(
            new ProbeTarget(group(), way.service(), at),
            storeName(),
            password,
            reached -> {
              String words = reached.equals("named") ? sent() : reached;
              passed.add(words);
              step(at.name(), words, "", asking);
            })
        .thenCompose(ended -> heard(at, ended, passed.contains(sent()), asking));
  }

  private CompletionStage<Answer> heard(
      StoreHost at, Optional<ProbeDialogue.End> ended, boolean named, long asking) {
    if (ended.isEmpty()) {
      return CompletableFuture.completedFuture(
          Answer.not(Answer.Kind.REFUSED, "this process does not serve " + way.service().name()));
    }
    ProbeDialogue.End end = ended.get();
    step(at.name(), word(end.outcome()), SafeText.of(end.reason(), MOST_CHARS), asking);
    Referral referral = end.referral();
    if (referral != null) {
      Optional<StoreHost> target =
          group().hosts().stream()
              .filter(each -> each.name().equalsIgnoreCase(referral.host()))
              .filter(each -> !asked.contains(each))
              .findFirst();
      return target.isPresent() && ++hops <= MOST_HOPS
          ? next(target.get())
          : end(false, at + " refers to " + SafeText.of(referral.host(), MOST_CHARS));
    }
    if (end.outcome() == AttemptOutcome.ACCEPTED && !named) {
      return end(false, "the name makes no address that a store could be asked for");
    }
    if (end.outcome() == AttemptOutcome.ACCEPTED) {
      return password.isEmpty()
          ? end(true, at + " takes the recipient")
          : tryAdministrator().thenCompose(tried -> end(true, at + " lets the user in"));
    }
    // Whoever has heard the name has judged it: the password makes no tour of the hosts.
    return named || end.outcome().next() == AttemptOutcome.Next.STOP
        ? end(false, at + " does not" + (password.isEmpty() ? " take it" : " let the user in"))
        : next(null);
  }

  private String storeName() {
    return way.lookup().storeName().isEmpty() ? typed : way.lookup().storeName();
  }

  /** Whether the user's session could be moved to each host, where sessions of the group are. */
  private CompletableFuture<?> tryAdministrator() {
    return CompletableFuture.allOf(
        way.order().stream()
            .filter(each -> each.reason().kind().usable())
            .map(each -> tryAdministrator(each.host()).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  private CompletionStage<?> tryAdministrator(StoreHost at) {
    long asking = System.nanoTime();
    return rooms
        .prober()
        .tryAdministrator(new ProbeTarget(group(), way.service(), at), storeName())
        .thenAccept(
            ended ->
                ended.ifPresent(
                    end -> {
                      boolean in = end.outcome() == AttemptOutcome.ACCEPTED;
                      step(
                          at.name(),
                          in
                              ? "imapadmin is let in for the user, as a move needs"
                              : "NO SESSION CAN BE MOVED HERE, imapadmin: " + word(end.outcome()),
                          in ? "" : SafeText.of(end.reason(), MOST_CHARS),
                          asking);
                    }));
  }

  private String sent() {
    return password.isEmpty() ? "recipient sent" : "login sent";
  }

  private ReplicationGroup group() {
    return way.match() == null ? ReplicationGroup.of("", List.of()) : way.match().found();
  }

  private synchronized void step(String where, String what, String reason, long since) {
    double millis = (System.nanoTime() - since) / 1e6;
    String words = reason.isEmpty() ? what : what + ": " + reason;
    lines.add(String.format(Locale.ROOT, "  %s: %s (%.1f ms)", where, words, millis));
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("where", where);
    tree.put("step", what);
    tree.put("said", reason);
    tree.put("millis", millis);
    steps.add(tree);
  }

  private synchronized CompletionStage<Answer> end(boolean good, String why) {
    lines.add((good ? "it works: " : "it does not work: ") + why);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("group", group().name());
    tree.put("accepted", good);
    tree.put("why", why);
    tree.put("steps", List.copyOf(steps));
    String text = String.join("\n", lines);
    return CompletableFuture.completedFuture(
        good ? Answer.done(text, tree) : new Answer(Answer.Kind.REFUSED, text, tree));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
