package org.openmmp.program;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.StoreLink;

/**
 * Asks stores whether they have what a setting needs: {@value #AT_ONCE} of them at once, and all
 * within one time. An operator is told which of them have it not, or were not heard.
 */
public final class StoreTrial {
  private static final int AT_ONCE = 64;

  private final SharedRooms rooms;
  private final String setting;
  private final String unheard;
  private final Duration limit;
  private final long endNanos;
  private final Semaphore turns = new Semaphore(AT_ONCE);

  /** How a sentence on each store goes on; empty: there is nothing to say of it. */
  private final Map<String, String> answers = Collections.synchronizedMap(new LinkedHashMap<>());

  /**
   * A trial whose time begins now.
   *
   * @param setting what is switched on, such as {@code openmmp.lmtp.dsn}
   * @param unheard what a store does that was not heard, such as {@code could not be asked}
   * @param limit for all stores together
   */
  public StoreTrial(SharedRooms rooms, String setting, String unheard, Duration limit) {
    this.rooms = rooms;
    this.setting = setting;
    this.unheard = unheard;
    this.limit = limit;
    this.endNanos = System.nanoTime() + limit.toNanos();
  }

  /**
   * Asks one more store as soon as others leave it a turn.
   *
   * @param access how it is reached
   * @param purpose whether it goes up to where a login would begin, or tries one
   * @param dialogue a new one
   * @param lack how a sentence goes on of what is missing there, asked once it is over; empty:
   *     nothing is
   */
  public <D extends ProbeDialogue> void ask(
      ReplicationGroup group,
      StoreHost host,
      StoreAccess access,
      StoreLink.Purpose purpose,
      D dialogue,
      Function<D, String> lack)
      throws InterruptedException {
    String store = host + " of the group " + group.name();
    answers.put(store, unheard("it was not asked within " + limit.toSeconds() + " s"));
    if (turns.tryAcquire(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      rooms.ask(
          host,
          access,
          purpose,
          dialogue,
          end -> {
            answers.put(store, end.greeted() ? lack.apply(dialogue) : unheard(end.reason()));
            turns.release();
          });
    }
  }

  /** What is to be told once all have answered, or the time is over. */
  public List<String> findings() throws InterruptedException {
    if (turns.tryAcquire(AT_ONCE, endNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      turns.release(AT_ONCE); // all have answered
    }
    List<String> findings = new ArrayList<>();
    answers.forEach(
        (store, answer) -> {
          if (!answer.isEmpty()) {
            findings.add(setting + " is on, and " + store + answer);
          }
        });
    return findings;
  }

  private String unheard(String why) {
    return " " + unheard + ": " + why;
  }
}
