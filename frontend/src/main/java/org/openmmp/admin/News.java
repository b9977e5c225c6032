package org.openmmp.admin;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmmp.text.Json;
import org.openmmp.text.SafeText;
import org.slf4j.event.Level;

/**
 * The last things that happened, in sentences for people: the time line of the dashboard. Only so
 * many are kept, the newest. On any thread.
 */
public final class News {
  static final int MOST_KEPT = 300;

  private static final int MAX_CHARS = 500;

  private final Clock clock;
  private final Deque<Item> items = new ArrayDeque<>(MOST_KEPT);
  private long lastId;

  /** None yet. */
  public News(Clock clock) {
    this.clock = clock;
  }

  /**
   * One thing that happened.
   *
   * @param id greater than those of all before it
   * @param json time, grade and text
   */
  record Item(long id, String json) {}

  /**
   * Something happened.
   *
   * @param level how much an operator needs to know of it
   * @param text a sentence without a full stop; what a peer chose in it is made safe here
   */
  public synchronized void tell(Level level, String text) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", ++lastId);
    tree.put("at", clock.millis());
    tree.put("grade", level == Level.ERROR ? "bad" : level == Level.WARN ? "warn" : "");
    tree.put("text", SafeText.of(text, MAX_CHARS));
    if (items.size() == MOST_KEPT) {
      items.removeFirst();
    }
    items.addLast(new Item(lastId, Json.write(tree)));
  }

  /** Those behind the one of that id that are still kept, the oldest first. */
  synchronized List<Item> since(long id) {
    if (id == lastId) {
      return List.of();
    }
    List<Item> later = new ArrayList<>();
    for (Item item : items) {
      if (item.id > id) {
        later.add(item);
      }
    }
    return later;
  }
}
