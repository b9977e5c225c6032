package org.openmmp.shared;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.openmmp.guard.HeldPlaces;
import org.openmmp.guard.WrongPassword;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.wire.Secret;

/**
 * A front end that does what its site orders, and remembers that; it has nothing to tell, and minds
 * nothing else that it hears. Safe for any thread.
 */
public class ObedientFrontEnd implements FrontEndOfSite {
  private final String node;
  private final List<String> done = new CopyOnWriteArrayList<>();
  private volatile String last = "";

  /** One of that name that has done nothing yet. */
  public ObedientFrontEnd(String node) {
    this.node = node;
  }

  /** The queries of the orders that it has done, in order. */
  public final List<String> done() {
    return done;
  }

  @Override
  public CompletionStage<NodeAnswer> carryOut(Order order, long ageMillis) {
    done.add(order.query());
    return CompletableFuture.completedStage(new NodeAnswer(node, 200, "done"));
  }

  @Override
  public String lastOrder() {
    return last;
  }

  @Override
  public void carriedOut(String place) {
    last = place;
  }

  @Override
  public NodeFacts facts() {
    return new NodeFacts("f", "1", 0, false);
  }

  @Override
  public List<GroupWord> words() {
    return List.of();
  }

  @Override
  public List<ProbePlan.Turn<ProbePlace>> turns() {
    return List.of();
  }

  @Override
  public HeldPlaces held(int frontEnds) {
    return HeldPlaces.NONE;
  }

  @Override
  public void missed() {}

  @Override
  public void heard(List<GroupWord> words, long nowNanos) {}

  @Override
  public void othersTurns(long own, Map<Long, List<ProbePlan.Turn<ProbePlace>>> turns) {}

  @Override
  public void guessed(List<WrongPassword> wrong, long nowNanos) {}

  @Override
  public void heldElsewhere(List<HeldPlaces> held) {}

  @Override
  public void among(int frontEnds) {}

  @Override
  public void tickets(List<Secret> secrets) {}

  @Override
  public void away(String why) {}

  @Override
  public void back() {}

  @Override
  public void forged(String where) {}

  @Override
  public void sameNames(Set<String> nodes) {}

  @Override
  public void otherTables(Set<String> nodes) {}
}
