package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.AffinitySnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostSnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostState;
import org.openmmp.repgroup.GroupSnapshot.Use;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.StoreHost;
import org.slf4j.event.Level;

/** Rule B8.3: what the dashboard hears, over sockets. */
final class LiveFeedTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration PERIOD = Duration.ofMillis(40);

  private final AdminFixture sources = new AdminFixture("", LIMIT);
  private final LiveFeed feed = new LiveFeed(sources, List.of("/livez", "/api/v1/groups"), PERIOD);
  private final AdminFixture admin =
      new AdminFixture(
          "",
          LIMIT,
          Map.of("/quick", AdminPage.plain("/quick", AdminPage.Access.LOOK, "", feed::answer)));

  @AfterEach
  void close() {
    admin.close();
    sources.close();
  }

  private static void await(BooleanSupplier reached) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!reached.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not reached");
      Thread.onSpinWait();
    }
  }

  /** One who looks, by HTTP/1.0, in which the events are all that comes behind the head. */
  private static final class Looking implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private String name = "";

    Looking(AdminFixture at, String page) throws IOException {
      socket = at.connect();
      socket
          .getOutputStream()
          .write(("GET " + page + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String head = in.readLine();
      assertTrue(head != null && head.contains(" 200 "), head);
      while (!"".equals(in.readLine())) {
        // the head
      }
    }

    /** The data of the next event of that name, those of others passed over. */
    String next(String wanted) throws IOException {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        assertTrue(System.nanoTime() < deadline, "no event " + wanted);
        if (line.startsWith("event:")) {
          name = line.substring("event:".length());
        } else if (line.startsWith("data:") && name.equals(wanted)) {
          return line.substring("data:".length());
        }
      }
      throw new AssertionError("the feed ended");
    }

    /** Reads what is left. */
    void awaitEnd() throws IOException {
      while (in.readLine() != null) {
        // events that nobody asks for
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static GroupSnapshot group(String name, long nowNanos, StoreHost master, long since) {
    return new GroupSnapshot(
        name,
        AdminFixture.IMAP,
        ClientKind.WRITER,
        false,
        new AffinitySnapshot(
            master, nowNanos - since, new Reason(Reason.Kind.REFERRED_BY, "\u202e<b>huey")),
        List.of(
            new HostSnapshot(
                AdminFixture.HUEY,
                HostState.COOLING,
                since + 3_600_000_000_000L - nowNanos,
                2,
                AttemptOutcome.UNREACHABLE,
                "said \"<img src=x>\u202e",
                // what every login changes
                nowNanos & 0xfff,
                1,
                64,
                0,
                0,
                false,
                Use.IN_USE,
                0),
            new HostSnapshot(
                AdminFixture.DEWEY,
                HostState.WORKING,
                0,
                0,
                null,
                "",
                7,
                0,
                64,
                0,
                0,
                false,
                Use.IN_USE,
                0)),
        0,
        false,
        false,
        null);
  }

  private void show(List<String> groups, StoreHost master, long since) {
    sources.groups = now -> groups.stream().map(name -> group(name, now, master, since)).toList();
  }

  @Test
  void everythingIsToldOnceAndThenWhatChanged() throws Exception {
    long since = System.nanoTime();
    show(List.of("a", "b"), AdminFixture.DEWEY, since);
    try (Looking looking = new Looking(admin, "/quick")) {
      String hello = looking.next("hello");
      assertTrue(hello.startsWith("{\"now\":"), hello);
      assertTrue(hello.contains("\"hostname\":\"mail.example.com\""), hello);
      assertTrue(hello.contains("\"pages\":[\"groups\"]"), hello);
      String groups = looking.next("groups");
      assertTrue(groups.startsWith("{\"full\":true,\"groups\":[{\"group\":\"a\","), groups);
      assertTrue(groups.contains("{\"group\":\"b\","), groups);
      assertTrue(groups.contains("\"master\":\"dewey\""), groups);
      assertFalse(looking.next("directory").isEmpty());
      assertEquals(2_000_000_000_000L + "", looking.next("certificates").replaceAll("\\D", ""));
      String counts = looking.next("counts");
      assertTrue(counts.contains("\"sessions\":{\"imap\":3}"), counts);
      // Some more are made of which nothing but the counts is news.
      assertFalse(looking.next("counts").isEmpty());
      assertFalse(looking.next("counts").isEmpty());
      sources.groups =
          now ->
              List.of(
                  group("a", now, AdminFixture.DEWEY, since),
                  group("b", now, AdminFixture.HUEY, since));
      String changed = looking.next("groups");
      assertTrue(changed.startsWith("{\"full\":false,\"groups\":[{\"group\":\"b\","), changed);
      assertFalse(changed.contains("{\"group\":\"a\""), changed);
      show(List.of("b"), AdminFixture.HUEY, since);
      String without = looking.next("groups");
      assertTrue(without.startsWith("{\"full\":true,\"groups\":[{\"group\":\"b\","), without);
    }
  }

  @Test
  void textOfPeersIsMadeSafe() throws Exception { // B8.6
    show(List.of("a"), AdminFixture.DEWEY, System.nanoTime());
    sources.news.tell(Level.WARN, "huey failed: said \u202e<script>\r\n\u001b[2J");
    try (Looking looking = new Looking(admin, "/quick")) {
      String groups = looking.next("groups");
      assertTrue(groups.contains("said \\\"<img src=x>\\\\u202e"), groups);
      String happened = looking.next("happened");
      assertTrue(
          happened.contains("\"grade\":\"warn\",\"text\":\"huey failed: said \\\\u202e<script>"),
          happened);
    }
  }

  @Test
  void whoComesBackMissesNothingThatIsKept() throws Exception {
    sources.news.tell(Level.INFO, "first");
    try (Looking looking = new Looking(admin, "/quick")) {
      assertTrue(looking.next("happened").contains("\"text\":\"first\""));
      sources.news.tell(Level.ERROR, "second");
      String second = looking.next("happened");
      assertTrue(second.contains("\"grade\":\"bad\",\"text\":\"second\""), second);
    }
    IntStream.range(0, News.MOST_KEPT - 1).forEach(i -> sources.news.tell(Level.INFO, "n" + i));
    try (Looking looking = new Looking(admin, "/quick")) {
      String oldest = looking.next("happened");
      assertTrue(oldest.contains("\"id\":2,"), oldest);
      assertTrue(looking.next("happened").contains("\"text\":\"n0\""));
    }
  }

  @Test
  void oneMakingServesAllAndNobodyLookingCostsNothing() throws Exception {
    assertEquals(0, sources.groupsAsked.get());
    List<Looking> all = new ArrayList<>();
    try {
      for (int i = 0; i < LiveFeed.MOST_READERS; i++) {
        Looking looking = new Looking(admin, "/quick");
        all.add(looking);
        assertFalse(looking.next("counts").isEmpty());
      }
      HttpResponse<String> oneMore = admin.get("/quick");
      assertEquals(503, oneMore.statusCode());
      long before = sources.groupsAsked.get();
      long beganNanos = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        for (Looking looking : all) {
          assertFalse(looking.next("counts").isEmpty());
        }
      }
      long made = sources.groupsAsked.get() - before;
      long most = (System.nanoTime() - beganNanos) / PERIOD.toNanos() + 2;
      assertTrue(made <= most, made + " makings in the time of " + most);
    } finally {
      for (Looking looking : all) {
        looking.close();
      }
    }
    await(() -> feed.readers() == 0);
    int after = sources.groupsAsked.get();
    try (Looking another = new Looking(admin, "/api/v1/live")) {
      assertFalse(another.next("counts").isEmpty());
      assertFalse(another.next("counts").isEmpty());
    }
    // What is under way when the last one leaves is the last.
    assertTrue(sources.groupsAsked.get() <= after + 1);
  }

  @Test
  void slowReaderGetsTheNewestState() throws Exception {
    List<String> many = IntStream.range(0, 2_000).mapToObj(i -> "group" + i).toList();
    // Every making is news of every group.
    sources.groups =
        now -> many.stream().map(name -> group(name, now, AdminFixture.HUEY, now)).toList();
    try (Looking slow = new Looking(admin, "/quick")) {
      assertFalse(slow.next("hello").isEmpty());
      // Its buffers are filled, over and over again, while another one reads.
      try (Looking quick = new Looking(admin, "/quick")) {
        for (int i = 0; i < 20; i++) {
          assertFalse(quick.next("groups").isEmpty());
        }
      }
      show(List.of("last"), AdminFixture.HUEY, System.nanoTime());
      int heard = 0;
      String groups = slow.next("groups");
      while (!groups.contains("\"group\":\"last\"")) {
        heard++;
        groups = slow.next("groups");
      }
      assertTrue(heard < 20, heard + " states were kept for one who did not read");
    }
  }

  @Test
  void frontEndsOfTheSiteAreToldAndShownOnlyWhereSomethingIsShared() throws Exception {
    Map<String, Object> away =
        Map.of(
            "node",
            "mmp2",
            "own",
            false,
            "state",
            "away",
            "clients",
            7,
            "sameGroups",
            false,
            "version",
            "1.0.0");
    try (Looking looking = new Looking(admin, "/quick")) {
      assertFalse(looking.next("counts").contains("\"site\""));
      sources.site = List.of(away);
      String counts = looking.next("counts");
      while (!counts.contains("\"site\":[{")) {
        counts = looking.next("counts");
      }
      assertTrue(counts.contains("\"node\":\"mmp2\""), counts);
      assertTrue(counts.contains("\"state\":\"away\""), counts);
      sources.site = List.of();
      while (counts.contains("\"site\"")) {
        counts = looking.next("counts");
      }
    }
    String script = admin.get("/dashboard.js").body();
    assertTrue(script.contains("showSite(sample.site, sample.alone);"));
    for (String key : away.keySet()) {
      assertTrue(script.contains("each." + key), key);
    }
    assertTrue(script.contains("works alone: ${alone}"));
    assertTrue(admin.get("/").body().contains("<table id=\"site\">"));
    assertTrue(admin.get("/").body().contains("<p id=\"site-alone\""));
  }

  @Test
  void feedEndsWithItsListener() throws Exception {
    try (Looking looking = new Looking(admin, "/quick")) {
      assertFalse(looking.next("counts").isEmpty());
      admin.server.close();
      looking.awaitEnd();
    }
    await(() -> feed.readers() == 0);
  }

  @Test
  void feedNeedsTheTokenAndThePageDoesNot() throws Exception { // B8.7
    try (AdminFixture guarded = new AdminFixture("Token-of-the-dashboard-3Fd", LIMIT)) {
      assertEquals(401, guarded.get("/api/v1/live").statusCode());
      assertEquals(200, guarded.get("/").statusCode());
      assertEquals(200, guarded.get("/dashboard.js").statusCode());
    }
    assertEquals(0, sources.groupsAsked.get());
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html; charset=utf-8",
    "/dashboard.css, text/css; charset=utf-8",
    "/dashboard.js, text/javascript; charset=utf-8",
  })
  void pageTakesNothingFromElsewhere(String path, String type) throws Exception {
    HttpResponse<String> page = admin.get(path);
    assertEquals(type, page.headers().firstValue("Content-Type").orElse(""));
    assertEquals("nosniff", page.headers().firstValue("X-Content-Type-Options").orElse(""));
    assertEquals("no-referrer", page.headers().firstValue("Referrer-Policy").orElse(""));
    assertEquals(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src"
            + " data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        page.headers().firstValue("Content-Security-Policy").orElse(""));
    assertFalse(page.body().replace("http://www.w3.org/2000/svg", "").contains("://"), path);
    assertFalse(page.body().matches("(?s).*(innerHTML|outerHTML|insertAdjacent|eval\\().*"), path);
  }
}
