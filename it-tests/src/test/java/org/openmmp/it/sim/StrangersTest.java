package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.UserTrouble;

/**
 * A user whose mailbox is in order, beside others with whom everything goes wrong that one user can
 * have go wrong, in any order: her host, her answers and her attempts are as if she were alone.
 */
@ParameterizedClass
@EnumSource(MailProtocol.class)
@Tag("slow")
final class StrangersTest {
  private static final int STRANGERS = 10;
  private static final int LOGINS_OF_EACH = 3;
  private static final Pattern LOGIN =
      Pattern.compile(
          " login .*user=alice\\S* result=(\\S+) .*host=(\\S+) attempts=(\\d+) hops=(\\d+)");

  private final MailProtocol protocol;

  StrangersTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  /** The kinds of site: replicas refer; standbys are down; every host serves. */
  private enum Kind {
    REPLICATED,
    SHARED_DISK,
    ACTIVE
  }

  @ParameterizedTest
  @CsvSource({
    "REPLICATED, 1",
    "REPLICATED, 2",
    "SHARED_DISK, 3",
    "SHARED_DISK, 4",
    "ACTIVE, 5",
    "ACTIVE, 6"
  })
  void noStrangersLoginsChangeAnotherUsersWay(Kind kind, long seed) { // B2.5, B2.17, B2.19, B2.20
    Set<String> alone = wayOfAlice(kind, 0, seed);
    assertEquals(1, alone.size(), alone::toString);
    assertEquals(alone, wayOfAlice(kind, STRANGERS, seed));
  }

  private Set<String> wayOfAlice(Kind kind, int strangers, long seed) {
    try (SimSite site = site(kind)) {
      MailUser alice = site.user("alice");
      assertEquals(protocol.accepted(), answerTo(site, alice));
      List<MailUser> others = others(site);
      List<CompletableFuture<Void>> crowd = new ArrayList<>();
      for (int i = 0; i < strangers; i++) {
        Random random = new Random(seed * STRANGERS + i);
        crowd.add(CompletableFuture.runAsync(() -> trouble(site, others, random)));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(crowd.toArray(CompletableFuture[]::new));
      do {
        assertEquals(protocol.accepted(), answerTo(site, alice), site::log);
      } while (!all.isDone());
      all.join();
      assertEquals(protocol.accepted(), answerTo(site, alice), site::log);
      assertFalse(blamed(site), site::log);
      return waysIn(site);
    }
  }

  /** Whether the host that serves everybody was passed over. */
  private static boolean blamed(SimSite site) {
    String master = site.cluster().node("huey").hostName();
    return site.log()
        .lines()
        .anyMatch(line -> line.contains(" cool-down ") && line.contains("host=" + master + " "));
  }

  private SimSite site(Kind kind) {
    SitePlan plan =
        kind == Kind.SHARED_DISK
            ? SitePlan.of(ClusterSettings.sharedDisk("cluster1", "huey", "dewey"))
            : SitePlan.replicated();
    SimSite site =
        plan.readBy(protocol)
            .answeringWithin(Duration.ofSeconds(4))
            .with("proxy-defaults { connect-timeout = 5s, greeting-timeout = 10s }")
            .start();
    if (kind == Kind.ACTIVE) {
      site.cluster().splitOff("dewey");
      site.cluster().splitOff("louie");
    }
    return site;
  }

  private String answerTo(SimSite site, MailUser user) {
    String answer = site.clients().answer(user);
    return answer.startsWith(protocol.accepted()) ? protocol.accepted() : answer;
  }

  private List<MailUser> others(SimSite site) {
    List<MailUser> all = new ArrayList<>();
    for (UserTrouble trouble : UserTrouble.values()) {
      MailUser user = site.user("mr-" + trouble.name().toLowerCase(Locale.ROOT));
      site.cluster().trouble(user.login(), trouble);
      all.add(user);
    }
    MailUser elsewhere = site.user("elsewhere");
    site.cluster()
        .referUser(
            elsewhere.login(),
            protocol == MailProtocol.IMAP
                ? "imap://elsewhere.invalid/"
                : "SYS/REFER/elsewhere.invalid");
    all.add(elsewhere);
    return all;
  }

  /** One stranger's logins, one after another; how they end is nobody's business. */
  private void trouble(SimSite site, List<MailUser> others, Random random) {
    for (int i = 0; i < LOGINS_OF_EACH; i++) {
      MailUser who = others.get(random.nextInt(others.size()));
      switch (random.nextInt(4)) {
        case 0 -> abort(site, who);
        case 1 -> answer(site, who, MailUser.WRONG_PASSWORD + "x".repeat(random.nextInt(3_000)));
        default -> answer(site, who, who.password());
      }
    }
  }

  private void answer(SimSite site, MailUser who, String password) {
    if (protocol == MailProtocol.IMAP) {
      try (ImapConnection client = site.connect()) {
        client.answerToLogin(who, password);
      }
    } else {
      try (Pop3Connection client = site.clients().pop3()) {
        client.answerToLogin(who, password);
      }
    }
  }

  /** Logs in and hangs up. */
  private void abort(SimSite site, MailUser who) {
    Endpoint there = site.clients().endpoint(protocol, Endpoint.Security.PLAIN);
    if (protocol == MailProtocol.IMAP) {
      try (ImapConnection client = new ImapConnection(there)) {
        client.send("a LOGIN " + who.login() + " " + who.password() + "\r\n");
      }
    } else {
      try (Pop3Connection client = new Pop3Connection(there)) {
        client.send("USER " + who.login() + "\r\nPASS " + who.password() + "\r\n");
      }
    }
  }

  private static Set<String> waysIn(SimSite site) {
    Map<String, String> names =
        site.cluster().nodes().stream()
            .collect(Collectors.toMap(StoreNode::hostName, StoreNode::name));
    Set<String> ways = new TreeSet<>();
    Matcher login = LOGIN.matcher(site.log());
    while (login.find()) {
      ways.add(
          "%s at %s, attempts %s, hops %s"
              .formatted(
                  login.group(1),
                  names.getOrDefault(login.group(2), login.group(2)),
                  login.group(3),
                  login.group(4)));
    }
    return ways;
  }
}
