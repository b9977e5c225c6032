package org.openmmp.proxy;

import org.openmmp.admin.Metrics;
import org.openmmp.admin.SessionMeters;
import org.openmmp.proxy.session.LoginFailure;
import org.openmmp.proxy.session.LoginReport;
import org.openmmp.proxy.session.SessionEnd;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.proxy.session.SessionStart;
import org.openmmp.proxy.session.SessionState;
import org.openmmp.repgroup.Service;

/** Counts one service's sessions, and passes everything on. */
final class SessionMetrics implements SessionListener {
  private final SessionMeters<LoginFailure, SessionState> meters;
  private final SessionListener next;

  SessionMetrics(Metrics metrics, Service service, SessionListener next) {
    this.meters = metrics.sessions(service, LoginFailure.class, SessionState.class);
    this.next = next;
  }

  @Override
  public void opened(SessionStart start) {
    meters.opened();
    next.opened(start);
  }

  @Override
  public void loginEnded(LoginReport report) {
    meters.loginEnded(
        report.failure(), report.group(), report.hops(), report.readOnly(), report.spentNanos());
    next.loginEnded(report);
  }

  @Override
  public void closed(SessionEnd end) {
    LoginReport login = end.login();
    meters.closed(login == null ? null : login.group(), end.bytesFromClient(), end.bytesToClient());
    next.closed(end);
  }
}
