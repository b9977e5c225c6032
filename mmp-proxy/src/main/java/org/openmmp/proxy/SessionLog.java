package org.openmmp.proxy;

import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openmmp.proxy.session.LoginReport;
import org.openmmp.proxy.session.SessionEnd;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.proxy.session.SessionStart;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.wire.LogLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each session's start, for each login's end, and for each session's end (rule
 * B8.6).
 */
final class SessionLog implements SessionListener {
  private static final Logger log = LoggerFactory.getLogger(LogSetup.SESSIONS);

  private final boolean json;
  private final Clock clock;

  SessionLog(boolean json, Clock clock) {
    this.json = json;
    this.clock = clock;
  }

  @Override
  public void opened(SessionStart start) {
    if (log.isInfoEnabled()) {
      log.info(
          "{}",
          line("session-start")
              .with("session", start.client().sessionId())
              .with("service", start.service().name())
              .with("client", start.client().clientIp())
              .with("client-port", start.client().clientPort())
              .with("tls", start.client().tls() ? "yes" : "no"));
    }
  }

  @Override
  public void loginEnded(LoginReport report) {
    if (!log.isInfoEnabled()) {
      return;
    }
    LogLine line =
        line("login")
            .with("session", report.sessionId())
            .with("service", report.service().name())
            .with("user", report.user())
            .with("result", report.failure() == null ? "accepted" : wordOf(report.failure()))
            .with("group", report.group())
            .with("host", report.host())
            .with("attempts", report.attempts())
            .with("hops", report.hops())
            .with("read-only", report.readOnly() ? "yes" : "")
            .with("why", report.why());
    for (Map.Entry<SessionState, Long> each : report.spentNanos().entrySet()) {
      line.with(wordOf(each.getKey()) + "-us", TimeUnit.NANOSECONDS.toMicros(each.getValue()));
    }
    log.info("{}", line);
  }

  @Override
  public void closed(SessionEnd end) {
    if (!log.isInfoEnabled()) {
      return;
    }
    LogLine line =
        line("session-end")
            .with("session", end.client().sessionId())
            .with("service", end.service().name())
            .with("client", end.client().clientIp());
    if (end.login() != null) {
      line.with("user", end.login().user())
          .with("group", end.login().group())
          .with("host", end.login().host())
          .with("hops", end.login().hops());
    }
    log.info(
        "{}",
        line.with("from-client", end.bytesFromClient())
            .with("to-client", end.bytesToClient())
            .with("seconds", TimeUnit.NANOSECONDS.toSeconds(end.durationNanos()))
            .with("reason", end.reason()));
  }

  private static String wordOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** In JSON a line tells its own time; else the log's pattern does. */
  private LogLine line(String event) {
    LogLine line = LogLine.of(json, event);
    return json ? line.with("time", clock.instant().toString()) : line;
  }
}
