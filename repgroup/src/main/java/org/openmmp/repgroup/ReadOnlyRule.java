package org.openmmp.repgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether, where and when one walk may go on at a replica (rule B2.11): at one that has logged
 * somebody in beside its referral. Only IMAP has such referrals; a POP3 replica lets nobody in, so
 * that no empty mailbox is shown there instead of an error (rule B4.5).
 *
 * @param situation what is known
 * @param terms the walk
 * @param round its cursor
 * @param masterSilent whether the master gave this login no answer
 */
record ReadOnlyRule(Situation situation, WalkTerms terms, Round round, boolean masterSilent) {

  /** The first replica of the list that has logged somebody in while there is no master. */
  @Nullable StoreHost replica() {
    boolean wanted =
        situation.settings().readOnly().enabled()
            && terms.kind().followsReferrals()
            && (masterSilent
                || situation.masterless(terms.caller())
                || round.saw(AttemptOutcome.REFERRED));
    for (StoreHost host : wanted ? situation.group().hosts() : List.<StoreHost>of()) {
      if (situation.health().host(host).role() == HostHealth.Role.REPLICA
          && situation.eligible(host)
          && !situation.failed(host)
          && !round.readOnlyTried().contains(host)) {
        return host;
      }
    }
    return null;
  }

  /** When it goes on there: later while it is not sure that there is no master. */
  long dueNanos() {
    if (masterSilent) {
      return situation.nowNanos();
    }
    SelectorSettings.ReadOnlyFallback settings = situation.settings().readOnly();
    long regular = terms.beganNanos() + settings.after().toNanos();
    long latest = terms.deadlineNanos() - settings.reserve().toNanos();
    return situation.masterless(terms.caller()) && regular - latest < 0 ? regular : latest;
  }
}
