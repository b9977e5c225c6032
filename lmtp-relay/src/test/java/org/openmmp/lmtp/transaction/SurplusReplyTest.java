package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** B5.14: a reply too many must not be taken for another. */
class SurplusReplyTest {
  private static final int SEEDS = 3_000;
  private static final List<String> WORDS =
      List.of("250 2.0.0 once more", "550 5.1.1 once more", "354 go on", "451 4.3.0 once more");

  private final RelayRig rig = new RelayRig(1, List.of(RelayRig.group("ducks", "huey")));

  private String deliver(RelayRig site, String recipient) {
    site.say("RSET", "MAIL FROM:<s@test>");
    String reply = site.say("RCPT TO:<" + recipient + ">").get(0);
    if (!reply.startsWith("250")) {
      return reply;
    }
    site.say("DATA");
    return site.say("for " + recipient, ".").get(0);
  }

  // the store says each final reply twice, the second time late: into the next transaction
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void lateSecondReplyTellsNobodyOfADelivery(int repliesLater) {
    rig.user("alice@test", "ducks");
    rig.user("bob@test", "ducks");
    rig.connect();
    rig.host("huey").finalReplies.put("bob@test", "552 5.2.2 over quota");
    rig.host("huey").surplus("DOT", repliesLater, "250 2.0.0 alice has it");
    assertEquals("250 2.0.0 huey has it for alice@test", deliver(rig, "alice@test"));
    String bob = deliver(rig, "bob@test");
    assertTrue(bob.startsWith("552 5.2.2") || bob.startsWith("451 4.4.2"), bob);
  }

  @Test
  void connectionServesAgainOnlyOnceResetIsAnswered() {
    rig.user("alice@test", "ducks");
    rig.connect();
    deliver(rig, "alice@test");
    deliver(rig, "alice@test");
    List<String> said = rig.host("huey").commands;
    assertEquals(1, rig.host("huey").connects);
    assertEquals(List.of("RSET", "MAIL FROM:<s@test>"), said.subList(4, 6));
  }

  // surplus replies at any point but between the end of a message and its replies, where nobody
  // could tell them apart: nobody is told of a delivery that the store refused
  @Test
  void noSurplusReplyMakesADelivery() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      RelayRig site = new RelayRig(seed, List.of(RelayRig.group("ducks", "huey", "dewey")));
      SimulatedHost huey = site.host("huey");
      if (random.nextInt(3) == 0) {
        huey.extensions = List.of("8BITMIME");
      } else if (random.nextBoolean()) {
        huey.extensions = List.of("PIPELINING", "CHUNKING");
      }
      site.connect();
      for (int i = 0; i < 6; i++) {
        String user = "u" + i + "@test";
        site.user(user, "ducks");
        for (SimulatedHost host : List.of(huey, site.host("dewey"))) {
          if (random.nextBoolean()) {
            host.finalReplies.put(user, "552 5.2.2 refused " + user);
          }
          if (random.nextInt(4) == 0) {
            host.rcptReplies.put(user, "550 5.1.1 refused " + user);
          }
        }
        if (random.nextBoolean()) {
          String behind = List.of("MAIL", "RCPT", "DATA", "DOT", "RSET").get(random.nextInt(5));
          huey.surplus(behind, random.nextInt(5), WORDS.get(random.nextInt(WORDS.size())));
        }
        String told = deliver(site, user);
        long got =
            site.hosts.values().stream()
                .flatMap(each -> each.deliveries.stream())
                .filter(each -> each.message().equals("for " + user + "\r\n"))
                .filter(each -> each.recipients().contains(user))
                .count();
        boolean refused =
            site.hosts.values().stream()
                .filter(each -> each.finalReply(user).startsWith("2"))
                .noneMatch(
                    each ->
                        each.deliveries.stream().anyMatch(one -> one.recipients().contains(user)));
        if (told.startsWith("250")) {
          assertTrue(got == 1 && !refused, "seed " + seed + ", " + user + ": " + told);
        }
      }
    }
  }
}
