package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openmmp.repgroup.StoreHost;

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

  @Test // B9.4: whatever service they use, once in five turns; not deliveries, nor who is elsewhere
  void sessionsOfEveryServiceAtAHostThatWasGivenUpDoubtTheirStore() {
    Map<String, List<Boolean>> doubted = new TreeMap<>();
    for (String each :
        List.of("imap at huey", "pop3 at HUEY", "imap at dewey", "lmtp at huey", "imap at ")) {
      sessions.add(new AtStore(each, doubted), Runnable::run);
    }
    for (int turn = 0; turn < 5; turn++) {
      sessions.doubtStores(new StoreHost("huey")::equals);
    }
    assertEquals(Set.of("imap at huey", "pop3 at HUEY"), doubted.keySet());
    doubted.values().forEach(turns -> assertEquals(1, Collections.frequency(turns, true)));
  }

  /** One that uses a service at a host, which its name tells. */
  private static final class AtStore extends QuietSession {
    private final String service;
    private final String host;
    private final Map<String, List<Boolean>> doubted;

    AtStore(String name, Map<String, List<Boolean>> doubted) {
      super(name);
      this.service = name.substring(0, 4);
      this.host = name.substring("imap at ".length());
      this.doubted = doubted;
    }

    @Override
    public SessionFacts facts() {
      SessionFacts any = super.facts();
      String user = service.equals("lmtp") ? "" : "alice";
      return new SessionFacts(
          any.id(), service, any.network(), any.since(), user, "", "cluster1", host, 0, 0);
    }

    @Override
    public void doubtStore(boolean itsTurn) {
      doubted.computeIfAbsent(facts().id(), first -> new ArrayList<>()).add(itsTurn);
    }
  }

  @Test
  void nobodyHasNoFacts() {
    assertTrue(sessions.facts().isDone());
    assertEquals(List.of(), sessions.facts().join());
  }
}
