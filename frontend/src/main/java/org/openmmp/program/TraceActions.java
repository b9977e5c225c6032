package org.openmmp.program;

import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.AdminPage.Answer;
import org.openmmp.admin.AdminPage.Parameter;
import org.openmmp.admin.LineStream;
import org.openmmp.admin.Query;
import org.openmmp.admin.TextTable;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.transport.EventLoops;
import org.openmmp.transport.WireTrace;

/** What an administrator follows on the wire, and for how long (rule B8.10). On any thread. */
final class TraceActions {
  static final int MOST_TRACES = 4;

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int LIFE_SECONDS = 5;

  private final SharedRooms rooms;

  /** Each that has not ended, with what it follows in the words that were used. */
  private final Map<WireTrace, String> running = new HashMap<>();

  TraceActions(SharedRooms rooms) {
    this.rooms = rooms;
  }

  /** The page that traces, and ends traces. */
  AdminPage page() {
    return AdminPage.following(
        "/api/v1/trace",
        "Follows a user or a client's address on the wire for a while, without secrets",
        List.of(
            Parameter.optional("what", "a login name, or the address of a client"),
            Parameter.optional("for", "how long, such as 30s or 5m (the default), 1h at most"),
            Parameter.optional("stop", "yes: ends the trace of what, or all traces")),
        this::answer);
  }

  private CompletionStage<@Nullable Answer> answer(Query query, LineStream lines) {
    String what = query.value("what", "");
    if (query.value("stop", "").equals("yes")) {
      return CompletableFuture.completedStage(stop(what));
    }
    Duration time = AccessActions.duration(query.value("for", "5m"));
    if (time == null) {
      return wrong(AccessActions.noTime(query.value("for", ""), "30s or 5m"));
    }
    if (time.isZero() || time.compareTo(LONGEST) > 0) {
      return wrong("a trace lasts 1h at most: write --for 1h or less (for=1h)");
    }
    if (what.isEmpty()) {
      return wrong("say what to trace: what=NAME or what=ADDRESS");
    }
    InetAddress address = AddressLiteral.parse(what);
    if (address == null && what.indexOf('/') >= 0) {
      return wrong(what + " is no login name, and no address such as 192.0.2.7");
    }
    return (address == null
            ? NamedUser.of(rooms.directory(), what)
            : CompletableFuture.completedStage(new NamedUser("", "")))
        .thenApply(user -> begin(what, address, user, lines, time));
  }

  private static CompletionStage<@Nullable Answer> wrong(String why) {
    return CompletableFuture.completedStage(Answer.not(Answer.Kind.WRONG, why));
  }

  private @Nullable Answer begin(
      String what, @Nullable InetAddress address, NamedUser user, LineStream lines, Duration time) {
    WireTrace trace = new WireTrace(address, user::is, lines::tell);
    synchronized (running) {
      if (running.size() >= MOST_TRACES) {
        return Answer.not(
            Answer.Kind.REFUSED, MOST_TRACES + " traces run already: trace --stop ends them");
      }
      running.put(trace, what);
    }
    String unknown =
        address == null && user.entry().isEmpty()
            ? "; the directory finds no such user now, so the name alone is traced"
            : "";
    lines.tell(
        "tracing "
            + SafeText.of(what)
            + " for "
            + TextTable.inWords(time.toNanos())
            + " in sessions that begin from now on"
            + unknown,
        note("tracing", SafeText.of(what), "seconds", time.toSeconds(), trace));
    rooms.sessions().traces().add(trace);
    EventLoopGroup loops = rooms.transports().loops();
    List<Future<?>> timers =
        List.of(
            loops.schedule(() -> trace.end("time"), time.toNanos(), TimeUnit.NANOSECONDS),
            EventLoops.regularly(loops, LIFE_SECONDS, lines::live));
    lines.onClose(() -> trace.end("reader"));
    trace
        .ended()
        .thenAccept(
            why -> {
              timers.forEach(each -> each.cancel(false));
              ended(trace, what, why, lines);
            });
    return null;
  }

  /** What the line is about comes first: readers tell the last one by it. */
  private static Map<String, Object> note(
      String name, String value, String more, long number, WireTrace trace) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(name, value);
    tree.put(more, number);
    tree.put("sessions", trace.sessions());
    return tree;
  }

  private void ended(WireTrace trace, String what, String why, LineStream lines) {
    rooms.sessions().traces().remove(trace);
    synchronized (running) {
      running.remove(trace);
    }
    lines.end(
        "the trace has ended (%s): %d lines of %d sessions"
            .formatted(why, trace.lines(), trace.sessions()),
        note("ended", why, "lines", trace.lines(), trace));
    rooms
        .events()
        .write(
            rooms
                .events()
                .line("trace-end")
                .with("what", SafeText.of(what))
                .with("lines", trace.lines())
                .with("sessions", trace.sessions())
                .with("reason", why));
  }

  private Answer stop(String what) {
    Map<WireTrace, String> now;
    synchronized (running) {
      now = Map.copyOf(running);
    }
    long ended =
        now.entrySet().stream()
            .filter(each -> what.isEmpty() || each.getValue().equalsIgnoreCase(what))
            .filter(each -> each.getKey().end("stopped"))
            .count();
    return ended == 0
        ? Answer.not(Answer.Kind.NOTHING, "there is no such trace")
        : Answer.done(
            ended == 1 ? "1 trace has ended" : ended + " traces have ended",
            Map.of("count", ended));
  }
}
