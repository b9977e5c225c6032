package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.attack.DeliveryScript.Message;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.DeliveryConnection;

/**
 * Rows L3 and L4 at random: many MTAs, groups of stores that fail at any point in any way. Whatever
 * happens, nobody gets a message twice, 250 is a store's own word, and no outage is a 5xx.
 */
@Tag("slow")
final class RelayChaosTest {
  private static final int GROUPS = 3;
  private static final int HOSTS = 3;
  private static final int SENDERS = 6;
  private static final int MESSAGES = 50;
  private static final double TROUBLE = 0.04;

  private final List<DeliveryScript> stores = new ArrayList<>();
  private final Map<String, String> heard = new ConcurrentHashMap<>();

  @Test
  void nobodyGetsAMessageTwiceAndNobodyIsToldWhatNoStoreSaid(@TempDir Path workplace)
      throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    try (AttackedRelay relay =
        new AttackedRelay(
            workplace,
            GROUPS,
            HOSTS,
            "openmmp.proxy-defaults.cool-down { first = 200ms, max = 200ms }")) {
      List<String> users = new ArrayList<>();
      for (int i = 0; i < GROUPS; i++) {
        AttackedRelay.Group group = relay.next();
        users.addAll(List.of(group.user("a"), group.user("b")));
        for (int host = 0; host < HOSTS; host++) {
          DeliveryScript store = troubled(host);
          stores.add(store);
          group.open(host, store);
        }
      }
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int sender = i;
        work.add(() -> send(relay, sender, users));
      }
      for (Future<Void> each : senders.invokeAll(work)) {
        each.get();
      }
      relay.assertAlive();
    } finally {
      senders.shutdownNow();
    }
    assertDeliveredAsTold();
  }

  private void assertDeliveredAsTold() {
    Map<String, Integer> delivered = new ConcurrentHashMap<>();
    for (DeliveryScript store : stores) {
      for (Message message : store.messages()) {
        String id = message.text().strip();
        message.recipients().forEach(each -> delivered.merge(id + " " + each, 1, Integer::sum));
      }
    }
    delivered.forEach((which, times) -> assertEquals(1, times, which));
    int stored = 0;
    for (Map.Entry<String, String> each : heard.entrySet()) {
      String reply = each.getValue();
      if (reply.startsWith("250")) {
        stored++;
        assertTrue(delivered.containsKey(each.getKey()), each::toString);
      } else {
        assertTrue(reply.startsWith("4") || reply.equals("550 5.7.9"), each::toString);
      }
    }
    assertTrue(stored > heard.size() / 2, stored + " of " + heard.size() + " were stored");
  }

  private Void send(AttackedRelay relay, int sender, List<String> users) {
    Random random = new Random(sender);
    for (int i = 0; i < MESSAGES; i++) {
      String id = "message-" + sender + "-" + i;
      List<String> recipients = new ArrayList<>(users);
      java.util.Collections.shuffle(recipients, random);
      List<String> some = recipients.subList(0, 1 + random.nextInt(users.size()));
      try (DeliveryConnection mta = relay.mta()) {
        List<String> replies = relay.deliver(mta, some, id + "\r\n");
        for (int j = 0; j < some.size(); j++) {
          heard.put(id + " " + some.get(j), replies.get(j));
        }
      }
    }
    return null;
  }

  private static DeliveryScript troubled(int host) {
    DeliveryScript store = new DeliveryScript();
    if (host % 2 == 1) {
      store.offering("PIPELINING", "CHUNKING", "8BITMIME");
    }
    for (Point point : Point.values()) {
      store.at(point, (peer, time) -> atRandom(point, peer));
    }
    return store;
  }

  private static String atRandom(Point point, StorePeer peer) throws IOException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    if (random.nextDouble() > TROUBLE) {
      return "";
    }
    return switch (random.nextInt(8)) {
      case 0 -> throw new EOFException("closed");
      case 1 -> {
        peer.reset();
        throw new EOFException("reset");
      }
      case 2 -> "421 4.3.2 Going down";
      case 3 -> "451 4.3.0 Not now";
      case 4 -> point == Point.RCPT || point == Point.FINAL_REPLY ? "550 5.7.9 No" : "";
      case 5 -> point == Point.DATA ? "354 Go\r\n354 Go" : "what";
      case 6 -> point == Point.DATA ? "354 Go\r\n250 2.0.0 Stored" : "354 Go";
      default -> point == Point.RCPT ? "550 5.2.900 <x> x@nowhere.test Referral" : "";
    };
  }
}
