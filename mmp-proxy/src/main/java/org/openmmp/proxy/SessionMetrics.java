package org.openmmp.proxy;

import org.openmmp.admin.SessionMeters;
import org.openmmp.proxy.session.AdministratorRefusal;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.CommandRefusal;
import org.openmmp.proxy.session.LoginFailure;
import org.openmmp.proxy.session.LoginReport;
import org.openmmp.proxy.session.SessionEnd;
import org.openmmp.proxy.session.SessionListener;
import org.openmmp.proxy.session.SessionStart;
import org.openmmp.proxy.session.SessionState;

/** Counts sessions of one service, and passes everything on. */
record SessionMetrics(SessionMeters<LoginFailure, SessionState> meters, SessionListener next)
    implements SessionListener {
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
  public void refused(ClientFacts client, CommandRefusal why, String detail) {
    next.refused(client, why, detail);
  }

  @Override
  public void administratorRefused(AdministratorRefusal refusal) {
    next.administratorRefused(refusal);
  }

  @Override
  public void closed(SessionEnd end) {
    LoginReport login = end.login();
    meters.closed(login == null ? null : login.group(), end.bytesFromClient(), end.bytesToClient());
    next.closed(end);
  }
}
