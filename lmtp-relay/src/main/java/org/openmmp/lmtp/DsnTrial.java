package org.openmmp.lmtp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openmmp.config.StoreService;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.store.RelayProbe;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.lmtp.transaction.RelaySettings;
import org.openmmp.program.SharedRooms;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.StoreLink;

/**
 * Asks every store whether it has DSN, as a delivery would ask: where the relay offers it, an MTA
 * hands its duty to report over to whichever store the recipient has (rule B5.1).
 */
final class DsnTrial {
  private static final int AT_ONCE = 64;

  /** A host in one of its groups. */
  private record Place(ReplicationGroup group, StoreHost host) {}

  private final SharedRooms rooms;
  private final RelaySettings settings;
  private final Routing routing;
  private final Queue<Place> waiting = new ConcurrentLinkedQueue<>();
  private final Map<Place, String> answers = new ConcurrentHashMap<>();
  private final List<Place> places = new ArrayList<>();
  private final CountDownLatch unanswered;

  DsnTrial(SharedRooms rooms, RelaySettings settings) {
    this.rooms = rooms;
    this.settings = settings;
    routing = rooms.now().routing(StoreService.LMTP);
    Map<String, ReplicationGroup> groups = new TreeMap<>();
    rooms.now().table().groups().forEach(group -> groups.put(group.name(), group));
    for (ReplicationGroup group : groups.values()) {
      group.hosts().stream().distinct().forEach(host -> places.add(new Place(group, host)));
    }
    waiting.addAll(places);
    unanswered = new CountDownLatch(places.size());
  }

  /**
   * A sentence for each store that has it not, or was not heard.
   *
   * @param limit for all of them together
   */
  List<String> findings(Duration limit) throws InterruptedException {
    for (int i = 0; i < Math.min(AT_ONCE, places.size()); i++) {
      askNext();
    }
    boolean all = unanswered.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    waiting.clear();
    String late = all ? "" : "it was not asked within " + limit.toSeconds() + " s";
    return places.stream()
        .map(place -> finding(place, answers.getOrDefault(place, unknown(late))))
        .filter(finding -> !finding.isEmpty())
        .toList();
  }

  private static String finding(Place place, String answer) {
    return answer.isEmpty()
        ? ""
        : "openmmp.lmtp.dsn is on, and "
            + place.host()
            + " of the group "
            + place.group().name()
            + answer;
  }

  private static String unknown(String why) {
    return " could not be asked whether it has DSN: " + why;
  }

  private void askNext() {
    Place place = waiting.poll();
    if (place != null) {
      ask(place);
    }
  }

  private void ask(Place place) {
    StoreAccess access = routing.accessTo(place.group());
    RelayProbe probe =
        new RelayProbe(
            settings.introduction(), new StorePlace(place.host(), place.group(), access, Map.of()));
    rooms.ask(
        place.host(),
        access,
        StoreLink.Purpose.PROBE,
        probe,
        end -> answered(place, answer(end, probe)));
  }

  private void answered(Place place, String answer) {
    answers.put(place, answer);
    unanswered.countDown();
    askNext();
  }

  private static String answer(ProbeDialogue.End end, RelayProbe probe) {
    if (!end.greeted()) {
      return unknown(end.reason());
    }
    return probe.offers(Extension.DSN)
        ? ""
        : " has no DSN: whoever asks for a report about a recipient there gets none";
  }
}
