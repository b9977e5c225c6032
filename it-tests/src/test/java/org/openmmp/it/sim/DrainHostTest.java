package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.storesim.ClusterSettings;

/** A store that is taken out of use under load, by the command line (rules B2.26, B8.7, B9.2). */
final class DrainHostTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int READERS = 6;
  private static final int IDLERS = 12;
  private static final int MAIL_OCTETS = 300_000;

  private static SitePlan plan(SitePlan plan) {
    return plan.with("admin.socket = admin.sock").with("drain { limit = 50s, spread = 2s }");
  }

  private static void await(SimSite site, BooleanSupplier condition) {
    Await.until(site::log, LIMIT, condition);
  }

  @ParameterizedTest
  @CsvSource({"PLAIN, epoll", "TLS, epoll", "PLAIN, nio"})
  void storeIsDrainedToZeroAndStoppedWhileNoLoginFailsAndNoWordStandsWithinAnAnswer(
      Endpoint.Security security, String sockets) throws Exception { // B2.26, B9.1, B9.2
    ScheduledExecutorService threads = Executors.newScheduledThreadPool(READERS + IDLERS + 8);
    try (SimSite site =
        plan(SitePlan.replicated())
            .with("transport.native = " + sockets)
            .withClientTls()
            .start()
            .expectingInLog("drain")
            .expectingInLog("no-master group=cluster1")) { // while it moves
      MailUser alice = site.user("alice");
      AtomicInteger logins = new AtomicInteger();
      List<String> failed = Collections.synchronizedList(new ArrayList<>());
      threads.scheduleAtFixedRate(
          () -> login(site, alice, logins, failed), 0, 20, TimeUnit.MILLISECONDS);
      List<CompletableFuture<String>> sessions = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        MailUser user = site.user("reader" + i);
        sessions.add(
            CompletableFuture.supplyAsync(() -> reads(site.connect(security), user), threads));
      }
      for (int i = 0; i < IDLERS; i++) {
        MailUser user = site.user("idler" + i);
        sessions.add(
            CompletableFuture.supplyAsync(() -> idles(site.connect(security), user), threads));
      }
      await(site, () -> site.proxy().sessionsAt(huey(site)) >= READERS + IDLERS);
      String told = site.operate(0, "drain " + huey(site));
      assertTrue(told.startsWith("host " + huey(site) + ": drained in cluster1; "), told);
      // The replicas go on naming it: it is needed, and nobody leaves.
      await(site, () -> site.operate(0, "status").contains("BUT STILL USED"));
      int before = logins.get();
      await(site, () -> logins.get() > before + 20);
      assertTrue(site.proxy().sessionsAt(huey(site)) >= READERS + IDLERS - 1);
      site.cluster().makeMaster("dewey");
      for (CompletableFuture<String> session : sessions) {
        assertEquals("", session.get(LIMIT.toSeconds(), TimeUnit.SECONDS), site::log);
      }
      await(site, () -> site.proxy().sessionsAt(huey(site)) == 0);
      String status = site.operate(0, "status");
      assertTrue(status.contains(", drained  "), status);
      site.cluster().kill("huey");
      int stopped = logins.get();
      await(site, () -> logins.get() > stopped + 50);
      assertEquals(List.of(), failed);
      assertEquals("dewey", site.affinity("cluster1"));
      assertTrue(site.operate(0, "undrain " + huey(site)).contains("in use again"));
    } finally {
      threads.shutdownNow();
    }
  }

  private static String huey(SimSite site) {
    return site.cluster().node("huey").hostName();
  }

  private static void login(
      SimSite site, MailUser user, AtomicInteger logins, List<String> failed) {
    try (ImapConnection client = site.connect()) {
      ImapConnection.Response answer = client.login(user);
      if (!answer.isOk()) {
        failed.add(answer.toString());
      }
      client.send("x LOGOUT\r\n");
    } catch (RuntimeException | AssertionError e) {
      failed.add(String.valueOf(e));
    }
    logins.incrementAndGet();
  }

  /** Fetches and appends until it hears goodbye; empty if that came between answers. */
  private static String reads(ImapConnection client, MailUser user) {
    String mail = "Subject: x\r\n\r\n" + "t1 OK {5}\r\n* BYE not now\r\n".repeat(MAIL_OCTETS / 26);
    try (client) {
      assertTrue(client.login(user).isOk());
      append(client, "a", mail);
      client.send("s SELECT INBOX\r\n");
      for (String line = client.line(); !line.startsWith("s "); ) {
        line = client.line();
      }
      for (int i = 0; ; i++) {
        String wrong = i % 3 == 2 ? append(client, "a" + i, mail) : fetch(client, "f" + i, mail);
        if (!wrong.isEmpty()) {
          return wrong.equals("goodbye") ? "" : wrong;
        }
      }
    } catch (Exception | AssertionError e) {
      return "reader: " + e;
    }
  }

  private static String fetch(ImapConnection client, String tag, String mail) throws Exception {
    client.send(tag + " FETCH 1 BODY.PEEK[]\r\n");
    String line = client.line();
    if (line.startsWith("* BYE ")) {
      return ends(client);
    }
    if (!line.equals("* 1 FETCH (BODY[] {" + mail.length() + "}")) {
      return "instead of a message: " + line;
    }
    String got = new String(client.input().readNBytes(mail.length()), StandardCharsets.ISO_8859_1);
    if (!got.equals(mail)) {
      return "the message was changed";
    }
    String rest = client.line();
    String end = client.line();
    return rest.equals(")") && end.startsWith(tag + " OK") ? "" : "behind: " + rest + end;
  }

  private static String append(ImapConnection client, String tag, String mail) throws Exception {
    String line;
    try {
      client.send(tag + " APPEND INBOX {" + mail.length() + "+}\r\n" + mail + "\r\n");
      line = client.line();
    } catch (UncheckedIOException crossed) {
      return "goodbye"; // it was said while all of this was under way
    }
    for (; ; line = client.line()) {
      if (line.startsWith("* BYE ")) {
        return ends(client);
      }
      if (line.startsWith(tag + " ")) {
        // What was the master when the session began may be a replica by now.
        return line.startsWith(tag + " OK") || line.contains("[READ-ONLY]") ? "" : line;
      }
    }
  }

  private static String ends(ImapConnection client) {
    try {
      return client.input().read() < 0 ? "goodbye" : "words behind goodbye";
    } catch (IOException reset) {
      return "goodbye"; // a command of ours was under way
    }
  }

  private static String idles(ImapConnection client, MailUser user) {
    try (client) {
      assertTrue(client.login(user).isOk());
      client.send("i IDLE\r\n");
      String line = client.line();
      if (!line.startsWith("+ ")) {
        return "no IDLE: " + line;
      }
      line = client.line();
      return line.startsWith("* BYE ") && client.input().read() < 0 ? "" : "idler heard " + line;
    } catch (Exception | AssertionError e) {
      return "idler: " + e;
    }
  }

  @Test
  void sharedDiskMovesOnceTheStandbyIsStarted() { // B2.26
    try (SimSite site =
        plan(SitePlan.of(ClusterSettings.sharedDisk("store1", "store1a", "store1b")))
            .start()
            .expectingInLog("group=store1")) {
      MailUser alice = site.user("alice");
      String first = site.cluster().node("store1a").hostName();
      try (ImapConnection idle = site.connect();
          Pop3Connection pop3 = site.clients().pop3()) {
        assertTrue(idle.login(alice).isOk());
        assertTrue(site.accepts(alice));
        site.operate(0, "drain " + first);
        assertTrue(site.accepts(alice), "the standby is not started yet");
        String status = site.operate(0, "status");
        assertTrue(status.contains("BUT STILL USED"), status);
        assertTrue(SiteClients.login(pop3, alice).startsWith("+OK"));
        site.cluster().start("store1b");
        await(site, () -> site.accepts(alice) && site.affinity("store1").equals("store1b"));
        String words = "The store goes out of service. Please log in again. (ref ";
        assertTrue(idle.line().startsWith("* BYE [UNAVAILABLE] " + words));
        assertTrue(pop3.line().startsWith("-ERR [SYS/TEMP] " + words));
        await(site, () -> site.log().split("reason=drained", -1).length == 3);
      }
    }
  }

  @Test
  void commandsSayWhyTheyDoNothing() { // B8.7
    try (SimSite site =
        plan(SitePlan.of(ClusterSettings.sharedDisk("store1", "store1a", "store1b"))).start()) {
      String first = site.cluster().node("store1a").hostName();
      String second = site.cluster().node("store1b").hostName();
      assertTrue(site.operate(3, "drain nowhere").contains("no group of the configuration lists"));
      assertTrue(site.operate(3, "undrain " + first).contains("neither drained nor retired"));
      assertTrue(site.operate(0, "retire " + first).contains("retired in store1"));
      assertTrue(site.operate(3, "retire " + second).contains("would have no host left"));
    }
  }
}
