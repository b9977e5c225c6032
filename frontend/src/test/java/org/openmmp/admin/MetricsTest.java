package org.openmmp.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener.CoolDownNews;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

class MetricsTest {
  private enum Failure {
    BAD_CREDENTIALS(Cause.CLIENT),
    NO_MASTER(Cause.STORE);

    private final Cause cause;

    Failure(Cause cause) {
      this.cause = cause;
    }

    Cause cause() {
      return cause;
    }
  }

  private enum Cause {
    CLIENT,
    STORE
  }

  private enum Answer {
    DELIVERED,
    DEFERRED,
    REFUSED
  }

  private enum Phase {
    LOOKING_UP,
    CONNECTING
  }

  private static final Service IMAP = new Service("imap");
  private static final StoreHost HUEY = new StoreHost("huey");
  private static final StoreHost DEWEY = new StoreHost("dewey");
  private static final StoreHost STRANGER = new StoreHost("stranger.example");
  private static final ReplicationGroup CLUSTER = ReplicationGroup.of("c1", List.of(HUEY, DEWEY));
  private static final String C1 = "{group=\"c1\",service=\"imap\"}";

  private int most = 200;
  private final Metrics metrics = new Metrics(List.of(CLUSTER), () -> most);

  @AfterEach
  void close() {
    metrics.close();
  }

  private void assertLine(String meter, String value) {
    String scraped = metrics.scrape();
    assertTrue(scraped.contains("\n" + meter + " " + value + "\n"), meter + " in\n" + scraped);
  }

  @Test
  void recipientsAreCountedByGroupAndLastAnswer() { // B8.3
    var deliveries = metrics.deliveries(new Service("lmtp"), Phase.class, Answer.class);
    deliveries.opened();
    deliveries.transactionEnded(5_000, 30_000_000);
    deliveries.deliveryEnded(1, Map.of(Phase.CONNECTING, 2_000_000L));
    deliveries.recipientEnded("c1", Answer.DELIVERED);
    deliveries.recipientEnded("c1", Answer.DEFERRED);
    deliveries.recipientEnded("c1", Answer.DEFERRED);
    deliveries.recipientEnded("", Answer.REFUSED);
    deliveries.mailboxMissing("c1");
    assertLine("openmmp_sessions_open{service=\"lmtp\"}", "1.0");
    assertLine(
        "openmmp_recipients_total{answer=\"delivered\",group=\"c1\",service=\"lmtp\"}", "1.0");
    assertLine(
        "openmmp_recipients_total{answer=\"deferred\",group=\"c1\",service=\"lmtp\"}", "2.0");
    assertLine(
        "openmmp_recipients_total{answer=\"refused\",group=\"other\",service=\"lmtp\"}", "1.0");
    assertLine("openmmp_mailboxes_missing_total{group=\"c1\",service=\"lmtp\"}", "1.0");
    assertLine("openmmp_transaction_seconds_count{service=\"lmtp\"}", "1");
    assertLine("openmmp_delivery_phase_seconds_count{phase=\"connecting\",service=\"lmtp\"}", "1");
    assertLine("openmmp_message_bytes_total{service=\"lmtp\"}", "5000.0");
    assertLine("openmmp_delivery_hops_total{service=\"lmtp\"}", "1.0");
    deliveries.closed();
    assertLine("openmmp_sessions_open{service=\"lmtp\"}", "0.0");
  }

  @Test
  void connectionsForDeliveriesAreCountedAtTheirHosts() { // B2.26, B8.3
    var deliveries = metrics.deliveries(new Service("lmtp"), Phase.class, Answer.class);
    String huey = "openmmp_store_sessions{group=\"c1\",host=\"huey\",service=\"lmtp\"}";
    String other = "openmmp_store_sessions{group=\"other\",host=\"other\",service=\"lmtp\"}";
    assertLine(huey, "0.0");
    Runnable first = deliveries.connected("c1", "huey");
    Runnable second = deliveries.connected("c1", "huey");
    Runnable stranger = deliveries.connected("somewhere.example", "somewhere.example");
    assertLine(huey, "2.0");
    assertLine(other, "1.0");
    assertEquals(Map.of("huey", 2L), metrics.counts().get("hosts"));
    first.run();
    stranger.run();
    assertLine(huey, "1.0");
    assertLine(other, "0.0");
    // The host leaves the configuration, and goes with its last connection.
    metrics.follow(List.of(ReplicationGroup.of("c2", List.of(DEWEY))));
    assertLine(huey, "1.0");
    second.run();
    assertFalse(metrics.scrape().contains("huey"), metrics.scrape());
    // It comes again, with a meter of its own.
    metrics.follow(List.of(CLUSTER));
    Runnable third = deliveries.connected("c1", "huey");
    metrics.follow(List.of(CLUSTER));
    assertLine(huey, "1.0");
    third.run();
    assertLine(huey, "0.0");
  }

  @Test
  void sessionsAndLoginsAreCountedByServiceGroupAndOutcome() { // B8.3
    var sessions = metrics.sessions(IMAP, Failure.class, Phase.class, Failure::cause);
    for (int i = 0; i < 4; i++) {
      sessions.opened();
    }
    Map<Phase, Long> spent = Map.of(Phase.LOOKING_UP, 2_000_000L, Phase.CONNECTING, 20_000_000L);
    sessions.loginEnded(null, "c1", "huey", 2, false, spent);
    sessions.loginEnded(null, "somewhere.example", "somewhere.example", 0, true, spent);
    sessions.loginEnded(
        Failure.NO_MASTER, "c1", "", 0, false, Map.of(Phase.LOOKING_UP, 2_000_000L));
    sessions.loginEnded(Failure.BAD_CREDENTIALS, "", "", 0, false, Map.of());
    sessions.closed(null, "", "logout", 0, 0);
    sessions.closed("somewhere.example", "somewhere.example", "client-vanished", 10, 200);
    assertLine("openmmp_sessions_total{service=\"imap\"}", "4.0");
    assertLine("openmmp_sessions_open{service=\"imap\"}", "2.0");
    assertLine("openmmp_sessions_relaying" + C1, "1.0");
    assertLine("openmmp_sessions_relaying{group=\"other\",service=\"imap\"}", "0.0");
    assertLine("openmmp_logins_total{outcome=\"accepted\",service=\"imap\"}", "2.0");
    assertLine("openmmp_logins_total{outcome=\"bad-credentials\",service=\"imap\"}", "1.0");
    assertLine("openmmp_logins_total{outcome=\"no-master\",service=\"imap\"}", "1.0");
    assertLine("openmmp_logins_read_only_total{group=\"other\",service=\"imap\"}", "1.0");
    assertLine("openmmp_referral_hops_total{service=\"imap\"}", "2.0");
    assertLine("openmmp_sessions_ended_total{reason=\"client-vanished\",service=\"imap\"}", "1.0");
    assertLine("openmmp_bytes_total{direction=\"to-store\",service=\"imap\"}", "10.0");
    assertLine("openmmp_bytes_total{direction=\"to-client\",service=\"imap\"}", "200.0");
    assertLine("openmmp_login_phase_seconds_count{phase=\"looking-up\",service=\"imap\"}", "3");
    assertLine(
        "openmmp_login_phase_seconds_bucket{phase=\"connecting\",service=\"imap\",le=\"0.03\"}",
        "2");
    assertLine(
        "openmmp_login_phase_seconds_bucket{phase=\"connecting\",service=\"imap\",le=\"0.01\"}",
        "0");
    assertLine("openmmp_login_seconds_count{service=\"imap\"}", "4");
    assertLine("openmmp_login_seconds_sum{service=\"imap\"}", "0.046");
    String huey = "{group=\"c1\",host=\"huey\",service=\"imap\"}";
    assertLine("openmmp_store_sessions" + huey, "1.0");
    assertLine("openmmp_store_logins_total" + huey, "1.0");
    String other = "{group=\"other\",host=\"other\",service=\"imap\"}";
    assertLine("openmmp_store_sessions" + other, "0.0");
    assertLine("openmmp_store_logins_total" + other, "1.0");
    assertLine("openmmp_login_failures_total{cause=\"client\",service=\"imap\"}", "1.0");
    assertLine("openmmp_login_failures_total{cause=\"store\",service=\"imap\"}", "1.0");
    assertEquals(List.of("bad-credentials"), metrics.refusals());
    sessions.closed("c1", "huey", "store-silent", 0, 0);
    assertLine("openmmp_store_sessions" + huey, "0.0");
  }

  @Test
  void metersAreThereBeforeAnythingHappens() { // B8.3: a rate needs its zero
    metrics.sessions(IMAP, Failure.class, Phase.class, Failure::cause);
    assertLine("openmmp_logins_total{outcome=\"accepted\",service=\"imap\"}", "0.0");
    assertLine("openmmp_sessions_relaying" + C1, "0.0");
  }

  @Test
  void masterAndFailoversAreToldByGroup() { // B8.3
    var selection = metrics.selection();
    selection.affinityChanged(CLUSTER, IMAP, null, HUEY, "first of the list");
    assertLine("openmmp_group_master{group=\"c1\",host=\"huey\",service=\"imap\"}", "1.0");
    assertLine("openmmp_group_master{group=\"c1\",host=\"dewey\",service=\"imap\"}", "0.0");
    assertLine("openmmp_failovers_total" + C1, "0.0");
    selection.affinityChanged(CLUSTER, IMAP, HUEY, null, "failed");
    assertLine("openmmp_group_master{group=\"c1\",host=\"huey\",service=\"imap\"}", "0.0");
    assertLine("openmmp_group_master_age_seconds" + C1, "NaN");
    selection.affinityChanged(CLUSTER, IMAP, null, HUEY, "answered again");
    assertLine("openmmp_failovers_total" + C1, "0.0");
    selection.affinityChanged(CLUSTER, IMAP, HUEY, DEWEY, "referred");
    assertLine("openmmp_failovers_total" + C1, "1.0");
    assertLine("openmmp_affinity_changes_total" + C1, "4.0");
    assertLine("openmmp_group_master{group=\"c1\",host=\"dewey\",service=\"imap\"}", "1.0");
    assertFalse(metrics.scrape().contains("openmmp_group_master_age_seconds" + C1 + " NaN"));
  }

  @Test
  void attemptsAndTroubleAreToldByHost() { // B8.3
    var selection = metrics.selection();
    var pop3 = new Service("pop3");
    var news =
        new CoolDownNews(AttemptOutcome.UNREACHABLE, "refused", 1, Duration.ofSeconds(5), true);
    selection.attemptEnded(CLUSTER, IMAP, HUEY, AttemptOutcome.UNREACHABLE);
    selection.attemptEnded(CLUSTER, IMAP, DEWEY, AttemptOutcome.ACCEPTED);
    selection.attemptEnded(CLUSTER, IMAP, DEWEY, AttemptOutcome.ACCEPTED);
    selection.attemptEnded(CLUSTER, pop3, DEWEY, AttemptOutcome.ACCEPTED);
    selection.coolDownBegan(CLUSTER, IMAP, HUEY, news);
    selection.recovered(CLUSTER, IMAP, HUEY);
    selection.referred(CLUSTER, IMAP, DEWEY, HUEY);
    selection.noMaster(CLUSTER, IMAP, Duration.ofSeconds(1));
    selection.onlyStandbySiteLeft(CLUSTER, IMAP, Set.of(DEWEY));
    selection.servedElsewhere(CLUSTER, IMAP, HUEY, DEWEY, true);
    selection.servedElsewhere(CLUSTER, IMAP, HUEY, DEWEY, false);
    selection.networkGone(false);
    assertLine("openmmp_network_gone", "1.0");
    selection.networkBack();
    assertLine("openmmp_network_gone", "0.0");
    String huey = "{group=\"c1\",host=\"huey\",service=\"imap\"}";
    assertLine("openmmp_store_cool_downs_total" + huey, "1.0");
    assertLine("openmmp_store_recoveries_total" + huey, "1.0");
    assertLine("openmmp_referrals_total" + C1, "1.0");
    assertLine("openmmp_rounds_without_master_total" + C1, "1.0");
    assertLine("openmmp_only_standby_site_left_total" + C1, "1.0");
    assertLine("openmmp_rival_masters_total" + C1, "1.0");
    assertLine("openmmp_served_elsewhere_total" + C1, "1.0");
    String attempts = "openmmp_store_attempts_total{group=\"c1\",host=";
    assertLine(attempts + "\"huey\",outcome=\"unreachable\",service=\"imap\"}", "1.0");
    assertLine(attempts + "\"dewey\",outcome=\"accepted\",service=\"imap\"}", "2.0");
    assertLine(attempts + "\"dewey\",outcome=\"accepted\",service=\"pop3\"}", "1.0");
  }

  /** Without those of the Java machine, whose collector may add some at any time. */
  private long ownMeters() {
    return metrics.scrape().lines().filter(each -> each.startsWith("openmmp_")).count();
  }

  @Test
  void namesThatNoConfigurationHasMakeNoMeters() { // R13, P2
    var selection = metrics.selection();
    selection.attemptEnded(CLUSTER, IMAP, STRANGER, AttemptOutcome.ACCEPTED);
    // An outcome has a series from its first time on.
    selection.attemptEnded(CLUSTER, IMAP, STRANGER, AttemptOutcome.UNREACHABLE);
    selection.attemptEnded(ReplicationGroup.implicit(HUEY), IMAP, HUEY, AttemptOutcome.UNREACHABLE);
    long before = ownMeters();
    for (int i = 0; i < 1_000; i++) {
      StoreHost host = new StoreHost("h" + i);
      selection.attemptEnded(
          ReplicationGroup.implicit(host), IMAP, host, AttemptOutcome.UNREACHABLE);
      selection.affinityChanged(ReplicationGroup.implicit(host), IMAP, null, host, "only host");
      selection.attemptEnded(CLUSTER, IMAP, host, AttemptOutcome.UNREACHABLE);
    }
    assertEquals(before, ownMeters());
    String other = "{group=\"other\",host=\"other\",outcome=\"unreachable\",service=\"imap\"}";
    assertLine("openmmp_store_attempts_total" + other, "1001.0");
    assertLine("openmmp_failovers_total{group=\"other\",service=\"imap\"}", "0.0");
  }

  @Test
  void directoryTimeAndCacheHitsAreCounted() { // B8.3
    var directory = metrics.directory();
    directory.onLookup(Kind.FOUND, Freshness.LOOKED_UP, 5_000_000);
    directory.onLookup(Kind.FOUND, Freshness.CACHED, 1_000);
    directory.onLookup(Kind.NO_SUCH_USER, Freshness.CACHED, 1_000);
    directory.onServerState("ldap1:389", false);
    directory.onServerState("ldap2:389", true);
    directory.onTurnedAway();
    assertLine("openmmp_directory_lookups_total{source=\"cached\"}", "2.0");
    assertLine("openmmp_directory_lookups_total{source=\"looked-up\"}", "1.0");
    assertLine("openmmp_directory_results_total{result=\"found\"}", "2.0");
    assertLine("openmmp_directory_seconds_count", "1");
    assertLine("openmmp_directory_seconds_sum", "0.005");
    assertLine("openmmp_directory_server_up{server=\"ldap1:389\"}", "0.0");
    assertLine("openmmp_directory_server_up{server=\"ldap2:389\"}", "1.0");
    assertLine("openmmp_directory_server_behind{server=\"ldap1:389\"}", "0.0");
    assertLine("openmmp_directory_turned_away_total", "1.0");
  }

  @Test
  void refusedClientsAreCountedByKind() { // B8.8
    metrics.refusals(IMAP, Failure.class).count(Failure.NO_MASTER);
    assertLine("openmmp_clients_refused_total{reason=\"no-master\",service=\"imap\"}", "1.0");
  }

  @Test
  void processAndOtherValuesAreReadAtEachScrape() { // B8.3
    double[] value = {1};
    metrics.gauge("openmmp.direct.memory.bytes", "Octets outside the heap", () -> value[0]);
    assertLine("openmmp_direct_memory_bytes", "1.0");
    value[0] = 2;
    assertLine("openmmp_direct_memory_bytes", "2.0");
    String scraped = metrics.scrape();
    for (String meter : List.of("jvm_memory_used_bytes", "jvm_threads_live_threads", "jvm_gc_")) {
      assertTrue(scraped.contains(meter), meter);
    }
  }

  @Test
  void metersFollowTheGroupsThatThereAre() { // B7.3, B8.3
    var sessions = metrics.sessions(IMAP, Failure.class, Phase.class, Failure::cause);
    sessions.loginEnded(null, "c1", "huey", 0, false, Map.of());
    metrics.follow(List.of(ReplicationGroup.of("c2", List.of(DEWEY))));
    String page = metrics.scrape();
    assertTrue(page.contains("openmmp_sessions_relaying{group=\"c1\",service=\"imap\"} 1.0"), page);
    assertTrue(page.contains("openmmp_sessions_relaying{group=\"c2\",service=\"imap\"} 0.0"), page);
    sessions.closed("c1", "huey", "store-silent", 0, 0);
    page = metrics.scrape();
    assertFalse(page.contains("c1"), page);
    assertTrue(page.contains("openmmp_sessions_relaying{group=\"other\",service=\"imap\"} 0.0"));
  }

  private static List<ReplicationGroup> groups(int number) {
    return Stream.iterate(0, i -> i < number, i -> i + 1)
        .map(
            i ->
                ReplicationGroup.of(
                    "g" + i,
                    List.of(
                        new StoreHost("a" + i), new StoreHost("b" + i), new StoreHost("c" + i))))
        .toList();
  }

  @Test
  void manyGroupsAreToldAsOne() { // B8.3
    var sessions = metrics.sessions(IMAP, Failure.class, Phase.class, Failure::cause);
    var deliveries = metrics.deliveries(new Service("lmtp"), Phase.class, Answer.class);
    metrics.states(
        name -> name.equals("g7") ? 31 : 0, any -> 0, any -> 1, any -> 0, any -> 0, any -> 0);
    List<ReplicationGroup> many = groups(10_000);
    metrics.follow(many);
    var selection = metrics.selection();
    for (int i = 0; i < many.size(); i++) {
      ReplicationGroup group = many.get(i);
      for (StoreHost host : group.hosts()) {
        selection.attemptEnded(group, IMAP, host, AttemptOutcome.ACCEPTED);
        sessions.loginEnded(null, group.name(), host.name(), 0, false, Map.of());
      }
      selection.affinityChanged(group, IMAP, null, group.hosts().get(0), "first of the list");
      deliveries.recipientEnded(group.name(), Answer.DELIVERED);
    }
    selection.affinityChanged(
        many.get(3), IMAP, many.get(3).hosts().get(0), many.get(3).hosts().get(1), "referred");
    String page = metrics.scrape();
    assertTrue(page.length() < 100_000, page.length() + " octets");
    assertTrue(ownMeters() < 250, ownMeters() + " series");
    String rest = "{group=\"rest\",service=\"imap\"}";
    String everyHost = "{group=\"rest\",host=\"rest\",service=\"imap\"}";
    assertLine("openmmp_sessions_relaying" + rest, "30000.0");
    assertLine("openmmp_store_sessions" + everyHost, "30000.0");
    assertLine("openmmp_store_logins_total" + everyHost, "30000.0");
    assertLine("openmmp_failovers_total" + rest, "1.0");
    assertLine("openmmp_rival_masters_total" + rest, "0.0");
    assertLine(
        "openmmp_store_attempts_total{group=\"rest\",host=\"rest\",outcome=\"accepted\","
            + "service=\"imap\"}",
        "30000.0");
    assertLine(
        "openmmp_recipients_total{answer=\"delivered\",group=\"rest\",service=\"lmtp\"}",
        "10000.0");
    assertLine("openmmp_group_waiting{group=\"rest\"}", "10000.0");
    // A group in trouble is named all the same.
    assertLine("openmmp_group_without_master_seconds{group=\"g7\"}", "31.0");
    assertLine("openmmp_group_without_master_seconds{group=\"rest\"}", "0.0");
    assertFalse(page.contains("openmmp_group_master{"), page);
    // Whoever asks for one group hears of that, and of nothing else.
    String one = metrics.scrape(Set.of("g3"));
    assertTrue(
        one.contains("\nopenmmp_group_master{group=\"g3\",host=\"b3\",service=\"imap\"} 1.0\n"),
        one);
    assertTrue(one.contains("\nopenmmp_failovers_total{group=\"g3\",service=\"imap\"} 1.0\n"), one);
    assertTrue(one.contains("\nopenmmp_group_waiting{group=\"g3\"} 1.0\n"), one);
    assertTrue(
        one.lines().allMatch(line -> line.startsWith("# ") || line.contains("group=\"g3\"")), one);
    assertEquals("", metrics.scrape(Set.of("g10001")));
  }

  @Test
  void groupsInTroubleAreNamedUpToAsManyAsHaveSeriesOfTheirOwn() { // B8.3
    most = 2;
    metrics.states(any -> 5, any -> 0, any -> 0, any -> 0, any -> 0, any -> 1);
    metrics.follow(groups(10));
    String page = metrics.scrape();
    for (String metric :
        List.of("openmmp_group_without_master_seconds", "openmmp_group_recovery")) {
      assertEquals(
          List.of("g0", "g1", "rest"),
          page.lines()
              .filter(line -> line.startsWith(metric))
              .map(line -> line.replaceFirst(".*group=\"(\\w+)\".*", "$1"))
              .toList());
    }
    assertLine("openmmp_group_without_master_seconds{group=\"rest\"}", "5.0");
  }

  @Test
  void outcomesThatNeverWereHaveNoSeries() { // B8.3
    metrics.sessions(IMAP, Failure.class, Phase.class, Failure::cause);
    metrics.follow(groups(200));
    String attempts = "openmmp_store_attempts_total{";
    long before = ownMeters();
    assertFalse(metrics.scrape().contains(attempts));
    ReplicationGroup used = groups(8).get(7);
    metrics.selection().attemptEnded(used, IMAP, used.hosts().get(0), AttemptOutcome.ACCEPTED);
    assertEquals(1, metrics.scrape().lines().filter(line -> line.startsWith(attempts)).count());
    // Those that an alert needs as zeros are there for each group that somebody came for.
    assertLine("openmmp_failovers_total{group=\"g7\",service=\"imap\"}", "0.0");
    assertLine("openmmp_store_cool_downs_total{group=\"g7\",host=\"c7\",service=\"imap\"}", "0.0");
    assertTrue(ownMeters() - before < 40, ownMeters() - before + " series");
  }
}
