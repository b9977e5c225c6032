package org.openmmp.it.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.UserTrouble;

/**
 * A recipient whose mailbox is in order, beside others with whom everything goes wrong that one
 * mailbox can have go wrong, in any order: her mail goes where it would go without them.
 */
@Tag("slow")
final class RelayStrangersTest {
  private static final int STRANGERS = 12;
  private static final int MESSAGES_OF_EACH = 2;
  private static final byte[] MESSAGE = "Subject: hello\r\n\r\nworld\r\n".getBytes(US_ASCII);
  private static final Pattern RECIPIENT =
      Pattern.compile(" recipient .*recipient=<alice\\S* .*host=(\\S+) .*?code=(\\d+)");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noStrangersMailChangesAnotherRecipientsWay(long seed) { // B2.5, B5.7
    Set<String> alone = wayOfAlice(0, seed);
    assertEquals(1, alone.size(), alone::toString);
    assertEquals(alone, wayOfAlice(STRANGERS, seed));
  }

  private static Set<String> wayOfAlice(int strangers, long seed) {
    try (RelaySite site =
        new RelaySite(
            Duration.ofSeconds(4),
            "proxy-defaults { connect-timeout = 5s, greeting-timeout = 10s }")) {
      MailUser alice = site.user("alice", "cluster1");
      deliver(site, alice);
      List<MailUser> others = others(site);
      List<CompletableFuture<Void>> crowd = new ArrayList<>();
      for (int i = 0; i < strangers; i++) {
        Random random = new Random(seed * STRANGERS + i);
        crowd.add(CompletableFuture.runAsync(() -> trouble(site, others, random)));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(crowd.toArray(CompletableFuture[]::new));
      do {
        deliver(site, alice);
      } while (!all.isDone());
      all.join();
      deliver(site, alice);
      assertFalse(site.log().contains(" cool-down "), site::log);
      return waysIn(site);
    }
  }

  private static void deliver(RelaySite site, MailUser alice) {
    try (DeliveryConnection mta = site.mta()) {
      mta.deliver("mta@example.org", List.of(alice.login()), MESSAGE);
    }
  }

  private static List<MailUser> others(RelaySite site) {
    List<MailUser> all = new ArrayList<>();
    for (UserTrouble trouble : UserTrouble.values()) {
      MailUser user = site.user("mr-" + trouble.name().toLowerCase(Locale.ROOT), "cluster1");
      site.cluster(1).trouble(user.login(), trouble);
      all.add(user);
    }
    return all;
  }

  /** Messages to some of the others, each on a connection of its own, some of them given up. */
  private static void trouble(RelaySite site, List<MailUser> others, Random random) {
    for (int i = 0; i < MESSAGES_OF_EACH; i++) {
      try (DeliveryConnection mta = site.mta()) {
        assertTrue(mta.command("MAIL FROM:<mta@example.org>").startsWith("250"));
        int accepted = 0;
        for (int n = random.nextInt(2); n < 2; n++) {
          String whom = others.get(random.nextInt(others.size())).login();
          if (random.nextInt(5) == 0) {
            mta.send("RCPT TO:<" + whom + ">\r\n");
            return;
          }
          accepted += mta.command("RCPT TO:<" + whom + ">").startsWith("250") ? 1 : 0;
        }
        if (accepted > 0) {
          mta.data(MESSAGE, accepted);
        }
      }
    }
  }

  private static Set<String> waysIn(RelaySite site) {
    Set<String> ways = new TreeSet<>();
    Matcher recipient = RECIPIENT.matcher(site.log());
    String huey = site.cluster(1).node("huey").hostName();
    while (recipient.find()) {
      ways.add(recipient.group(2) + " at " + recipient.group(1).replace(huey, "huey"));
    }
    return ways;
  }
}
