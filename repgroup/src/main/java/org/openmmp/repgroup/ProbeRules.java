package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which hosts a probe should ask, and what its word changes (rules B2.9, B2.17, B2.18, B2.20). */
final class ProbeRules {
  /** A suspicion that nobody looks into for this long is dropped. */
  private static final long SUSPECTED_NANOS = Duration.ofSeconds(60).toNanos();

  private ProbeRules() {}

  /**
   * The hosts that a probe should ask for their greeting: where a drained one serves, all others
   * that have failed; where every host of a configured group has failed, all of them, whether
   * somebody waits or not, so that the end of an outage is known without a login.
   *
   * @param turnedAway whether a login waits for one, or was turned away not long ago
   */
  static List<StoreHost> wanted(Situation situation, boolean turnedAway) {
    boolean everyone =
        situation.keepsDrained()
            || ((turnedAway || !situation.group().implicit()) && situation.everyHostFailed());
    List<StoreHost> wanted = new ArrayList<>();
    for (StoreHost host : situation.group().hosts()) {
      boolean named = turnedAway && host.equals(situation.health().named());
      boolean down = !situation.health().host(host).greets();
      if (situation.eligible(host)
          && ((down && (everyone || named))
              || suspected(situation, host)
              || situation
                  .hearsay()
                  .asksToProbe(
                      situation.service(),
                      host,
                      situation.health().host(host),
                      situation.nowNanos())
                  .isPresent()
              || speaksOnCharge(situation, host))) {
        wanted.add(host);
      }
    }
    return wanted;
  }

  /** Whether an attempt was left or failed there for a reason that a probe is to find out. */
  static boolean suspected(Situation situation, StoreHost host) {
    Long since = situation.health().host(host).suspectNanos();
    return since != null && situation.nowNanos() - since <= SUSPECTED_NANOS;
  }

  /** Whether another host stands charged, and its verdict waits for a host that greets. */
  private static boolean speaksOnCharge(Situation situation, StoreHost host) {
    return situation.group().hosts().stream()
        .anyMatch(
            other ->
                !other.equals(host)
                    && situation.health().host(other).doubts().standing(situation.nowNanos())
                        != null);
  }

  /** The memory after a probe that began then. */
  static GroupHealth probed(
      Situation situation, StoreHost host, AttemptReport report, long beganNanos) {
    GroupHealth before = situation.health();
    HostHealth known = before.host(host);
    GroupHealth after = before;
    if (report.outcome() == AttemptOutcome.GREETED) {
      after =
          before
              .withHost(host, known.opened(beganNanos, report.atNanos()).with(report))
              .withSiteAlerted(false);
      after = withoutPause(after, known, host, report.atNanos());
      after = OutcomeRules.slowlyIfBack(situation, after, host);
      after = OutcomeRules.convicted(situation, after, host, beganNanos, report);
    } else if (report.scope().blamesHost()) {
      after = before.withHost(host, failed(known, report, beganNanos, situation));
    }
    return OutcomeRules.toldOf(situation, after, host);
  }

  /** It may be the missing master: walks that wait for the next round begin it now. */
  private static GroupHealth withoutPause(
      GroupHealth after, HostHealth known, StoreHost host, long nowNanos) {
    MasterPause pause = after.masterPause();
    boolean back = known.failure() != null && after.host(host).failure() == null;
    return back && pause != null ? after.withMasterPause(pause.overAt(nowNanos)) : after;
  }

  /** A probe that fails says nothing new of a host that has failed, or has answered since. */
  private static HostHealth failed(
      HostHealth known, AttemptReport report, long beganNanos, Situation situation) {
    Long confirmed = known.confirmedNanos();
    if (!known.greets() || (confirmed != null && confirmed - beganNanos > 0)) {
      return known.with(report);
    }
    return known.failed(
        FailureGround.OPENING, true, beganNanos, report, situation.settings().coolDown());
  }
}
