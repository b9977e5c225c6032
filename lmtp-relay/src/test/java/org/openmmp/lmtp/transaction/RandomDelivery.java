package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/** One message to many, with everything about it drawn by a seed, checked against the model. */
final class RandomDelivery {
  private static final List<String> REFUSALS =
      List.of("450 4.2.0 busy", "452 4.2.2 full", "550 5.1.1 gone", "552 5.2.2 over quota");
  private static final int MOST_GROUPS = 10;
  private static final int MOST_HOSTS = 3;

  private final long seed;
  private final Random random;
  private final RelayRig rig;
  private final List<String> recipients = new ArrayList<>();
  private final Map<String, DeliveryModel> models = new LinkedHashMap<>();
  private final Map<String, String> directorysWords = new LinkedHashMap<>();
  private final String message;

  RandomDelivery(long seed) {
    this.seed = seed;
    random = new Random(seed);
    List<ReplicationGroup> groups = new ArrayList<>();
    int count = 1 + random.nextInt(MOST_GROUPS);
    for (int i = 0; i < count; i++) {
      String[] hosts = new String[1 + random.nextInt(MOST_HOSTS)];
      for (int j = 0; j < hosts.length; j++) {
        hosts[j] = "g" + i + "h" + j;
      }
      groups.add(RelayRig.group("g" + i, hosts));
    }
    rig = new RelayRig(seed, groups);
    message = random.nextInt(10) == 0 ? "" : ".x\r\n" + "y".repeat(random.nextInt(3000)) + "\r\n";
    rig.hosts.values().forEach(this::draw);
    invite(groups);
  }

  private void draw(SimulatedHost host) {
    Fate[] fates = Fate.values();
    host.fate = random.nextInt(3) == 0 ? Fate.SERVES : fates[random.nextInt(fates.length)];
    if (random.nextInt(4) == 0) {
      host.extensions = List.of("8BITMIME");
    }
  }

  private void invite(List<ReplicationGroup> groups) {
    Map<ReplicationGroup, List<String>> byGroup = new LinkedHashMap<>();
    int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 100 : 8);
    for (int i = 0; i < count; i++) {
      String address = "r" + i + "@test";
      recipients.add(address);
      int lot = random.nextInt(20);
      if (lot == 0) {
        directorysWords.put(address, "550 5.1.1");
      } else if (lot == 1) {
        rig.directory.put(
            address, LookupResult.failed(LookupResult.Kind.DIRECTORY_DOWN, address, "down"));
        directorysWords.put(address, "451 4.4.3");
      } else {
        ReplicationGroup group = groups.get(random.nextInt(groups.size()));
        rig.user(address, group.name());
        byGroup.computeIfAbsent(group, any -> new ArrayList<>()).add(address);
        group.hosts().forEach(host -> drawReplies(rig.host(host.name()), address));
      }
    }
    byGroup.forEach(
        (group, all) -> {
          List<SimulatedHost> hosts =
              group.hosts().stream().map(StoreHost::name).map(rig::host).toList();
          DeliveryModel model = new DeliveryModel(hosts, all);
          all.forEach(each -> models.put(each, model));
        });
  }

  private void drawReplies(SimulatedHost host, String address) {
    if (random.nextInt(4) == 0) {
      host.rcptReplies.put(address, refusal());
    }
    if (random.nextInt(4) == 0) {
      host.finalReplies.put(address, refusal());
    }
  }

  private String refusal() {
    return REFUSALS.get(random.nextInt(REFUSALS.size()));
  }

  void run() {
    rig.connect();
    List<String> rcpt = sayEnvelope();
    List<String> accepted = new ArrayList<>();
    for (int i = 0; i < recipients.size(); i++) {
      if (rcpt.get(i).startsWith("250")) {
        accepted.add(recipients.get(i));
      }
    }
    List<String> data = rig.say("DATA");
    List<String> last = List.of();
    if (accepted.isEmpty()) {
      assertEquals(List.of("503 5.5.1 No valid recipients"), data, this::toString); // L5
    } else {
      assertTrue(data.get(0).startsWith("354"), this::toString);
      last = rig.send(stuffed() + ".\r\n");
    }
    List.copyOf(models.values()).stream().distinct().forEach(DeliveryModel::work);
    check(rcpt, accepted, last);
    rig.say("QUIT");
    assertEquals(0, rig.attemptsUnderWay(), this::toString);
  }

  private List<String> sayEnvelope() {
    List<String> replies = new ArrayList<>(rig.say("MAIL FROM:<s@test>"));
    int from = 0;
    while (from < recipients.size()) {
      int to = Math.min(recipients.size(), from + 1 + random.nextInt(60));
      replies.addAll(
          rig.say(
              recipients.subList(from, to).stream()
                  .map(each -> "RCPT TO:<" + each + ">")
                  .toArray(String[]::new)));
      from = to;
    }
    assertEquals(recipients.size() + 1, replies.size(), this::toString);
    return replies.subList(1, replies.size());
  }

  private String stuffed() {
    return (message.startsWith(".") ? "." : "") + message;
  }

  private void check(List<String> rcpt, List<String> accepted, List<String> last) {
    assertEquals(accepted.size(), last.size(), this::toString); // B5.3
    for (int i = 0; i < recipients.size(); i++) {
      DeliveryModel model = models.get(recipients.get(i));
      String expected =
          model == null
              ? Objects.requireNonNull(directorysWords.get(recipients.get(i)))
              : model.rcpt(recipients.get(i));
      assertBegins(expected, rcpt.get(i));
    }
    for (int i = 0; i < accepted.size(); i++) {
      String recipient = accepted.get(i);
      assertBegins(Objects.requireNonNull(models.get(recipient)).last(recipient), last.get(i));
      checkDeliveries(recipient, last.get(i));
    }
  }

  /** Nobody got it twice by the relay, and who is told of a delivery has it, whole (B5.4, B5.7). */
  private void checkDeliveries(String recipient, String last) {
    List<SimulatedHost.Delivery> got =
        rig.hosts.values().stream()
            .flatMap(host -> host.deliveries.stream())
            .filter(each -> each.recipients().contains(recipient))
            .toList();
    assertTrue(got.size() <= 1, () -> recipient + " got it twice, " + this);
    if (last.startsWith("250")) {
      assertEquals(1, got.size(), this::toString);
      assertTrue(got.get(0).replied().contains(recipient), this::toString);
    }
    got.forEach(each -> assertEquals(message, each.message(), this::toString));
  }

  private void assertBegins(String expected, String reply) {
    assertTrue(reply.startsWith(expected), () -> reply + " is not " + expected + ", " + this);
  }

  @Override
  public String toString() {
    return "seed " + seed;
  }
}
