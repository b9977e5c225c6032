package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class OpenSessionsTest {
  private final OpenSessions sessions = new OpenSessions();

  @Test
  void eachSessionTellsItsFactsOnItsOwnLoop() {
    Deque<Runnable> loop = new ArrayDeque<>();
    ClientSession gone = new QuietSession("gone");
    sessions.add(new QuietSession("one"), loop::add);
    sessions.add(new QuietSession("two"), loop::add);
    sessions.add(gone, loop::add);
    sessions.remove(gone);
    CompletableFuture<List<SessionFacts>> asked = sessions.facts();
    assertFalse(asked.isDone());
    assertEquals(2, loop.size());
    loop.forEach(Runnable::run);
    assertEquals(
        Set.of("one", "two"),
        asked.join().stream().map(SessionFacts::id).collect(Collectors.toSet()));
  }

  @Test
  void nobodyHasNoFacts() {
    assertTrue(sessions.facts().isDone());
    assertEquals(List.of(), sessions.facts().join());
  }
}
