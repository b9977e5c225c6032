package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client that believes every word: it keeps which message has which number, what it has heard of
 * each, and complains about whatever a client may not be told.
 */
final class MoveClient {
  /** A message as far as the client has heard of it. */
  static final class Known {
    long uid;
    @Nullable Set<String> flags;
    long size = -1;
    String date = "";
  }

  private static final Pattern FETCH = Pattern.compile("(?s)\\* (\\d+) FETCH \\((.*)\\)");
  private static final Pattern UID = Pattern.compile("(?<![A-Z.])UID (\\d+)");
  private static final Pattern FLAGS = Pattern.compile("FLAGS \\(([^)]*)\\)");
  private static final Pattern MODSEQ = Pattern.compile("MODSEQ \\((\\d+)\\)");
  private static final Pattern SIZE = Pattern.compile("RFC822.SIZE (\\d+)");
  private static final Pattern DATE = Pattern.compile("INTERNALDATE (\"[^\"]*\")");

  final List<Known> box = new ArrayList<>();
  final Map<String, String> open = new LinkedHashMap<>();
  boolean selected;
  String name = "";
  boolean condstore;
  boolean qresync;
  long validity;
  long modseq;
  long newest;
  boolean idling;
  boolean byed;
  String complaint = "";
  private StringBuilder in = new StringBuilder();
  private int tags;

  /** What it knew of the mailbox that it selects again, by UID. */
  private @Nullable TreeMap<Long, Known> cache;

  private static final Set<String> WITH_NUMBERS = Set.of("FETCH", "STORE", "SEARCH");

  /** A command with a tag of its own. */
  String command(String text) {
    String tag = "c" + ++tags;
    open.put(tag, text);
    if (text.startsWith("SELECT") || text.startsWith("EXAMINE")) {
      cache = null;
      if (text.contains("QRESYNC")) {
        cache = new TreeMap<>();
        for (Known each : box) {
          cache.put(each.uid, each);
        }
      }
    }
    return tag + " " + text + "\r\n";
  }

  void hear(String octets) {
    in.append(octets);
    while (true) {
      int end = in.indexOf("\r\n");
      Matcher literal = Pattern.compile("\\{(\\d+)}$").matcher("");
      int from = 0;
      while (end >= 0 && literal.reset(in.substring(from, end)).find()) {
        from = end + 2 + Integer.parseInt(literal.group(1));
        end = from > in.length() ? -1 : in.indexOf("\r\n", from);
      }
      if (end < 0) {
        return;
      }
      String line =
          in.substring(0, end).replaceAll("(?s)\\{\\d+}\r\n.*?(?= [A-Z]|\\)$)", "literal");
      in.delete(0, end + 2);
      line(line);
    }
  }

  boolean inLine() {
    return !in.isEmpty();
  }

  private void complain(String why) {
    if (complaint.isEmpty()) {
      complaint = why;
    }
  }

  private boolean mayShrink() {
    return open.values().stream().anyMatch(each -> !WITH_NUMBERS.contains(each.split(" ", -1)[0]));
  }

  private void line(String line) {
    if (line.startsWith("+")) {
      if (open.values().stream().noneMatch(each -> each.equals("IDLE") || each.contains("{"))) {
        complain("a continuation that nobody waits for");
      }
      idling = open.containsValue("IDLE");
    } else if (line.startsWith("* ")) {
      untagged(line);
    } else {
      String[] words = line.split(" ", 3);
      String command = open.remove(words[0]);
      if (command == null) {
        complain("an unknown tag: " + line);
      } else {
        ended(command, words[1].equals("OK"));
      }
    }
  }

  private void ended(String command, boolean done) {
    if (command.equals("IDLE")) {
      idling = false;
    }
    if (command.startsWith("SELECT") || command.startsWith("EXAMINE")) {
      selected = done;
      if (!done) {
        box.clear();
      } else if (cache != null) {
        if (cache.size() == box.size()) {
          box.clear();
          box.addAll(cache.values());
        }
        cache = null;
      }
    } else if (done && (command.startsWith("UNSELECT") || command.startsWith("CLOSE"))) {
      selected = false;
      box.clear();
    } else if (done && command.startsWith("ENABLE")) {
      condstore |= command.contains("CONDSTORE") || command.contains("QRESYNC");
      qresync |= command.contains("QRESYNC");
    } else if (done && command.contains(".SILENT")) {
      Matcher silent =
          Pattern.compile("UID STORE (\\d+) ([+-])FLAGS.SILENT \\((.*)\\)").matcher(command);
      if (silent.matches()) {
        for (Known each : box) {
          if (each.uid == 0) {
            each.flags = null; // whose flags these were is not known
          } else if (each.uid == Long.parseLong(silent.group(1)) && each.flags != null) {
            each.flags = new TreeSet<>(each.flags);
            if (silent.group(2).equals("+")) {
              each.flags.add(silent.group(3));
            } else {
              each.flags.remove(silent.group(3));
            }
          }
        }
      }
    }
    if (done
        && (command.contains("HIGHESTMODSEQ")
            || command.contains("MODSEQ)")
            || command.contains("CHANGEDSINCE")
            || command.contains("(CONDSTORE"))) {
      condstore = true;
    }
  }

  private boolean selecting() {
    return open.values().stream()
        .anyMatch(each -> each.startsWith("SELECT") || each.startsWith("EXAMINE"));
  }

  private void untagged(String line) {
    Matcher fetch = FETCH.matcher(line);
    if (line.matches("\\* \\d+ EXISTS")) {
      int count = Integer.parseInt(line.split(" ", -1)[1]);
      if (selecting()) {
        box.clear();
      } else if (count < box.size()) {
        complain("EXISTS shrinks from " + box.size() + " to " + count);
      }
      while (box.size() < count) {
        box.add(new Known());
      }
    } else if (line.matches("\\* \\d+ EXPUNGE")) {
      int number = Integer.parseInt(line.split(" ", -1)[1]);
      if (number < 1 || number > box.size()) {
        complain("EXPUNGE of nothing: " + line);
      } else {
        box.remove(number - 1);
      }
      shrinks(line);
      if (qresync) {
        complain("EXPUNGE instead of VANISHED");
      }
    } else if (line.startsWith("* VANISHED")) {
      vanished(line);
    } else if (fetch.matches()) {
      fetched(Integer.parseInt(fetch.group(1)), fetch.group(2), line);
    } else if (line.startsWith("* OK [UIDVALIDITY ")) {
      validity = number(line);
    } else if (line.startsWith("* OK [HIGHESTMODSEQ ")) {
      modseq = number(line);
    } else if (line.startsWith("* BYE")) {
      byed = true;
    } else if (line.startsWith("* ENABLED") && line.contains("CONDSTORE")) {
      condstore = true;
    } else if (!line.matches("\\* (OK|FLAGS|SEARCH|ESEARCH|ENABLED|CAPABILITY|\\d+ RECENT).*")) {
      complain("what is this: " + line);
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }

  private void shrinks(String line) {
    if (!mayShrink()) {
      complain("told at the wrong time: " + line + " with " + open);
    }
  }

  private void vanished(String line) {
    boolean earlier = line.contains("(EARLIER)");
    String set = line.substring(line.lastIndexOf(' ') + 1);
    if (!earlier && !qresync) {
      complain("VANISHED without QRESYNC");
    }
    for (String part : set.split(",", -1)) {
      String[] ends = part.split(":", -1);
      for (long uid = Long.parseLong(ends[0]);
          uid <= Long.parseLong(ends[ends.length - 1]);
          uid++) {
        if (earlier) {
          if (cache != null) {
            cache.remove(uid);
          }
        } else {
          remove(uid);
        }
      }
    }
    if (!earlier) {
      shrinks(line);
    }
  }

  private void remove(long uid) {
    for (int i = 0; i < box.size(); i++) {
      if (box.get(i).uid == uid) {
        box.remove(i);
        return;
      }
    }
    int from = box.size();
    while (from > 0 && (box.get(from - 1).uid == 0 || box.get(from - 1).uid > uid)) {
      from--;
    }
    int at = -1;
    for (int i = from; i < box.size() && (box.get(i).uid == 0 || box.get(i).uid < uid); i++) {
      box.get(i).flags = null; // it is one of these
      at = i;
    }
    if (at >= 0) {
      box.remove(at);
      return;
    }
    complain("VANISHED of a message that is not there: " + uid);
  }

  private void fetched(int number, String items, String line) {
    Matcher uid = UID.matcher(items);
    Matcher flags = FLAGS.matcher(items);
    Matcher modseqs = MODSEQ.matcher(items);
    Matcher size = SIZE.matcher(items);
    Matcher date = DATE.matcher(items);
    if (number < 1 || number > box.size()) {
      complain("FETCH of nothing: " + line);
      return;
    }
    Known known = box.get(number - 1);
    long told = uid.find() ? Long.parseLong(uid.group(1)) : 0;
    if (cache != null && selecting() && told > 0) {
      known = cache.computeIfAbsent(told, each -> new Known());
    }
    if (told > 0) {
      if (known.uid != 0 && known.uid != told) {
        complain("number " + number + " was UID " + known.uid + ": " + line);
      }
      known.uid = told;
    }
    boolean asksModseq =
        open.values().stream()
            .anyMatch(each -> each.contains("MODSEQ") || each.contains("CHANGEDSINCE"));
    if (flags.find()) {
      known.flags =
          new TreeSet<>(flags.group(1).isEmpty() ? Set.of() : Set.of(flags.group(1).split(" ")));
      known.flags.remove("\\Recent");
      boolean hasModseq = modseqs.find();
      if (hasModseq && !condstore && !asksModseq) {
        complain("MODSEQ that nobody wants: " + line);
      }
      if (hasModseq) {
        newest = Math.max(newest, Long.parseLong(modseqs.group(1)));
      }
      if (!hasModseq
          && condstore
          && open.values().stream().noneMatch(each -> each.contains("FETCH"))) {
        complain("no MODSEQ: " + line);
      }
      if (qresync
          && told == 0
          && open.values().stream().noneMatch(each -> each.contains("FETCH"))) {
        complain("no UID: " + line);
      }
    }
    if (size.find()) {
      known.size = Long.parseLong(size.group(1));
    }
    if (date.find()) {
      known.date = date.group(1);
    }
  }
}
