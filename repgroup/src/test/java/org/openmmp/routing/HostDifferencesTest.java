package org.openmmp.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/** In what hosts of a group differ, and when that is told (rule B2.39). */
class HostDifferencesTest {
  private static final StoreHost HUEY = new StoreHost("huey");
  private static final StoreHost DEWEY = new StoreHost("dewey");
  private static final StoreHost LOUIE = new StoreHost("louie");
  private static final List<StoreHost> HOSTS = List.of(HUEY, DEWEY, LOUIE);
  private static final ReplicationGroup GROUP = ReplicationGroup.of("one", HOSTS);
  private static final Service IMAP = new Service("imap");
  private static final Service POP3 = new Service("pop3");
  private static final Set<HostTraits.Kind> ALL = Set.of(HostTraits.Kind.values());
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(60);

  /** Near its overflow, as a clock of nanoseconds may be. */
  private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(100);

  private final HostDifferences differences = new HostDifferences();

  /**
   * What a host was seen with: {@code greeting; capabilities in the clear; under TLS; behind the
   * login; certificate; ahead ms+unsure ms}, each empty where it was not seen.
   */
  private static HostTraits traits(String words) {
    List<String> each = new ArrayList<>(List.of(words.split(";", -1)));
    while (each.size() < 6) {
      each.add("");
    }
    HostTraits seen = HostTraits.NONE;
    if (!each.get(0).isBlank()) {
      seen = seen.greeted(each.get(0).strip(), "host");
    }
    HostTraits.Aspect[] offers = {
      HostTraits.Aspect.OFFERED_IN_THE_CLEAR,
      HostTraits.Aspect.OFFERED_UNDER_TLS,
      HostTraits.Aspect.OFFERED_BEHIND_LOGIN
    };
    for (int i = 0; i < offers.length; i++) {
      if (!each.get(i + 1).isBlank()) {
        seen = seen.offering(offers[i], List.of(each.get(i + 1).strip().split(" ")));
      }
    }
    if (!each.get(4).isBlank()) {
      seen = seen.showing(List.of(each.get(4).strip().split(",")));
    }
    if (!each.get(5).isBlank()) {
      String[] clock = each.get(5).strip().split("\\+", -1);
      seen = new HostTraits(seen.words(), 0L, Long.parseLong(clock[0]), Long.parseLong(clock[1]));
    }
    return seen;
  }

  @ParameterizedTest // B2.39
  @CsvSource(
      delimiter = '|',
      value = {
        "ready        | ready        | ready   | {}",
        "ready        | ready        | go      | GREETING louie greets with go instead of ready",
        "go           | ready        | ready   | GREETING huey greets with go instead of ready",
        "a            | b            | c       | GREETING dewey greets with b instead of a;"
            + " louie greets with c instead of a",
        "; A B        | ; B A        | ; A B   | {}",
        "; A B        | ; A          | ; A B C | CAPABILITIES dewey lacks B in the clear;"
            + " louie has C besides in the clear",
        "; A B; A B   | ; A B; A     | ; A B   | CAPABILITIES dewey lacks B under TLS",
        // One alone was seen that far.
        "; A; A; A B  | ; A; A       | ; A; A  | {}",
        "; A; A; A B  | ; A; A; A    | ; A; A; A | CAPABILITIES huey has B besides behind the"
            + " login",
        ";;;; issuer X,key RSA | ;;;; issuer X,key RSA | ;;;; issuer Y,key RSA"
            + " | CERTIFICATE louie shows issuer Y instead of issuer X",
        ";;;;; 0+1000 | ;;;;; 9000+1000 | ;;;;; -9000+1000 | {}",
        ";;;;; 0+1000 | ;;;;; 75000+1000 | ;;;;; 100+1000"
            + " | CLOCK the clock of dewey is about 73 s ahead",
        ";;;;; 0+1000 | ;;;;; -75000+1000 | ready"
            + " | CLOCK the clock of dewey is about 74 s behind",
        // Its greeting took so long that it may be right.
        ";;;;; 0+1000 | ;;;;; -75000+80000 | ;;;;; 0+1000 | {}",
        ";;;;; 75000+1000 | ready | ready | {}",
      })
  void differencesAreToldByTheOddHosts(String huey, String dewey, String louie, String told) {
    Map<StoreHost, HostTraits> seen = new LinkedHashMap<>();
    seen.put(HUEY, traits(huey));
    seen.put(DEWEY, traits(dewey));
    seen.put(LOUIE, traits(louie));
    StringBuilder all = new StringBuilder();
    HostDifferences.between(seen)
        .forEach((kind, found) -> all.append(kind).append(' ').append(found.text()));
    assertEquals(told, all.isEmpty() ? "{}" : all.toString());
  }

  @Test // B2.39
  void twoHostsAreToldByTheSecond() {
    Map<StoreHost, HostTraits> seen = new LinkedHashMap<>();
    seen.put(HUEY, traits("ready; A;;;; 0+1000"));
    seen.put(DEWEY, traits("go; B;;;; 60000+1000"));
    HostDifferences.between(seen)
        .values()
        .forEach(found -> assertEquals(List.of(DEWEY), found.hosts()));
    assertEquals(3, HostDifferences.between(seen).size());
  }

  private void see(Service service, String huey, String dewey) {
    differences.probed(GROUP, service, HUEY, traits(huey), now);
    differences.probed(GROUP, service, DEWEY, traits(dewey), now);
  }

  /** What is told while that many seconds go by. */
  private List<String> after(int seconds) {
    List<String> told = new ArrayList<>();
    for (int i = 0; i < seconds; i++) {
      now += TimeUnit.SECONDS.toNanos(1);
      for (HostDifferences.News news : differences.look(GROUP, ALL, INTERVAL, now)) {
        told.add(
            news.gone()
                ? "gone " + news.kind()
                : news.kind() + " " + news.services() + " " + news.hosts());
      }
    }
    return told;
  }

  @Test // B2.39
  void differenceIsToldOnceAndItsEndOnce() {
    see(IMAP, "ready", "ready");
    assertEquals(List.of(), after(100));
    see(IMAP, "ready", "go");
    see(POP3, "ready", "go");
    assertEquals(List.of(), after(75));
    see(IMAP, "ready", "go");
    see(POP3, "ready", "go");
    assertEquals(List.of("GREETING [imap, pop3] [dewey]"), after(100));
    assertEquals(1, differences.count("one"));
    assertEquals(
        Map.of(HostTraits.Kind.GREETING, "dewey greets with go instead of ready"),
        differences.now("one", "imap"));
    see(POP3, "ready", "ready");
    see(IMAP, "ready", "going");
    assertEquals(List.of(), after(100));
    see(IMAP, "ready", "ready");
    see(POP3, "ready", "ready");
    assertEquals(List.of("gone GREETING"), after(100));
    assertEquals(0, differences.count("one"));
    assertEquals(Map.of(), differences.now("one", "imap"));
  }

  @Test // B2.39: a host that is started anew, or one strange greeting
  void shortDifferenceIsNotTold() {
    for (int i = 0; i < 20; i++) {
      see(IMAP, "ready", i % 2 == 0 ? "go" : "ready");
      assertEquals(List.of(), after(60));
    }
  }

  @Test // B2.39
  void differenceThatComesAndGoesIsToldEveryTenMinutesAtTheMost() {
    int warnings = 0;
    for (int minute = 0; minute < 60; minute++) {
      see(IMAP, "ready", minute / 2 % 2 == 0 ? "go" : "ready");
      warnings += (int) after(60).stream().filter(each -> !each.startsWith("gone")).count();
    }
    assertTrue(warnings >= 1 && warnings <= 6, () -> "an odd number of warnings");
  }

  @Test // B2.39
  void hostThatDoesNotGreetOrWasNotAskedLatelyIsNotCompared() {
    see(IMAP, "ready", "go");
    differences.probed(GROUP, IMAP, DEWEY, null, now);
    assertEquals(List.of(), after(120));
    see(IMAP, "ready", "go");
    for (int i = 0; i < 3; i++) {
      after(60);
      differences.probed(GROUP, IMAP, HUEY, traits("ready"), now);
    }
    assertEquals(1, differences.count("one"));
    for (int i = 0; i < 5; i++) {
      after(60);
      differences.probed(GROUP, IMAP, HUEY, traits("ready"), now);
    }
    assertEquals(0, differences.count("one"));
  }

  @Test // B2.39
  void kindsThatNobodyWantsComparedAreNotTold() {
    see(IMAP, "ready; A", "go; B");
    for (int i = 0; i < 100; i++) {
      now += TimeUnit.SECONDS.toNanos(1);
      for (HostDifferences.News news :
          differences.look(GROUP, Set.of(HostTraits.Kind.CAPABILITIES), INTERVAL, now)) {
        assertEquals(HostTraits.Kind.CAPABILITIES, news.kind());
      }
    }
    assertEquals(Set.of(HostTraits.Kind.CAPABILITIES), differences.now("one", "imap").keySet());
  }

  @Test // B2.39
  void groupThatIsGoneIsForgotten() {
    see(IMAP, "ready", "go");
    after(100);
    assertEquals(1, differences.count("one"));
    differences.keep(Set.of());
    assertEquals(0, differences.count("one"));
  }

  @Test // B2.39
  void textOfHostileHostsIsBounded() {
    Map<StoreHost, HostTraits> seen = new LinkedHashMap<>();
    for (int i = 0; i < 200; i++) {
      List<String> names = new ArrayList<>();
      for (int j = 0; j < 1000; j++) {
        names.add("X" + i + "Y".repeat(60) + j);
      }
      seen.put(
          new StoreHost("h" + i),
          HostTraits.NONE.offering(HostTraits.Aspect.OFFERED_UNDER_TLS, names));
    }
    HostDifferences.between(seen)
        .values()
        .forEach(each -> assertTrue(each.text().length() <= 400, each::text));
  }
}
