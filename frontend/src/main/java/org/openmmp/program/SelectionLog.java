package org.openmmp.program;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes to the log what an operator wants to read of selection, and passes everything on.
 *
 * <p>A failed host is a note while its group has a working one (rule B2.13), and a warning when it
 * was the last.
 */
final class SelectionLog implements SelectionListener {
  private static final Logger log = LoggerFactory.getLogger("org.openmmp.selection");

  private final SelectionListener next;

  SelectionLog(SelectionListener next) {
    this.next = next;
  }

  @Override
  public void attemptBegan(ReplicationGroup group, Service service, StoreHost host, Reason reason) {
    next.attemptBegan(group, service, host, reason);
  }

  @Override
  public void attemptEnded(
      ReplicationGroup group, Service service, StoreHost host, AttemptOutcome outcome) {
    next.attemptEnded(group, service, host, outcome);
  }

  @Override
  public void affinityChanged(
      ReplicationGroup group,
      Service service,
      @Nullable StoreHost from,
      @Nullable StoreHost to,
      String why) {
    log.info(
        "master group={} service={} from={} to={} why=\"{}\"",
        group.name(),
        service,
        from == null ? "-" : from,
        to == null ? "-" : to,
        why);
    next.affinityChanged(group, service, from, to, why);
  }

  @Override
  public void coolDownBegan(
      ReplicationGroup group, Service service, StoreHost host, CoolDownNews news) {
    log.atLevel(news.groupServes() ? Level.INFO : Level.WARN)
        .log(
            "cool-down group={} service={} host={} outcome={} failures={} ms={} group-serves={}"
                + " why=\"{}\"",
            group.name(),
            service,
            host,
            news.outcome(),
            news.failures(),
            news.coolDown().toMillis(),
            news.groupServes(),
            news.reason());
    next.coolDownBegan(group, service, host, news);
  }

  @Override
  public void recovered(ReplicationGroup group, Service service, StoreHost host) {
    log.info("recovered group={} service={} host={}", group.name(), service, host);
    next.recovered(group, service, host);
  }

  @Override
  public void referred(
      ReplicationGroup group, Service service, StoreHost from, @Nullable StoreHost to) {
    next.referred(group, service, from, to);
  }

  @Override
  public void noMaster(ReplicationGroup group, Service service, Duration pause) {
    log.warn(
        "no-master group={} service={} next-round-ms={}", group.name(), service, pause.toMillis());
    next.noMaster(group, service, pause);
  }

  @Override
  public void onlyStandbySiteLeft(
      ReplicationGroup group, Service service, Set<StoreHost> standbySite) {
    log.error(
        "only-standby-site-left group={} service={} hosts={}: nobody of this group can log in until"
            + " the standby site is activated by hand",
        group.name(),
        service,
        standbySite);
    next.onlyStandbySiteLeft(group, service, standbySite);
  }
}
