package org.openmmp.repgroup;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Three stores that die, hang, come back, elect masters and sometimes two of them. */
final class SimulatedStores {
  /** What a store does with a login. */
  enum Mood {
    MASTER,
    REPLICA,
    REFUSES,
    HANGS,
    BUSY;

    boolean down() {
      return this == REFUSES || this == HANGS;
    }
  }

  private final Random random;
  private final Map<StoreHost, Mood> moods = new HashMap<>();
  private final Map<StoreHost, Long> sinceMillis = new HashMap<>();
  private final Map<StoreHost, Long> lastDialWhileDownMillis = new HashMap<>();
  private StoreHost believedMaster = Walks.HUEY;

  SimulatedStores(Random random) {
    this.random = random;
    Walks.CLUSTER.hosts().forEach(host -> change(host, Mood.REPLICA, 0));
    change(Walks.HUEY, Mood.MASTER, 0);
  }

  Mood mood(StoreHost host) {
    return moods.getOrDefault(host, Mood.REFUSES);
  }

  /** The host that replicas refer to, rightly or not. */
  StoreHost believedMaster() {
    return believedMaster;
  }

  /** How long the store has been in its mood; for one that is down, since anything happened. */
  long sameMoodForMillis(StoreHost host, long nowMillis) {
    return nowMillis - sinceMillis.getOrDefault(host, 0L);
  }

  /** One store changes its mood; whether an election is to follow. */
  boolean trouble(long nowMillis) {
    StoreHost host = anyHost();
    boolean wasMaster = mood(host) == Mood.MASTER;
    boolean down = random.nextBoolean();
    List<Mood> bad = List.of(Mood.REFUSES, Mood.HANGS, Mood.BUSY);
    Mood next = down ? bad.get(random.nextInt(bad.size())) : Mood.REPLICA;
    if (!down && random.nextInt(4) == 0) {
      next = Mood.MASTER; // beside another one: the network is split
    }
    change(host, next, nowMillis);
    return (wasMaster && next != Mood.MASTER) || !moods.containsValue(Mood.MASTER);
  }

  /** The store is repaired. */
  void recover(StoreHost host) {
    if (mood(host).down()) {
      change(host, Mood.REPLICA, 0);
    }
  }

  /** Makes a store master unless there is one. */
  void elect(long nowMillis) {
    StoreHost elected = anyHost();
    if (!moods.containsValue(Mood.MASTER)) {
      change(elected, Mood.MASTER, nowMillis);
      believedMaster = elected;
    }
  }

  /** Notes an attempt; milliseconds since the last one in the present mood, -1 for the first. */
  long dialled(StoreHost host, long nowMillis) {
    Long last = lastDialWhileDownMillis.put(host, nowMillis);
    return last == null ? -1 : nowMillis - last;
  }

  private void change(StoreHost host, Mood mood, long nowMillis) {
    Mood before = moods.put(host, mood);
    if (before != mood || mood.down()) {
      sinceMillis.put(host, nowMillis);
    }
    lastDialWhileDownMillis.remove(host);
  }

  private StoreHost anyHost() {
    List<StoreHost> hosts = Walks.CLUSTER.hosts();
    return hosts.get(random.nextInt(hosts.size()));
  }
}
