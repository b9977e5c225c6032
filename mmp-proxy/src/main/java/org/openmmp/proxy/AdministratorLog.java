package org.openmmp.proxy;

import org.openmmp.guard.MinutePace;
import org.openmmp.program.EventLog;
import org.openmmp.proxy.session.AdministratorRefusal;
import org.slf4j.event.Level;

/**
 * Tells an operator that a store refuses the group's {@code imapadmin}, which no user can mend
 * (rule B3.10): of each store at once and then once a minute, of 20 stores a minute at the most. On
 * any thread.
 */
final class AdministratorLog {
  private static final int MOST_STORES = 20;
  private static final String WHAT_TO_DO =
      "; name and password, of the group or of proxy-defaults, have to be those of somebody whom"
          + " this store lets in for the user: until then no client that shows a certificate is"
          + " let in there";

  private final EventLog log;
  private final MinutePace<String> pace = new MinutePace<>(MOST_STORES);

  AdministratorLog(EventLog log) {
    this.log = log;
  }

  void refused(AdministratorRefusal refusal, long nowNanos) {
    long times = pace.timesToTell(refusal.group() + ' ' + refusal.host(), nowNanos);
    if (times > 0) {
      log.write(
          Level.ERROR,
          log.line(Level.ERROR, "administrator-refused")
              .with("service", refusal.service().name())
              .with("group", refusal.group())
              .with("host", refusal.host())
              .with("setting", "imapadmin, imapadminpass")
              .with("user", refusal.user())
              .with("times", times)
              .with("why", refusal.reason() + WHAT_TO_DO));
    }
  }
}
