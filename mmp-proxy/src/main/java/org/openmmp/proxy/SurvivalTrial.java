package org.openmmp.proxy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.program.SharedRooms;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.StoreLink;

/**
 * Asks the stores of each group whose sessions are to outlive them whether they can: the group's
 * administrator logs in on behalf of its probe's user, as for a move, and what is offered then is
 * looked at (rule B9.6). Groups that name no such user are not asked.
 */
final class SurvivalTrial {
  private static final int AT_ONCE = 64;

  /** A host in one of those groups. */
  private record Place(ReplicationGroup group, StoreHost host, String user) {}

  private final SharedRooms rooms;
  private final Protocol protocol;
  private final Map<Place, String> answers = new ConcurrentHashMap<>();
  private final Semaphore turns = new Semaphore(AT_ONCE);

  SurvivalTrial(SharedRooms rooms, Protocol protocol) {
    this.rooms = rooms;
    this.protocol = protocol;
  }

  /** Whether there is anything to ask. */
  static boolean wanted(OpenMmpConfig config) {
    return !config.imap().listen().isEmpty()
        && config.groups().stream().anyMatch(SurvivalTrial::wanted);
  }

  private static boolean wanted(GroupConfig group) {
    return group.imap().survival().on()
        && !group.imap().adminName().isEmpty()
        && !group.probe().user().isEmpty();
  }

  /**
   * A sentence for each store where no session can be moved, or that was not heard.
   *
   * @param limit for all of them together
   */
  List<String> findings(OpenMmpConfig config, Duration limit) throws InterruptedException {
    List<Place> places = new ArrayList<>();
    for (GroupConfig each : config.groups()) {
      if (wanted(each)) {
        rooms.now().table().groups().stream()
            .filter(group -> group.name().equals(each.name()))
            .flatMap(
                group ->
                    group.hosts().stream().map(host -> new Place(group, host, each.probe().user())))
            .distinct()
            .forEach(places::add);
      }
    }
    long end = System.nanoTime() + limit.toNanos();
    for (Place place : places) {
      if (turns.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        ask(place);
      }
    }
    boolean all = turns.tryAcquire(AT_ONCE, end - System.nanoTime(), TimeUnit.NANOSECONDS);
    String late = all ? "" : not("it was not asked within " + limit.toSeconds() + " s");
    return places.stream()
        .filter(place -> !answers.getOrDefault(place, late).isEmpty())
        .map(
            place ->
                "survive-failover is on, and "
                    + place.host()
                    + " of the group "
                    + place.group().name()
                    + answers.getOrDefault(place, late))
        .toList();
  }

  private static String not(String why) {
    return " takes no session now that has lost its store: " + why;
  }

  private void ask(Place place) {
    StoreAccess access = rooms.now().routing(StoreService.IMAP).accessTo(place.group());
    ProbeDialogue dialogue =
        protocol.trial(StoreLogin.administrators(place.host(), access, place.user()));
    rooms.ask(
        place.host(),
        access,
        StoreLink.Purpose.LOGIN,
        dialogue,
        end -> {
          answers.put(place, answer(end, dialogue.seen()));
          turns.release();
        });
  }

  private String answer(ProbeDialogue.End end, HostTraits seen) {
    if (!end.greeted()) {
      return not(end.reason());
    }
    String offered =
        String.join(
            " ",
            seen.words().getOrDefault(HostTraits.Aspect.OFFERED_BEHIND_LOGIN, new TreeSet<>()));
    String lacking = protocol.lacking(offered);
    return lacking.isEmpty()
        ? ""
        : " lacks " + lacking + ": no session that has selected a mailbox can be moved there";
  }
}
