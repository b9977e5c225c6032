package org.openmmp.program;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.AdminPage;
import org.openmmp.admin.News;
import org.openmmp.guard.LinePace;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.wire.LogLine;
import org.openmmp.wire.Network;
import org.slf4j.event.Level;

/**
 * Leaves a line in the log and in the dashboard of everything that an administrator did, or was
 * refused (rule B8.7). Callers that showed nothing by which they are known get no more lines than
 * refused clients do (rule B8.8). On any thread.
 */
final class ActionLog {
  private static final int MOST_QUERY_CHARS = 512;
  private static final int DONE = 200;

  private final EventLog events;
  private final News timeLine;
  private final LinePace<AdminPage.Access> strangers;

  ActionLog(EventLog events, News timeLine, long nowNanos) {
    this.events = events;
    this.timeLine = timeLine;
    this.strangers = new LinePace<>(AdminPage.Access.class, nowNanos);
  }

  /** See {@link org.openmmp.admin.AdminSources#acted}. */
  void tell(String who, String from, String action, String query, int status) {
    @Nullable InetAddress address = AddressLiteral.parse(from);
    if (who.isEmpty()
        && address != null
        && !strangers.mayTell(AdminPage.Access.ACT, Network.ofSite(address), System.nanoTime())) {
      return;
    }
    String name = action.substring(action.lastIndexOf('/') + 1);
    String asked = query.replaceAll("(^|&)format=\\w*", "").replaceFirst("^&", "");
    String result =
        switch (status) {
          case DONE -> "done";
          case SiteActions.NOT_TOLD -> "in-part";
          default -> "refused";
        };
    timeLine.tell(
        status == DONE ? Level.INFO : Level.WARN,
        "%s of %s by %s from %s: %s"
            .formatted(
                name,
                asked.isEmpty() ? "everything" : asked,
                who.isEmpty() ? "a stranger" : who,
                from,
                result.equals("done") ? result : result + ", " + status));
    LogLine line =
        events
            .line("acted")
            .with("who", who)
            .with("from", from)
            .with("action", name)
            .with("with", SafeText.of(query, MOST_QUERY_CHARS))
            .with("result", result)
            .with("status", status);
    strangers
        .summary(System.nanoTime())
        .values()
        .forEach(untold -> line.with("strangers-untold", untold));
    events.write(line);
  }
}
