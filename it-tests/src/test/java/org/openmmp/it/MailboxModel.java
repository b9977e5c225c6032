package org.openmmp.it;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client believes of the mailbox that it has selected, from every word that it was told:
 * which message has which number, which UID, which flags. It complains about whatever a client may
 * not be told.
 */
final class MailboxModel {
  /** A message as far as it has been told. */
  private static final class Known {
    private long uid;
    private @Nullable Set<String> flags;
    private long size = -1;
  }

  private static final Pattern FETCH = Pattern.compile("\\* (\\d+) FETCH \\((.*)\\)");
  private static final Pattern UID = Pattern.compile("(?<![A-Z.])UID (\\d+)");
  private static final Pattern FLAGS = Pattern.compile("(?<![A-Z.])FLAGS \\(([^)]*)\\)");
  private static final Pattern SIZE = Pattern.compile("RFC822.SIZE (\\d+)");
  private static final int REMEMBERED = 400;

  private final List<Known> box = new ArrayList<>();
  private final Deque<String> transcript = new ArrayDeque<>();
  private final List<String> complaints = new ArrayList<>();
  private boolean selecting;

  /** What is heard is still of the mailbox that was selected before. */
  private boolean leaving;

  private boolean qresync;

  /** What was said, from the client's command on. */
  void note(String line) {
    transcript.add(line);
    if (transcript.size() > REMEMBERED) {
      transcript.remove();
    }
  }

  /** What is wrong, with what came before it; empty if nothing is. */
  String wrong() {
    return complaints.isEmpty() ? "" : complaints + "\n" + String.join("\n", transcript);
  }

  /** Something is wrong. */
  void complain(String what) {
    complaints.add(what);
    note("!!! " + what);
  }

  /** A connection of its own begins. */
  void begin() {
    box.clear();
    complaints.clear();
    note("=== another connection");
    selecting = false;
    leaving = false;
    qresync = false;
  }

  /** The client has switched QRESYNC on. */
  void hearsVanished() {
    qresync = true;
  }

  /**
   * The client selects a mailbox. Until {@code CLOSED} (RFC 7162 section 3.2.11) what is told may
   * be of the one before, which the store, or the front end, spoke of when this was on its way.
   */
  void selects() {
    selecting = true;
    leaving = !box.isEmpty();
    box.clear();
  }

  /** The mailbox is selected. */
  void selected() {
    selecting = false;
    leaving = false;
  }

  int count() {
    return box.size();
  }

  /** The first number whose UID or flags are not known; 0 if all are. */
  int firstUnknown() {
    for (int i = 0; i < box.size(); i++) {
      if (box.get(i).uid == 0 || box.get(i).flags == null) {
        return i + 1;
      }
    }
    return 0;
  }

  /** The UID of a number, 0 if it is not known. */
  long uidOf(int number) {
    return box.get(number - 1).uid;
  }

  /** All that it believes, a line for each message. */
  List<String> believes() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < box.size(); i++) {
      lines.add(line(i + 1, box.get(i).uid, box.get(i).flags));
    }
    return lines;
  }

  /**
   * The same of the answer to {@code FETCH (UID FLAGS)}. What is told beside it, unasked, has no
   * UID.
   */
  static List<String> truth(List<String> untagged) {
    List<String> lines = new ArrayList<>();
    for (String each : untagged) {
      Matcher fetch = FETCH.matcher(each);
      if (fetch.matches() && UID.matcher(fetch.group(2)).find()) {
        lines.add(
            line(
                Integer.parseInt(fetch.group(1)),
                number(UID.matcher(fetch.group(2)), 0),
                flags(fetch.group(2))));
      }
    }
    return lines;
  }

  private static String line(int number, long uid, @Nullable Set<String> flags) {
    return number + " UID " + uid + " " + flags;
  }

  private static long number(Matcher matcher, long otherwise) {
    return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
  }

  private static @Nullable Set<String> flags(String items) {
    Matcher flags = FLAGS.matcher(items);
    if (!flags.find()) {
      return null;
    }
    Set<String> all = new TreeSet<>(List.of(flags.group(1).split(" ", -1)));
    all.remove("\\Recent");
    all.remove("");
    return all;
  }

  /**
   * An untagged response.
   *
   * @param mayShrink whether a message may be said to be gone now: within a command without
   *     sequence numbers
   */
  void hear(String line, boolean mayShrink) {
    note("S: " + line);
    Matcher fetch = FETCH.matcher(line);
    if (leaving && line.startsWith("* OK [CLOSED]")) {
      leaving = false;
      box.clear();
    } else if (leaving && fetch.matches()) {
      return;
    } else if (line.matches("\\* \\d+ EXISTS")) {
      exists(Integer.parseInt(line.split(" ", -1)[1]));
    } else if (line.matches("\\* \\d+ EXPUNGE")) {
      expunged(Integer.parseInt(line.split(" ", -1)[1]));
      shrinks(mayShrink);
    } else if (line.startsWith("* VANISHED ")) {
      vanished(line.substring("* VANISHED ".length()));
      shrinks(mayShrink);
    } else if (fetch.matches()) {
      fetched(Integer.parseInt(fetch.group(1)), fetch.group(2));
    } else if (!line.matches(
        "\\* (OK|FLAGS|SEARCH|ESEARCH|ENABLED|CAPABILITY|BYE|\\d+ RECENT)( .*)?")) {
      complain("what is this: " + line);
    }
  }

  private void shrinks(boolean mayShrink) {
    if (!mayShrink) {
      complain("told at the wrong time");
    }
  }

  private void exists(int count) {
    if (count < box.size()) {
      complain("EXISTS shrinks from " + box.size() + " to " + count);
    }
    while (box.size() < count) {
      box.add(new Known());
    }
  }

  private void expunged(int number) {
    if (qresync) {
      complain("EXPUNGE instead of VANISHED");
    }
    if (number < 1 || number > box.size()) {
      complain("EXPUNGE of nothing");
    } else {
      box.remove(number - 1);
    }
  }

  private void vanished(String set) {
    if (!qresync || set.startsWith("(EARLIER)")) {
      complain("VANISHED that nobody asked for");
      return;
    }
    for (String part : set.split(",", -1)) {
      String[] ends = part.split(":", -1);
      long last = Long.parseLong(ends[ends.length - 1]);
      for (long uid = Long.parseLong(ends[0]); uid <= last; uid++) {
        remove(uid);
      }
    }
  }

  private void remove(long uid) {
    if (box.removeIf(each -> each.uid == uid)) {
      return;
    }
    // One of those at the end whose UIDs it has not asked for: which one it asks afterwards.
    if (!box.isEmpty() && box.get(box.size() - 1).uid == 0) {
      box.remove(box.size() - 1);
      box.stream().filter(each -> each.uid == 0).forEach(each -> each.flags = null);
    } else {
      complain("VANISHED of a message that is not there: " + uid);
    }
  }

  private void fetched(int number, String items) {
    if (selecting) {
      complain("FETCH while it selects");
    }
    if (number < 1 || number > box.size()) {
      complain("FETCH of nothing");
      return;
    }
    Known known = box.get(number - 1);
    long uid = number(UID.matcher(items), known.uid);
    if (known.uid != 0 && known.uid != uid) {
      complain("number " + number + " was UID " + known.uid);
    }
    known.uid = uid;
    Set<String> flags = flags(items);
    known.flags = flags == null ? known.flags : flags;
    long size = number(SIZE.matcher(items), known.size);
    if (known.size >= 0 && known.size != size) {
      complain("UID " + uid + " is other mail: it had " + known.size + " octets");
    }
    known.size = size;
  }
}
