package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;

/** Many sessions at once, and what is left of them. */
@Tag("slow")
final class ScaleTest {
  private static final int SESSIONS = 1_000;
  private static final int CLIENT_THREADS = 16;
  private static final int USERS = 20;
  private static final int GARBAGE_ROUNDS = 5;

  @Test
  void thousandSessionsNeedNoThreadOfTheirOwn() {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENT_THREADS);
    List<ImapConnection> open = new ArrayList<>();
    try (SimSite site = SitePlan.replicated().start()) {
      List<MailUser> users =
          IntStream.range(0, USERS).mapToObj(number -> site.user("user" + number)).toList();
      IntStream.range(0, CLIENT_THREADS).forEach(any -> threads.execute(() -> {}));
      assertTrue(site.login(users.get(0)).isOk());
      site.mark();
      int before = ManagementFactory.getThreadMXBean().getThreadCount();
      List<CompletableFuture<ImapConnection>> logins =
          IntStream.range(0, SESSIONS)
              .mapToObj(
                  number ->
                      CompletableFuture.supplyAsync(
                          () -> loggedIn(site, users.get(number % USERS)), threads))
              .toList();
      logins.forEach(login -> open.add(login.join()));
      int more = ManagementFactory.getThreadMXBean().getThreadCount() - before;
      assertTrue(more <= CLIENT_THREADS, () -> more + " threads more");
      assertTrue(open.stream().allMatch(client -> client.command("NOOP").isOk()));
      site.assertTraffic("huey 1000/1000/1000, dewey 0/0/0, louie 0/0/0");
      open.forEach(ImapConnection::close);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void nothingIsLeakedHoweverLoginsEnd() { // the log is judged
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      for (Fault fault : List.of(Fault.NONE, Fault.TEMPORARY_ERROR, Fault.DROP_AT_LOGIN)) {
        site.cluster().behave("dewey", NodeBehaviour.failing(fault));
        for (ReferralForm form : ReferralForm.values()) {
          site.cluster().behave("huey", NodeBehaviour.healthy().referringBy(form));
          site.cluster().makeMaster("louie");
          site.failback(site.cluster());
          assertTrue(site.login(alice).isOk());
          try (ImapConnection client = site.connect()) {
            assertTrue(client.login(alice, "wrong").tagged().startsWith("NO "));
            client.send("x LOGIN " + alice.login()); // and hangs up
          }
        }
      }
      for (int i = 0; i < GARBAGE_ROUNDS; i++) {
        System.gc();
        ByteBufAllocator.DEFAULT.directBuffer().release(); // asks for leaks
      }
      assertEquals(-1, site.log().indexOf("LEAK"));
    }
  }

  private static ImapConnection loggedIn(SimSite site, MailUser user) {
    ImapConnection client = site.connect();
    assertTrue(SiteClients.login(client, user).isOk());
    return client;
  }
}
