package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;

/** What passwords, entries and the directory's health make of a login. */
final class AccountTest {
  private static final String NOWHERE = "huey 0/0/0, dewey 0/0/0, louie 0/0/0";

  @Test
  void wrongPasswordIsTriedAtOneHostAndLooksLikeAnUnknownOrDisabledUser() { // B2.5, B6.4, R11
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      MailUser disabled = site.user("disabled");
      site.directory().changeUser(disabled.login(), "mailUserStatus", "disabled");
      String wrong = answer(site, alice, "wrong");
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 0/0/0");
      assertTrue(wrong.startsWith("[] NO [AUTHENTICATIONFAILED] "), wrong);
      site.mark();
      MailUser nobody = MailUser.of("nobody");
      assertEquals(wrong, answer(site, nobody, nobody.password()));
      assertEquals(wrong, answer(site, disabled, disabled.password()));
      assertEquals(wrong, answer(site, disabled, "wrong"));
      site.assertTraffic(NOWHERE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"inactive", "hold", "nonsense"})
  void inactiveUserIsUnavailableAndNoStoreHearsOfIt(String status) { // B1.4
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      site.directory().changeUser(alice.login(), "mailUserStatus", status);
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      site.assertTraffic(NOWHERE);
    }
  }

  @Test
  void twoEntriesOfOneNameAreUnavailable() { // B1.9
    try (SimSite site = SitePlan.replicated().start()) {
      site.expectingInLog("alice@example.com");
      MailUser alice = site.user("alice");
      MailUser twin = site.user("twin");
      site.directory().changeUser(twin.login(), "mail", alice.login());
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      site.assertTraffic(NOWHERE);
      assertTrue(site.log().contains("ERROR "), site::log);
    }
  }

  @Test
  void missingMailHostIsUnavailable() { // B1.2
    try (SimSite site = SitePlan.replicated().start()) {
      site.expectingInLog("mailHost");
      MailUser alice = site.user("alice", "");
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      site.assertTraffic(NOWHERE);
      assertTrue(site.log().contains("mailHost"), site::log);
    }
  }

  @Test
  void deadDirectoryIsUnavailableUntilItComesBack() { // B1.6, R8
    try (SimSite site = SitePlan.replicated().start()) {
      site.expectingInLog("directory");
      MailUser alice = site.user("alice");
      site.directory().goDown();
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      site.assertTraffic(NOWHERE);
      site.directory().comeUp();
      Await.until("the directory serves", Duration.ofSeconds(10), () -> site.login(alice).isOk());
    }
  }

  @Test
  void oldEntryServesWhileTheDirectoryIsDown() { // B1.7
    try (SimSite site =
        SitePlan.replicated()
            .with("directory.cache { positive-ttl = 50ms, refresh-ahead = 0 }")
            .start()) {
      site.expectingInLog("directory");
      MailUser alice = site.user("alice");
      assertTrue(site.login(alice).isOk());
      int searches = site.directory().searches();
      Await.until(
          "the entry is looked up anew",
          Duration.ofSeconds(10),
          () -> site.login(alice).isOk() && site.directory().searches() > searches);
      long down = System.nanoTime();
      site.directory().goDown();
      Await.until(
          "the entry is too old",
          Duration.ofSeconds(10),
          () -> System.nanoTime() - down > Duration.ofMillis(200).toNanos());
      assertTrue(site.login(alice).isOk());
      assertFalse(site.login(site.user("bob")).isOk());
    }
  }

  @Test
  void slowDirectoryDoesNotSlowTheUsersItAlreadyTold() { // B1.7, B1.13
    try (SimSite site = SitePlan.replicated().start()) {
      site.expectingInLog("directory server .* refuses: timeout");
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      assertTrue(site.login(alice).isOk());
      int searches = site.directory().searches();
      site.directory().slowDown(Duration.ofSeconds(2));
      CompletableFuture<ImapConnection.Response> slow =
          CompletableFuture.supplyAsync(() -> site.login(bob));
      Await.until(
          "bob is looked up",
          Duration.ofSeconds(10),
          () -> site.log().contains("session-start") && sessions(site) == 2);
      for (int i = 0; i < 5; i++) {
        assertTrue(site.login(alice).isOk());
      }
      assertFalse(slow.isDone());
      assertTrue(slow.join().isOk());
      // bob's alone, begun again where slow ones wait
      assertEquals(searches + 2, site.directory().searches());
    }
  }

  private static long sessions(SimSite site) {
    return site.log().lines().filter(line -> line.contains("session-start")).count();
  }

  private static String answer(SimSite site, MailUser user, String password) {
    try (ImapConnection client = site.connect()) {
      ImapConnection.Response answer = client.login(user, password);
      return answer.untagged() + " " + answer.tagged();
    }
  }
}
