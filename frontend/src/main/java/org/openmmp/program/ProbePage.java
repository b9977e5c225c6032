package org.openmmp.program;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.admin.AdminSources;
import org.openmmp.admin.Explanation;
import org.openmmp.admin.Query;
import org.openmmp.repgroup.Candidate;
import org.openmmp.repgroup.ProbeTarget;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.text.SafeText;
import org.openmmp.wire.Secret;

/**
 * Goes the way of a login name as far as it leads without a password: the directory, the group, and
 * each of its hosts up to the greeting, TLS as the policy has it (rule B8.4); with a password,
 * {@link TrialLogin} goes on. What it finds changes nothing for logins.
 */
final class ProbePage {
  /** Below the time that an answer may take. */
  private static final int LONGEST_SECONDS = 8;

  private static final int MOST_CHARS = 200;

  private ProbePage() {}

  static AdminPage of(SharedRooms rooms, AdminSources sources) {
    return AdminPage.actingOnBody(
        "/api/v1/probe",
        "Asks the directory for a login name, and each host of its group for its greeting; or tries"
            + " a login",
        List.of(
            Parameter.needed("user", "login name, as a client would type it"),
            Parameter.optional("service", "imap (the default), pop3 or lmtp"),
            Parameter.optional(
                "login",
                "yes: a login is tried with the body's password; lmtp: RCPT, without one")),
        "the password that is tried, with login=yes",
        (query, body) -> probe(query, body, rooms, sources));
  }

  private static CompletionStage<Answer> probe(
      Query query, byte[] body, SharedRooms rooms, AdminSources sources) {
    boolean login = query.value("login", "").equals("yes");
    boolean delivery = query.value("service", "imap").equals("lmtp");
    if (login && !delivery && body.length == 0) {
      return told(Answer.Kind.WRONG, "the request's body is to be the password");
    }
    if (body.length > 0 && (!login || delivery || unfit(body))) {
      return told(Answer.Kind.WRONG, "a password is a line in the body, with login=yes alone");
    }
    Secret password = Secret.taking(body.clone());
    long began = System.nanoTime();
    return sources
        .explain(query.value("user", ""), query.value("service", "imap"), "127.0.0.1")
        .thenCompose(
            way ->
                login
                    ? new TrialLogin(rooms, way, query.value("user", ""), password, began).begin()
                    : askHosts(way, rooms))
        .whenComplete((answer, failure) -> password.clear()) // however long that takes
        .toCompletableFuture()
        .copy()
        .orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS)
        .exceptionally(
            late -> Answer.not(Answer.Kind.LATE, "directory or stores did not answer in time"));
  }

  private static CompletionStage<Answer> told(Answer.Kind kind, String why) {
    return CompletableFuture.completedFuture(Answer.not(kind, why));
  }

  /** No line of a protocol can hold it. */
  private static boolean unfit(byte[] password) {
    for (byte each : password) {
      if (each == 0 || each == '\r' || each == '\n') {
        return true;
      }
    }
    return false;
  }

  private static CompletionStage<Answer> askHosts(Explanation way, SharedRooms rooms) {
    if (way.match() == null || way.match().group() == null) {
      return CompletableFuture.completedFuture(
          Answer.not(Answer.Kind.NOTHING, way.text() + "\nthe name leads to no group"));
    }
    ReplicationGroup group = way.match().group();
    List<CompletableFuture<Optional<ProbeDialogue.End>>> asked = new ArrayList<>();
    long began = System.nanoTime();
    Map<String, Long> took = new ConcurrentHashMap<>();
    for (Candidate each : way.order()) {
      asked.add(
          rooms
              .prober()
              .ask(new ProbeTarget(group, way.service(), each.host()))
              .thenApply(
                  end -> {
                    took.put(each.host().name(), System.nanoTime() - began);
                    return end;
                  })
              .toCompletableFuture());
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> tell(way, asked.stream().map(CompletableFuture::join).toList(), took));
  }

  private static Answer tell(
      Explanation way, List<Optional<ProbeDialogue.End>> ends, Map<String, Long> took) {
    if (ends.stream().anyMatch(Optional::isEmpty)) {
      return Answer.not(Answer.Kind.REFUSED, "this process does not serve " + way.service().name());
    }
    String group = way.match() == null ? "" : way.match().found().name();
    List<String> lines = new ArrayList<>(List.of(way.text(), "greetings"));
    List<Object> hosts = new ArrayList<>();
    boolean served = false;
    for (int i = 0; i < ends.size(); i++) {
      Candidate host = way.order().get(i);
      ProbeDialogue.End end = ends.get(i).orElseThrow();
      double millis = took.getOrDefault(host.host().name(), 0L) / 1e6;
      served |= end.greeted() && host.reason().kind().usable();
      String words =
          end.greeted()
              ? "greets"
              : end.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-')
                  + ": "
                  + SafeText.of(end.reason(), MOST_CHARS);
      lines.add(
          String.format(Locale.ROOT, "  %s: %s (%.1f ms)", host.host().name(), words, millis));
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("host", host.host().name());
      tree.put("greets", end.greeted());
      tree.put("said", words);
      tree.put("millis", millis);
      hosts.add(tree);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("group", group);
    tree.put("served", served);
    tree.put("hosts", hosts);
    if (!served) {
      lines.add("no host of " + group + " that is used greets");
    }
    String text = String.join("\n", lines);
    return served ? Answer.done(text, tree) : new Answer(Answer.Kind.REFUSED, text, tree);
  }
}
