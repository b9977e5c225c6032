package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.routing.Recovery;

class AdminPagesTest {
  private final AdminFixture admin = new AdminFixture("", Duration.ofSeconds(10));

  @AfterEach
  void close() {
    admin.close();
  }

  @ParameterizedTest
  @CsvSource({
    // live, started, draining: livez, startz, readyz
    "true, true, false, 200, 200, 200",
    "true, false, false, 200, 503, 503",
    "true, true, true, 200, 200, 503",
    "false, true, false, 503, 200, 503",
    "true, false, true, 200, 503, 503",
  })
  void loadBalancerHearsLiveStartedAndReady( // B8.2
      boolean live, boolean started, boolean draining, int livez, int startz, int readyz)
      throws Exception {
    admin.live = live;
    admin.started = started;
    admin.draining = draining;
    assertEquals(livez, admin.get("/livez").statusCode());
    assertEquals(startz, admin.get("/startz").statusCode());
    assertEquals(readyz, admin.get("/readyz").statusCode());
    assertEquals(draining, admin.get("/readyz").body().equals("draining\n"));
  }

  @Test
  void readyDoesNotDependOnTheStores() throws Exception { // B8.2
    admin.broken = true;
    assertEquals(200, admin.get("/readyz").statusCode());
  }

  @Test
  void metricsAreInPrometheusFormat() throws Exception { // B8.3
    HttpResponse<String> response = admin.get("/metrics");
    assertEquals("openmmp_x 1\n", response.body());
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        response.headers().firstValue("Content-Type").orElse(""));
  }

  @Test
  void groupsSayWhoIsMasterSinceWhenAndWhy() throws Exception { // B8.3
    admin.recovery = new Recovery(Set.of("cluster1"), Set.of("example.com"));
    admin.movable = Map.of("cluster1", Map.of("", 40, "notify", 2));
    HttpResponse<String> response = admin.get("/api/v1/groups");
    assertEquals(
        "{\"fingerprint\":\"f00d\",\"domainsInRecovery\":[\"example.com\"],"
            + "\"directory\":[{\"server\":\"ldap1:389\",\"state\":\"aside\",\"forSeconds\":62.5,\"restSeconds\":0.7,\"lastTrouble\":\"refused"
            + " \\u001b[31m\"},"
            + "{\"server\":\"[2001:db8::2]:389\",\"state\":\"up\",\"forSeconds\":4.0,"
            + "\"restSeconds\":0.0,\"lastTrouble\":\"\"},{\"server\":\"ldap3:389\","
            + "\"state\":\"untried\",\"forSeconds\":0.0,\"restSeconds\":0.0,\"lastTrouble\":\"\"}],"
            + "\"groups\":[{\"group\":\"cluster1\",\"service\":\"imap\","
            + "\"kind\":\"writer\",\"implicit\":false,\"master\":{\"host\":\"dewey\",\"forSeconds\":1.5,\"rule\":\"referred-by\",\"why\":\"a"
            + " store of the group referred to it:"
            + " huey\"},\"noMaster\":false,\"standbySiteActive\":false,\"preferred\":null,\"recovery\":true,\"waiting\":4,\"differences\":{\"clock\":\"the"
            + " clock of dewey is about 75 s ahead\"},\"hosts\":[{\"host\":\"huey\","
            + "\"state\":\"cooling\",\"coolDownLeftSeconds\":3.0,\"failuresInARow\":2,"
            + "\"lastOutcome\":\"unreachable\",\"lastReason\":\"said"
            + " \\\"\\u001b[31m\\u000d\\u000a\",\"attempts\":7,"
            + "\"attemptsUnderWay\":1,\"usualGreetingMillis\":null,"
            + "\"mostUnderWay\":64,\"mostPerSecond\":0,\"waiting\":0,\"standbySite\":false,"
            + "\"sessions\":3,\"use\":\"in-use\",\"full\":\"\"},{\"host\":\"dewey\","
            + "\"state\":\"unknown\",\"coolDownLeftSeconds\":0.0,\"failuresInARow\":0,\"lastOutcome\":null,\"lastReason\":\"\",\"attempts\":0,\"attemptsUnderWay\":0,\"usualGreetingMillis\":null,\"mostUnderWay\":64,\"mostPerSecond\":0,\"waiting\":0,\"standbySite\":true,\"sessions\":0,\"use\":\"in-use\",\"full\":\"\"}]},{\"group\":\"cluster1\",\"service\":\"imap\",\"kind\":\"reader\",\"implicit\":true,\"master\":null,\"noMaster\":true,\"standbySiteActive\":true,\"preferred\":\"dewey\",\"recovery\":true,\"waiting\":0,\"differences\":{\"clock\":\"the"
            + " clock of dewey is about 75 s"
            + " ahead\"},\"hosts\":[]}],\"movable\":{\"cluster1\":{\"movable\":40,\"not\":{\"notify\":2}}},\"moves\":{}}\n",
        response.body());
    assertEquals(
        "application/json; charset=utf-8",
        response.headers().firstValue("Content-Type").orElse(""));
    assertEquals("no-store", response.headers().firstValue("Cache-Control").orElse(""));
  }

  @Test
  void groupsAreAlsoThereForPeople() throws Exception { // B8.3
    HttpResponse<String> response = admin.get("/api/v1/groups?format=text");
    assertEquals(
        """
        group table f00d

        directory: 1 of 3 servers cannot be used
          server             state    for    tried again in  last trouble
          ldap1:389          aside    1m 3s  1s              refused \\u001b[31m
          [2001:db8::2]:389  up       4s     -               -
          ldap3:389          untried  -      -               -

        cluster1 imap: master dewey for 2s, a store of the group referred to it: huey; 4 waiting
          HOSTS DIFFER in clock: the clock of dewey is about 75 s ahead
          host   state                  cool-down left  attempts  sessions  last answer
          huey   cooling                3s              7         3         unreachable: said "\\u001b[31m\\r\\n (2 failures in a row)
          dewey  unknown, standby site  -               0         0         -

        cluster1 imap, reader, not configured: not used yet; NO HOST IS MASTER; dewey preferred; standby site active
          HOSTS DIFFER in clock: the clock of dewey is about 75 s ahead
          host  state  cool-down left  attempts  sessions  last answer
        """,
        response.body());
    assertEquals(
        "text/plain; charset=utf-8", response.headers().firstValue("Content-Type").orElse(""));
    assertEquals(
        admin.get("/api/v1/groups").body(), admin.get("/api/v1/groups?format=json").body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"?format", "?format=xml", "?format=text&format=text", "?user=a", "?&"})
  void badQueryForGroupsIsRefused(String query) throws Exception {
    assertEquals(400, admin.get("/api/v1/groups" + query).statusCode());
  }

  @Test
  void explainTellsTheWayOfALoginName() throws Exception { // B8.4
    HttpResponse<String> response = admin.get("/api/v1/explain?user=ada%40example.com");
    assertEquals(
        "{\"login\":\"ada@example.com\",\"service\":\"imap\",\"directory\":\"found\","
            + "\"freshness\":\"cached\",\"ageSeconds\":12.5,\"reason\":\"\",\"entry\":\"uid=ada,dc=example,dc=com\","
            + "\"mailHost\":\"cluster1\",\"storeName\":\"ada\",\"group\":\"cluster1\",\"implicit\":false,\"groupReason\":\"group"
            + " of that"
            + " name\",\"order\":[{\"host\":\"dewey\",\"usable\":true,\"rule\":\"affinity\",\"why\":\"the"
            + " affinity"
            + " host\"},{\"host\":\"huey\",\"usable\":false,\"rule\":\"cooling-down\",\"why\":\"passed"
            + " over while in cool-down: 3 s left\",\"lastAnswer\":\"unreachable: refused"
            + " \\u001b[31m\"}]}\n",
        response.body());
  }

  @Test
  void explainIsAlsoThereForPeople() throws Exception { // B8.4
    assertEquals(
        """
        login name   ada@example.com (imap)
        directory    found (cached for 13s)
        entry        uid=ada,dc=example,dc=com
        mail host    cluster1
        store name   ada
        group        cluster1: group of that name
          1. dewey: the affinity host
          -  huey: passed over while in cool-down: 3 s left; its last answer: unreachable: refused \\u001b[31m
        """,
        admin.get("/api/v1/explain?user=ada&format=text").body());
  }

  @Test
  void explainTellsOfNamesThatLeadNowhere() throws Exception { // B8.4
    var unknown =
        LookupResult.failed(
            LookupResult.Kind.NO_SUCH_USER, "x\u001b[2J@example.com", "no entry matches");
    admin.explanation =
        CompletableFuture.completedFuture(
            new Explanation(AdminFixture.IMAP, unknown, null, List.of(), Map.of()));
    String text = admin.get("/api/v1/explain?user=x&format=text").body();
    assertTrue(text.contains("directory    no-such-user (looked-up)\nreason       no entry"), text);
    assertFalse(text.contains("\u001b"), text);
    assertTrue(admin.get("/api/v1/explain?user=x").body().contains("\"order\":[]"));

    Explanation known = AdminFixture.explanationOf("ada");
    var ambiguous = GroupMatch.none(GroupMatch.Kind.AMBIGUOUS, "in group a and group b");
    admin.explanation =
        CompletableFuture.completedFuture(
            new Explanation(AdminFixture.IMAP, known.lookup(), ambiguous, List.of(), Map.of()));
    String twice = admin.get("/api/v1/explain?user=x&format=text").body();
    assertTrue(twice.contains("group        ambiguous: in group a and group b\n"), twice);
    assertTrue(admin.get("/api/v1/explain?user=x").body().contains("\"group\":null"));
  }

  @ParameterizedTest
  @CsvSource({
    "user=ada, ada imap",
    "user=ada&service=pop3, ada pop3",
    "service=lmtp&user=a%2Bb%26c%3Dd, a+b&c=d lmtp",
    "user=ada+detail@example.com, ada+detail@example.com imap",
    "user=%C3%A9, é imap",
    "user=%2e%2e%2f, ../ imap",
    "user=ada&client=192.0.2.7, ada imap 192.0.2.7",
    "user=ada&client=2001%3Adb8%3A%3A7, ada imap 2001:db8::7",
  })
  void queryIsDecodedOnce(String query, String asked) throws Exception {
    assertEquals(200, admin.get("/api/v1/explain?" + query).statusCode());
    assertEquals(asked, admin.askedUser);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "?user",
        "?user=",
        "?user=a&user=b",
        "?user=a&x=1",
        "?user=%00",
        "?user=%0d%0a",
        "?user=%C3",
        "?user=%C0%AF",
        "?user=a&service=",
        "?user=a&service=IMAP",
        "?user=a&service=imapimapimapimapimap",
        "?user=a&service=../x",
        "?user=a&format=xml",
        "?user=a&client=",
        "?user=a&client=example.com",
        "?user=a&client=192.0.2.7/24",
        "?user=a&&service=imap",
      })
  void badQueryIsRefused(String query) throws Exception {
    assertEquals(400, admin.get("/api/v1/explain" + query).statusCode());
    assertEquals("", admin.askedUser);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "%4\u0131"})
  void brokenPercentIsRefused(String value) throws Exception {
    String answer =
        admin.raw("GET /api/v1/explain?user=" + value + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals(400, AdminFixture.status(answer));
  }

  @Test
  void pageThatFailsTellsNothingOfWhy() throws Exception {
    admin.broken = true;
    HttpResponse<String> groups = admin.get("/api/v1/groups");
    assertEquals(500, groups.statusCode());
    assertFalse(groups.body().contains("purpose"), groups.body());
    admin.explanation = CompletableFuture.failedFuture(new IllegalStateException("on purpose"));
    assertEquals(500, admin.get("/api/v1/explain?user=ada").statusCode());
  }
}
