package org.openmmp.proxy;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openmmp.program.EventLog;
import org.openmmp.proxy.session.LoginReport;
import org.openmmp.proxy.session.SessionEnd;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.proxy.session.SessionStart;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.wire.LogLine;

/**
 * Writes one line for each session's start, for each login's end, and for each session's end (rule
 * B8.6).
 */
final class SessionLog implements SessionListener {
  private final EventLog log;

  SessionLog(EventLog log) {
    this.log = log;
  }

  @Override
  public void opened(SessionStart start) {
    if (log.isOn()) {
      log.write(
          log.line("session-start")
              .with("session", start.client().sessionId())
              .with("service", start.service().name())
              .with("client", start.client().clientIp())
              .with("client-port", start.client().clientPort())
              .with("tls", start.client().tls() ? "yes" : "no"));
    }
  }

  @Override
  public void loginEnded(LoginReport report) {
    if (!log.isOn()) {
      return;
    }
    LogLine line =
        log.line("login")
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
    log.write(line);
  }

  @Override
  public void closed(SessionEnd end) {
    if (!log.isOn()) {
      return;
    }
    LogLine line =
        log.line("session-end")
            .with("session", end.client().sessionId())
            .with("service", end.service().name())
            .with("client", end.client().clientIp());
    if (end.login() != null) {
      line.with("user", end.login().user())
          .with("group", end.login().group())
          .with("host", end.login().host())
          .with("hops", end.login().hops());
    }
    log.write(
        line.with("from-client", end.bytesFromClient())
            .with("to-client", end.bytesToClient())
            .with("seconds", TimeUnit.NANOSECONDS.toSeconds(end.durationNanos()))
            .with("reason", end.reason()));
  }

  private static String wordOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
