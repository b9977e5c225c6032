package org.openmmp.program;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.News;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.wire.LogLine;
import org.slf4j.event.Level;

/**
 * Writes to the log and tells the dashboard what an operator wants to read of selection, and passes
 * everything on.
 *
 * <p>A failed host is a note while its group has a working one (rule B2.13), and a warning when it
 * was the last.
 */
final class SelectionLog implements SelectionListener {
  private static final long NO_MASTER_AGAIN_NANOS = 60_000_000_000L;
  private static final long MASTER_AGAIN_NANOS = 2_000_000_000L;
  private static final int MOST_REMEMBERED = 1_000;

  /** After which time referrals are told, at first and when they do not end. */
  private static final long REFERRALS_NANOS = 1_000_000_000L;

  private static final long REFERRALS_LONGEST_NANOS = 60_000_000_000L;

  private final EventLog log;
  private final News timeLine;
  private final SelectionListener next;
  private final Map<String, Told> masters = new HashMap<>();
  private final Map<String, Told> withoutMaster = new HashMap<>();
  private final Map<String, Told> turnedAway = new HashMap<>();
  private final Map<String, Told> overdue = new HashMap<>();
  private final BiConsumer<ReplicationGroup, Service> probeWanted;
  private final Runnable changed;

  /** How many of them, since when, and when they are told, by the words for them. */
  private final Map<String, long[]> referrals = new HashMap<>();

  /**
   * A log.
   *
   * @param log where it is written
   * @param timeLine the same in sentences
   * @param next hears everything too
   * @param probeWanted told whenever somebody waits for a store's greeting
   * @param changed told whenever a master, or whether a host works, is another one
   */
  SelectionLog(
      EventLog log,
      News timeLine,
      SelectionListener next,
      BiConsumer<ReplicationGroup, Service> probeWanted,
      Runnable changed) {
    this.log = log;
    this.timeLine = timeLine;
    this.next = next;
    this.probeWanted = probeWanted;
    this.changed = changed;
  }

  @Override
  public void probeWanted(ReplicationGroup group, Service service) {
    probeWanted.accept(group, service);
    next.probeWanted(group, service);
  }

  @Override
  public void probed(
      ReplicationGroup group,
      Service service,
      StoreHost host,
      AttemptOutcome outcome,
      String reason) {
    if (log.isOn(Level.DEBUG)) {
      log.write(
          Level.DEBUG,
          line(Level.DEBUG, "probe", group, service)
              .with("host", host.name())
              .with("outcome", outcome.name())
              .with("why", reason));
    }
    next.probed(group, service, host, outcome, reason);
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
    log.write(
        line(Level.INFO, "master", group, service)
            .with("from", from == null ? "-" : from.name())
            .with("to", to == null ? "-" : to.name())
            .with("why", why));
    if (isNews(masters, group.name(), to == null ? "" : to.name(), MASTER_AGAIN_NANOS)) {
      timeLine.tell(
          from != null && to != null ? Level.WARN : Level.INFO,
          group.name()
              + ": "
              + (to == null
                  ? from + " is no longer the master"
                  : from == null
                      ? to + " is the master"
                      : "the master moved from " + from + " to " + to)
              + ": "
              + why);
    }
    changed.run();
    next.affinityChanged(group, service, from, to, why);
  }

  @Override
  public void coolDownBegan(
      ReplicationGroup group, Service service, StoreHost host, CoolDownNews news) {
    Level level = news.groupServes() ? Level.INFO : Level.WARN;
    log.write(
        level,
        line(level, "cool-down", group, service)
            .with("host", host.name())
            .with("outcome", news.outcome().name())
            .with("failures", news.failures())
            .with("ms", news.coolDown().toMillis())
            .with("group-serves", String.valueOf(news.groupServes()))
            .with("why", news.reason()));
    if (news.failures() == 1) {
      timeLine.tell(
          news.groupServes() ? Level.WARN : Level.ERROR,
          "%s, %s: %s failed: %s".formatted(group.name(), service, host, news.reason())
              + (news.groupServes() ? "" : "; no other host of the group is known to work"));
    }
    changed.run();
    next.coolDownBegan(group, service, host, news);
  }

  @Override
  public void recovered(ReplicationGroup group, Service service, StoreHost host) {
    log.write(line(Level.INFO, "recovered", group, service).with("host", host.name()));
    timeLine.tell(Level.INFO, "%s, %s: %s answers again".formatted(group.name(), service, host));
    changed.run();
    next.recovered(group, service, host);
  }

  @Override
  public void servedElsewhere(
      ReplicationGroup group, Service service, StoreHost master, StoreHost at, boolean rival) {
    Level level = rival ? Level.ERROR : Level.WARN;
    String why =
        rival
            ? "both take logins as a master would: two masters may be at work, and mail may"
                + " be lost; the former one is kept"
            : "the group's master serves other services and has failed for this one";
    log.write(
        level,
        line(level, "served-elsewhere", group, service)
            .with("master", master.name())
            .with("host", at.name())
            .with("why", why));
    timeLine.tell(
        level,
        "%s, %s: served at %s instead of the master %s: %s"
            .formatted(group.name(), service, at, master, why));
    next.servedElsewhere(group, service, master, at, rival);
  }

  @Override
  public void mastersDiffer(
      ReplicationGroup group,
      Service service,
      StoreHost by,
      StoreHost master,
      StoreHost otherBy,
      StoreHost otherMaster) {
    String why =
        "two masters may be at work (split brain), and mail may be lost; the last good one is kept";
    log.write(
        Level.ERROR,
        line(Level.ERROR, "masters-differ", group, service)
            .with("host", by.name())
            .with("master", master.name())
            .with("other-host", otherBy.name())
            .with("other-master", otherMaster.name())
            .with("why", why));
    timeLine.tell(
        Level.ERROR,
        "%s, %s: %s says that %s is the master, and %s that it is %s: %s"
            .formatted(group.name(), service, by, master, otherBy, otherMaster, why));
    next.mastersDiffer(group, service, by, master, otherBy, otherMaster);
  }

  @Override
  public void networkGone(boolean kernel) {
    String why =
        kernel
            ? "the system has no way to any store of a group: it is this machine's network"
            : "all stores of several groups became unreachable at once: it seems to be this"
                + " machine's network";
    log.write(Level.ERROR, log.line(Level.ERROR, "network-gone").with("why", why));
    timeLine.tell(Level.ERROR, why);
    next.networkGone(kernel);
  }

  @Override
  public void networkBack() {
    log.write(log.line(Level.INFO, "network-back"));
    timeLine.tell(Level.INFO, "this machine's network is back: a store was heard again");
    next.networkBack();
  }

  @Override
  public void referred(
      ReplicationGroup group, Service service, StoreHost from, @Nullable StoreHost to) {
    String words =
        "%s, %s: %s referred %%s to %s"
            .formatted(group.name(), service, from, to == null ? "no host that is known" : to);
    synchronized (referrals) {
      long now = System.nanoTime();
      if (referrals.size() < MOST_REMEMBERED || referrals.containsKey(words)) {
        referrals.computeIfAbsent(words, first -> new long[] {0, now, REFERRALS_NANOS})[0]++;
      }
    }
    next.referred(group, service, from, to);
  }

  @Override
  public void hedged(ReplicationGroup group, Service service, StoreHost host, HedgeResult result) {
    next.hedged(group, service, host, result);
  }

  /**
   * Tells the dashboard how many were referred from one host to another: once after a second, and
   * then, while it goes on, after ten seconds and once a minute. To be called each second.
   */
  void tellReferrals(long nowNanos) {
    synchronized (referrals) {
      referrals.entrySet().removeIf(each -> isOver(each.getKey(), each.getValue(), nowNanos));
    }
  }

  private boolean isOver(String words, long[] counted, long nowNanos) {
    long spent = nowNanos - counted[1];
    if (spent < counted[2]) {
      return false;
    }
    long count = counted[0];
    if (count > 0) {
      String time = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(spent)) + " s";
      timeLine.tell(
          Level.INFO, words.formatted(count == 1 ? "a client" : count + " clients within " + time));
    }
    counted[0] = 0;
    counted[1] = nowNanos;
    counted[2] = Math.min(REFERRALS_LONGEST_NANOS, counted[2] * 10);
    return count == 0;
  }

  @Override
  public void noMaster(ReplicationGroup group, Service service, Duration pause) {
    log.write(
        Level.WARN,
        line(Level.WARN, "no-master", group, service).with("next-round-ms", pause.toMillis()));
    if (isNews(withoutMaster, group.name() + ", " + service, "", NO_MASTER_AGAIN_NANOS)) {
      timeLine.tell(
          Level.WARN,
          "%s, %s: every host was asked, and none is the master".formatted(group.name(), service));
    }
    next.noMaster(group, service, pause);
  }

  @Override
  public void turnedAway(ReplicationGroup group, Service service) {
    String who = group.name() + ", " + service;
    if (isNews(turnedAway, who, "", NO_MASTER_AGAIN_NANOS)) {
      log.write(
          Level.WARN,
          line(Level.WARN, "logins-turned-away", group, service)
              .with("why", "more logins wait than the group's store takes"));
      timeLine.tell(Level.WARN, who + ": more logins wait than the store takes");
    }
    next.turnedAway(group, service);
  }

  @Override
  public void greetingsOverdue(ReplicationGroup group, Service service, Reason which) {
    if (isNews(overdue, group.name() + ", " + service, "", NO_MASTER_AGAIN_NANOS)) {
      log.write(
          line(Level.INFO, "greetings-overdue", group, service)
              .with("host", which.detail())
              .with("why", "several connections wait for its greeting for longer than most do"));
    }
    next.greetingsOverdue(group, service, which);
  }

  @Override
  public void onlyStandbySiteLeft(
      ReplicationGroup group, Service service, Set<StoreHost> standbySite) {
    log.write(
        Level.ERROR,
        line(Level.ERROR, "only-standby-site-left", group, service)
            .with("hosts", standbySite.toString())
            .with(
                "why",
                "nobody of this group can log in; to use the standby site, see openmmp"
                    + " activate-site"));
    timeLine.tell(
        Level.ERROR,
        "%s, %s: only the standby site is left, %s, and it is not active: nobody can log in"
            .formatted(group.name(), service, standbySite));
    next.onlyStandbySiteLeft(group, service, standbySite);
  }

  /**
   * Whether that was not told of it just now: each service of a group is told apart who is master,
   * and one without a master is asked again and again.
   */
  private static boolean isNews(
      Map<String, Told> told, String about, String news, long againNanos) {
    long now = System.nanoTime();
    synchronized (told) {
      if (told.size() >= MOST_REMEMBERED) {
        told.clear();
      }
      Told before = told.put(about, new Told(news, now));
      return before == null || !before.news.equals(news) || now - before.nanos > againNanos;
    }
  }

  private record Told(String news, long nanos) {}

  private LogLine line(Level level, String event, ReplicationGroup group, Service service) {
    return log.line(level, event).with("group", group.name()).with("service", service.name());
  }
}
