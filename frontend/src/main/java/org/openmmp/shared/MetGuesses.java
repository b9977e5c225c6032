package org.openmmp.shared;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.guard.WrongPassword;

/**
 * The wrong passwords that are met here, as far as the others are told of them, and up to which of
 * theirs were heard. But for {@link #met} of the site's thread.
 */
final class MetGuesses {
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Queue<WrongPassword> met = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  /** With when the others were first told of each. */
  private final ArrayDeque<Map.Entry<WrongPassword, Long>> lately = new ArrayDeque<>();

  private final Map<String, Long> heard = new HashMap<>();
  private long last;

  /** Somebody typed one. On any thread; says whether it is not one too many. */
  boolean met(WrongPassword wrong) {
    if (count.incrementAndGet() > Guesses.MOST) {
      count.decrementAndGet();
      return false;
    }
    met.add(wrong);
    return true;
  }

  /** So few that whoever guesses fast is told of in part, and slowed all the same. */
  Guesses ofLate(long now) {
    for (WrongPassword each = met.poll(); each != null; each = met.poll()) {
      count.decrementAndGet();
      last++;
      lately.addLast(Map.entry(each, now));
    }
    while (lately.size() > Guesses.MOST
        || (!lately.isEmpty() && now - lately.getFirst().getValue() > KEPT_NANOS)) {
      lately.removeFirst();
    }
    return new Guesses(last, lately.stream().map(Map.Entry::getKey).toList());
  }

  /**
   * Those of the living that are new; who was away for a while and is back tells none of them a
   * second time.
   *
   * @param known all that were seen of late
   */
  List<WrongPassword> fresh(Shelf<Guesses> told, List<Beacon> living, Set<Beacon> known) {
    Set<String> fields = new HashSet<>();
    known.forEach(each -> fields.add(each.field()));
    heard.keySet().retainAll(fields);
    List<WrongPassword> fresh = new ArrayList<>();
    for (Beacon each : living) {
      Optional<Guesses> his = told.of(each);
      if (his.isPresent()) {
        fresh.addAll(his.get().since(heard.getOrDefault(each.field(), 0L)));
        heard.merge(each.field(), his.get().last(), Math::max);
      }
    }
    return fresh;
  }
}
