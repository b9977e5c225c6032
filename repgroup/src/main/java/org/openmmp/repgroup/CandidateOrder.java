package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order of attempts (rule B2.4): a referral's target, the affinity host, the list; then what is
 * drained (rule B2.26); hosts in cool-down last; the standby site not at all until it is activated.
 */
final class CandidateOrder {
  private final Situation situation;
  private final WalkTerms terms;
  private final Map<StoreHost, Reason> reasons = new LinkedHashMap<>();

  private CandidateOrder(Situation situation, WalkTerms terms) {
    this.situation = situation;
    this.terms = terms;
  }

  /** Every host of the group once, the ones that are passed over at the end. */
  static List<Candidate> of(
      Situation situation, WalkTerms terms, Round.@Nullable Referred referral) {
    CandidateOrder order = new CandidateOrder(situation, terms);
    order.collect(referral);
    return order.coolingLast();
  }

  private void collect(Round.@Nullable Referred referral) {
    List<StoreHost> list = situation.group().hosts();
    StoreHost first = terms.first();
    if (!terms.kind().failsOver()) {
      add(first == null ? list.get(0) : first, Reason.of(Reason.Kind.MAIL_HOST));
      return;
    }
    if (referral != null) {
      add(referral.to(), new Reason(Reason.Kind.REFERRED_BY, referral.by().name()));
    }
    if (first != null) {
      add(first, Reason.of(Reason.Kind.REFERRED_INTO_GROUP));
    }
    addUnfollowed();
    StoreHost wanted = situation.preferred();
    if (wanted != null && situation.health().affinity() == null) {
      add(wanted, Reason.of(Reason.Kind.PREFERRED));
    }
    if (terms.usesAffinity(situation.group())) {
      addSitesMaster();
      addAffinity();
    }
    for (StoreHost host : list) {
      boolean preferred = host.equals(list.get(0));
      add(host, Reason.of(preferred ? Reason.Kind.FIRST_IN_LIST : Reason.Kind.NEXT_IN_LIST));
    }
  }

  /** A referral that was left to others counts unless a third host is the affinity and serves. */
  private void addUnfollowed() {
    Round.Referred left = situation.health().unfollowed();
    Affinity own = situation.health().affinity();
    boolean ofAffinity = left != null && own != null && own.host().equals(left.by());
    if (left != null && (ofAffinity || !situation.affinityServes())) {
      add(left.to(), new Reason(Reason.Kind.REFERRED_BY, left.by().name()));
    }
  }

  /** Where other front ends find the master, unless our own serves. */
  private void addSitesMaster() {
    StoreHost there = situation.hearsay().masterFor(situation.health());
    if (there != null && !situation.affinityServes()) {
      add(there, Reason.of(Reason.Kind.SITES_AFFINITY));
    }
  }

  private void addAffinity() {
    Affinity own = situation.health().affinity();
    Affinity other = situation.hint();
    if (other != null && !situation.affinityServes()) {
      add(other.host(), Reason.of(Reason.Kind.OTHER_SERVICES_AFFINITY));
    }
    if (own != null) {
      add(own.host(), Reason.of(Reason.Kind.AFFINITY));
    }
    GroupHealth.Detour detour = situation.health().detour();
    if (own != null && detour != null && situation.failed(own.host())) {
      add(detour.host(), Reason.of(Reason.Kind.DETOUR));
    }
  }

  private void add(StoreHost host, Reason reason) {
    if (situation.group().contains(host)) {
      reasons.putIfAbsent(host, reason);
    }
  }

  private List<Candidate> coolingLast() {
    List<Candidate> order = new ArrayList<>(reasons.size());
    List<Candidate> downByHearsay = new ArrayList<>(0);
    List<Candidate> drained = new ArrayList<>(0);
    List<Candidate> lastResorts = new ArrayList<>(0);
    List<Candidate> passedOver = new ArrayList<>(0);
    reasons.forEach(
        (host, reason) -> {
          Candidate candidate = new Candidate(host, inItsState(host, reason));
          if (!candidate.reason().kind().usable()) {
            passedOver.add(candidate);
          } else if (situation.cooling(host)) {
            lastResorts.add(candidate);
          } else if (situation.setAside(host)) {
            drained.add(candidate);
          } else if (!candidate.reason().kind().isReferral() && situation.downByHearsay(host)) {
            downByHearsay.add(new Candidate(host, Reason.of(Reason.Kind.DOWN_BY_HEARSAY)));
          } else {
            order.add(candidate);
          }
        });
    order.addAll(downByHearsay);
    order.addAll(drained);
    order.addAll(lastResorts);
    order.addAll(passedOver);
    return order;
  }

  private Reason inItsState(StoreHost host, Reason reason) {
    HostHealth health = situation.health().host(host);
    HostHealth.Failure failure = health.failure();
    if (!situation.eligible(host)) {
      return Reason.of(situation.whyNotEligible(host));
    }
    if (failure == null) {
      return situation.withdrawn().drainedSince(host) == null ? reason : drained(host);
    }
    long now = situation.nowNanos();
    if (!health.cooling(now)) {
      int times = failure.inARow();
      return new Reason(
          Reason.Kind.COOL_DOWN_OVER_PROBE,
          times == 1 ? "it failed once" : times + " failures in a row");
    }
    String left = inWords(Duration.ofNanos(health.coolDownLeft(now)).toMillis()) + " left";
    return new Reason(health.greets() ? Reason.Kind.LAST_RESORT : Reason.Kind.COOLING_DOWN, left);
  }

  private Reason drained(StoreHost host) {
    return Reason.of(
        situation.setAside(host) ? Reason.Kind.DRAINED : Reason.Kind.DRAINED_AND_NEEDED);
  }

  /** Seconds with a digit behind the point, and no longer than it is. */
  private static String inWords(long millis) {
    return millis < 1_000 ? millis + " ms" : millis / 1_000 + "." + millis % 1_000 / 100 + " s";
  }
}
