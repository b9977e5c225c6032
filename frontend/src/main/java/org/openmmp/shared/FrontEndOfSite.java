package org.openmmp.shared;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.openmmp.guard.HeldPlaces;
import org.openmmp.guard.WrongPassword;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.wire.Secret;

/**
 * This front end in the eyes of its site: what it tells the others, what it does for them, and what
 * it hears of them. Called on the thread of the {@link Site}; returns soon and throws nothing.
 */
public interface FrontEndOfSite {
  /** What it tells of itself now. */
  NodeFacts facts();

  /** What it has learnt of stores by attempts of its own. */
  List<GroupWord> words();

  /** What the others that live have learnt, and nothing else; their times are by this clock. */
  void heard(List<GroupWord> words, long nowNanos);

  /** Which places it probes. */
  List<ProbePlan.Turn<ProbePlace>> turns();

  /**
   * Which places the others that live probe.
   *
   * @param own this front end among them
   */
  void othersTurns(long own, Map<Long, List<ProbePlan.Turn<ProbePlace>>> turns);

  /** Other front ends met these wrong passwords, each told once. */
  void guessed(List<WrongPassword> wrong, long nowNanos);

  /** What users and addresses hold here, as far as so many front ends have to know. */
  HeldPlaces held(int frontEnds);

  /** What they hold at each of the others that live. */
  void heldElsewhere(List<HeldPlaces> held);

  /** So many front ends begin logins, this one included. */
  void among(int frontEnds);

  /** What TLS session tickets are sealed with at the site's front ends, this one's own first. */
  void tickets(List<Secret> secrets);

  /**
   * Does what an administrator wants of all front ends.
   *
   * @param ageMillis how long ago that was wanted, by the engine's clock
   */
  CompletionStage<NodeAnswer> carryOut(Order order, long ageMillis);

  /** The last order in the engine that was carried out here before this start; empty: none. */
  String lastOrder();

  /** Remembers over a restart that the orders up to that place were carried out. */
  void carriedOut(String place);

  /**
   * Others gave orders that came too late to be carried out here, or were pushed out by later ones.
   */
  void missed();

  /** Nothing is shared any more, or not yet: this front end works alone. Told once. */
  void away(String why);

  /** What is shared is there again, or for the first time. */
  void back();

  /** Somebody put into the engine what no front end of the site with this key has written. */
  void forged(String where);

  /** The names that two front ends that live have. */
  void sameNames(Set<String> nodes);

  /** Front ends have another group table than this one has; empty: not any more. */
  void otherTables(Set<String> nodes);
}
