package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A store as a move meets it: mailboxes with UIDs and MODSEQ, and sessions that see them. */
final class MoveStore {
  static final String OFFERED =
      "IMAP4rev1 ENABLE CONDSTORE QRESYNC ESEARCH IDLE LITERAL+ UNSELECT UIDPLUS MOVE";

  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

  /** A message; what it is never changes, only its flags do. */
  static final class Message {
    final long uid;
    final long content;
    Set<String> flags;
    long modseq;

    Message(long uid, long content, Set<String> flags, long modseq) {
      this.uid = uid;
      this.content = content;
      this.flags = new TreeSet<>(flags);
      this.modseq = modseq;
    }
  }

  /** A mailbox with what has gone from it. */
  static final class Box {
    long validity;
    long uidNext = 1;
    long modseq = 1;
    boolean writable = true;
    final TreeMap<Long, Message> messages = new TreeMap<>();
    final TreeMap<Long, Long> gone = new TreeMap<>();

    /** What was expunged up to here is not remembered. */
    long forgotten;

    /** Whether the store then says so, by telling all UIDs that are not there. */
    boolean honest = true;

    Set<String> keywords = new TreeSet<>(Set.of("\\Seen", "\\Flagged", "\\Deleted"));

    Box(long validity) {
      this.validity = validity;
    }

    Box copy() {
      Box copy = new Box(validity);
      copy.uidNext = uidNext;
      copy.modseq = modseq;
      copy.forgotten = forgotten;
      copy.honest = honest;
      copy.keywords = new TreeSet<>(keywords);
      messages.forEach(
          (uid, m) -> copy.messages.put(uid, new Message(uid, m.content, m.flags, m.modseq)));
      copy.gone.putAll(gone);
      return copy;
    }

    long append(long content, Set<String> flags) {
      long uid = uidNext++;
      messages.put(uid, new Message(uid, content, flags, ++modseq));
      return uid;
    }

    void flag(Message message, String flag, boolean set) {
      if (set ? message.flags.add(flag) : message.flags.remove(flag)) {
        message.modseq = ++modseq;
        keywords.add(flag);
      }
    }

    void expunge(Collection<Long> uids) {
      for (long uid : List.copyOf(uids)) {
        if (messages.remove(uid) != null) {
          gone.put(uid, ++modseq);
        }
      }
    }

    /** What has gone since then. */
    Set<Long> goneSince(long since) {
      Set<Long> uids = new TreeSet<>();
      if (since < forgotten && honest) {
        for (long uid = 1; uid < uidNext; uid++) {
          if (!messages.containsKey(uid)) {
            uids.add(uid);
          }
        }
      } else {
        gone.forEach(
            (uid, at) -> {
              if (at > since && at > forgotten) {
                uids.add(uid);
              }
            });
      }
      return uids;
    }
  }

  final Map<String, Box> boxes = new TreeMap<>();
  final Random random;

  /** Whether HIGHESTMODSEQ is told to whoever has not asked for it. */
  boolean primed = true;

  boolean idles = true;

  MoveStore(Random random) {
    this.random = random;
  }

  MoveStore copy() {
    MoveStore copy = new MoveStore(random);
    boxes.forEach((name, box) -> copy.boxes.put(name, box.copy()));
    copy.primed = primed;
    return copy;
  }

  /** Another client does something. */
  void change() {
    List<Box> all = new ArrayList<>(boxes.values());
    Box box = all.get(random.nextInt(all.size()));
    List<Message> messages = new ArrayList<>(box.messages.values());
    switch (random.nextInt(messages.isEmpty() ? 2 : 8)) {
      case 0, 1 -> box.append(random.nextLong() >>> 40, Set.of());
      case 2, 3 -> box.expunge(List.of(messages.get(random.nextInt(messages.size())).uid));
      case 4 ->
          box.expunge(
              messages.stream()
                  .filter(m -> m.flags.contains("\\Deleted"))
                  .map(m -> m.uid)
                  .toList());
      default ->
          box.flag(
              messages.get(random.nextInt(messages.size())),
              List.of("\\Seen", "\\Flagged", "\\Deleted", "$k" + random.nextInt(3))
                  .get(random.nextInt(4)),
              random.nextBoolean());
    }
  }

  /** One connection, logged in. */
  final class Session {
    private final StringBuilder in = new StringBuilder();
    private final StringBuilder out = new StringBuilder();
    private int literal = -1;
    boolean condstore;
    boolean qresync;
    final List<String> enabled = new ArrayList<>();
    @Nullable Box box;
    boolean readOnly;
    final List<Long> view = new ArrayList<>();

    /** The flags of each message as this session told them last. */
    final Map<Long, Set<String>> toldFlags = new TreeMap<>();

    private final Map<Long, Long> toldModseq = new TreeMap<>();
    private Set<String> toldKeywords = Set.of();
    private @Nullable String idling;
    boolean closed;

    /** What comes of these octets. */
    String sent(String octets) {
      in.append(octets);
      while (true) {
        int end = in.indexOf("\r\n", Math.max(0, literal));
        if (end < 0 || (literal > in.length())) {
          break;
        }
        String line = in.substring(0, end);
        Matcher more = Pattern.compile("(?s).*\\{(\\d+)(\\+?)}$").matcher(line);
        if (more.matches()) {
          literal = end + 2 + Integer.parseInt(more.group(1));
          if (more.group(2).isEmpty()) {
            out.append("+ go on\r\n");
          }
          if (in.length() < literal) {
            break;
          }
          continue;
        }
        in.delete(0, end + 2);
        literal = -1;
        line(line);
      }
      String told = out.toString();
      out.setLength(0);
      return told;
    }

    /** What it tells by itself: in IDLE, everything. */
    String told() {
      if (idling != null) {
        sync(true);
      }
      String told = out.toString();
      out.setLength(0);
      return told;
    }

    boolean isIdling() {
      return idling != null;
    }

    private void say(String line) {
      out.append(line).append("\r\n");
    }

    private void line(String line) {
      if (idling != null) {
        sync(true);
        say(idling + (line.equalsIgnoreCase("DONE") ? " OK done" : " BAD what"));
        idling = null;
        return;
      }
      String[] words = line.split(" ", 3);
      String tag = words[0];
      String name = words.length < 2 ? "" : words[1].toUpperCase(Locale.ROOT);
      String rest = words.length < 3 ? "" : words[2];
      boolean byUid = name.equals("UID");
      if (byUid) {
        String[] parts = rest.split(" ", 2);
        name = parts[0].toUpperCase(Locale.ROOT);
        rest = parts.length < 2 ? "" : parts[1];
      }
      command(tag, name, rest, byUid);
    }

    private void command(String tag, String name, String rest, boolean byUid) {
      switch (name) {
        case "NOOP", "CHECK", "STATUS" -> {
          if (rest.contains("HIGHESTMODSEQ")) {
            condstore = true;
          }
          sync(true);
          say(tag + " OK done");
        }
        case "CAPABILITY" -> {
          say("* CAPABILITY " + OFFERED);
          say(tag + " OK done");
        }
        case "ENABLE" -> {
          List<String> now = new ArrayList<>();
          for (String each : rest.toUpperCase(Locale.ROOT).split(" ", -1)) {
            if (List.of("CONDSTORE", "QRESYNC", "UTF8=ACCEPT").contains(each)) {
              condstore |= !each.startsWith("UTF8");
              qresync |= each.equals("QRESYNC");
              now.add(each);
              enabled.add(each);
            }
          }
          say("* ENABLED " + String.join(" ", now));
          say(tag + " OK done");
        }
        case "IDLE" -> {
          if (!idles) {
            say(tag + " NO not now");
            return;
          }
          idling = tag;
          if (random.nextInt(4) == 0) {
            sync(true);
          }
          say("+ idling");
          sync(true);
        }
        case "SELECT", "EXAMINE" -> select(tag, rest, name.equals("EXAMINE"));
        case "UNSELECT", "CLOSE" -> {
          if (name.equals("CLOSE") && box != null && !readOnly) {
            expungeDeleted();
          }
          say(tag + (box == null ? " BAD nothing" : " OK done"));
          box = null;
          view.clear();
        }
        case "LOGOUT" -> {
          say("* BYE bye");
          say(tag + " OK done");
          closed = true;
        }
        case "APPEND" -> {
          sync(true);
          say(tag + " OK done");
        }
        default -> {
          if (box == null) {
            say(tag + " BAD nothing selected");
          } else {
            aboutMessages(box, tag, name, rest, byUid);
          }
        }
      }
    }

    private void aboutMessages(Box mailbox, String tag, String name, String rest, boolean byUid) {
      boolean numbers = !byUid && Set.of("FETCH", "STORE", "SEARCH").contains(name);
      switch (name) {
        case "FETCH" -> fetch(mailbox, rest, byUid);
        case "STORE" -> {
          if (readOnly) {
            say(tag + " NO [READ-ONLY] not here");
            return;
          }
          store(mailbox, rest, byUid);
        }
        case "SEARCH" -> {
          List<String> found = new ArrayList<>();
          for (int i = 0; i < view.size(); i++) {
            found.add(String.valueOf(byUid ? view.get(i) : i + 1));
          }
          if (rest.startsWith("RETURN")) {
            String all = found.isEmpty() ? "" : " ALL " + ranges(view);
            say("* ESEARCH (TAG \"" + tag + "\") UID" + all);
          } else {
            say("* SEARCH" + (found.isEmpty() ? "" : " " + String.join(" ", found)));
          }
        }
        case "EXPUNGE" -> expungeDeleted();
        default -> {
          say(tag + " BAD what");
          return;
        }
      }
      sync(!numbers);
      String code =
          condstore && random.nextInt(5) == 0 ? " [HIGHESTMODSEQ " + mailbox.modseq + "]" : "";
      say(tag + " OK" + code + " done");
    }

    private void expungeDeleted() {
      Box mailbox = box;
      if (mailbox != null && !readOnly) {
        mailbox.expunge(
            mailbox.messages.values().stream()
                .filter(m -> m.flags.contains("\\Deleted"))
                .map(m -> m.uid)
                .toList());
      }
    }

    private void select(String tag, String rest, boolean examine) {
      Matcher named =
          Pattern.compile("(?s)(?:\"([^\"]*)\"|\\{\\d+\\+?}\r\n([^ ]*)|([^ ]+))(?: \\((.*)\\))?")
              .matcher(rest);
      if (!named.matches()) {
        say(tag + " BAD name");
        return;
      }
      String name =
          named.group(1) != null
              ? named.group(1)
              : named.group(2) != null ? named.group(2) : named.group(3);
      String parameters = named.group(4) == null ? "" : named.group(4);
      Box chosen = boxes.get(name.toUpperCase(Locale.ROOT));
      if (box != null && qresync) {
        say("* OK [CLOSED] was");
      }
      box = null;
      view.clear();
      toldFlags.clear();
      toldModseq.clear();
      if (chosen == null) {
        say(tag + " NO [NONEXISTENT] none");
        return;
      }
      condstore |= !parameters.isEmpty();
      box = chosen;
      readOnly = examine || !chosen.writable;
      view.addAll(chosen.messages.keySet());
      chosen.messages.values().forEach(this::note);
      toldKeywords = Set.copyOf(chosen.keywords);
      List<String> lines = new ArrayList<>();
      String flags = String.join(" ", chosen.keywords);
      lines.add("* FLAGS (" + flags + ")");
      lines.add("* OK [PERMANENTFLAGS (" + (readOnly ? "" : flags + " \\*") + ")] flags");
      lines.add("* " + view.size() + " EXISTS");
      lines.add("* 0 RECENT");
      lines.add("* OK [UIDVALIDITY " + chosen.validity + "] valid");
      lines.add("* OK [UIDNEXT " + chosen.uidNext + "] next");
      if (primed || condstore) {
        lines.add("* OK [HIGHESTMODSEQ " + chosen.modseq + "] newest");
        primed = true;
      }
      if (random.nextBoolean()) {
        java.util.Collections.shuffle(lines, random);
      }
      lines.forEach(this::say);
      Matcher since = Pattern.compile("QRESYNC \\((\\d+) (\\d+).*").matcher(parameters);
      if (since.matches() && Long.parseLong(since.group(1)) == chosen.validity) {
        long modseq = Long.parseLong(since.group(2));
        Set<Long> gone = chosen.goneSince(modseq);
        if (!gone.isEmpty()) {
          say("* VANISHED (EARLIER) " + ranges(gone));
        }
        for (Message message : chosen.messages.values()) {
          if (message.modseq > modseq) {
            sayFetch(message, true, true, List.of());
          }
        }
      }
      say(tag + " OK [" + (readOnly ? "READ-ONLY" : "READ-WRITE") + "] selected");
    }

    private void note(Message message) {
      toldFlags.put(message.uid, Set.copyOf(message.flags));
      toldModseq.put(message.uid, message.modseq);
    }

    private void sayFetch(Message message, boolean uid, boolean flags, List<String> others) {
      List<String> items = new ArrayList<>(others);
      if (uid) {
        items.add("UID " + message.uid);
      }
      if (flags) {
        items.add("FLAGS (" + String.join(" ", message.flags) + ")");
        note(message);
        if (condstore) {
          items.add("MODSEQ (" + message.modseq + ")");
        }
      }
      java.util.Collections.shuffle(items, random);
      say("* " + (view.indexOf(message.uid) + 1) + " FETCH (" + String.join(" ", items) + ")");
    }

    private List<Message> named(Box mailbox, String set, boolean byUid) {
      List<Message> named = new ArrayList<>();
      long largest = byUid ? (view.isEmpty() ? 0 : view.get(view.size() - 1)) : view.size();
      for (int i = 0; i < view.size(); i++) {
        long number = byUid ? view.get(i) : i + 1;
        Message message = mailbox.messages.get(view.get(i));
        for (String part : set.split(",", -1)) {
          String[] ends = part.replace("*", String.valueOf(largest)).split(":", -1);
          long one = Long.parseLong(ends[0]);
          long other = Long.parseLong(ends[ends.length - 1]);
          if (message != null
              && number >= Math.min(one, other)
              && number <= Math.max(one, other)
              && !named.contains(message)) {
            named.add(message);
          }
        }
      }
      return named;
    }

    private void fetch(Box mailbox, String rest, boolean byUid) {
      String set = rest.substring(0, rest.indexOf(' '));
      String items = rest.substring(rest.indexOf(' ') + 1);
      Matcher since = Pattern.compile(".*CHANGEDSINCE (\\d+).*").matcher(items);
      long after = since.matches() ? Long.parseLong(since.group(1)) : 0;
      condstore |= since.matches() || items.contains("MODSEQ");
      for (Message message : named(mailbox, set, byUid)) {
        if (message.modseq <= after && since.matches()) {
          continue;
        }
        List<String> others = new ArrayList<>();
        if (items.contains("RFC822.SIZE")) {
          others.add("RFC822.SIZE " + (message.content & 0xffff));
        }
        if (items.contains("INTERNALDATE")) {
          others.add("INTERNALDATE " + date(message.content));
        }
        if (items.contains("BODY")) {
          String body = "x\r\n* 9 EXPUNGE\r\n".repeat((int) (message.content % 3));
          others.add("BODY[HEADER.FIELDS (TO CC)] {" + body.length() + "}\r\n" + body);
        }
        boolean flags = items.contains("FLAGS") || items.contains("MODSEQ");
        sayFetch(message, byUid || items.contains("UID"), flags, others);
      }
    }

    private String date(long content) {
      return "\"%2d-%s-%d 10:%02d:00 +0%d00\""
          .formatted(
              content % 28 + 1,
              MONTHS.get((int) (content / 28 % 12)),
              2000 + content % 20,
              content % 60,
              content % 7);
    }

    private void store(Box mailbox, String rest, boolean byUid) {
      String[] parts = rest.split(" ", 3);
      String flag = parts[2].replace("(", "").replace(")", "");
      boolean silent = parts[1].toUpperCase(Locale.ROOT).endsWith(".SILENT");
      for (Message message : named(mailbox, parts[0], byUid)) {
        mailbox.flag(message, flag, parts[1].startsWith("+"));
        if (!silent) {
          sayFetch(message, byUid || qresync, true, List.of());
        } else if (toldFlags.containsKey(message.uid)) {
          Set<String> told = new TreeSet<>(toldFlags.get(message.uid));
          if (parts[1].startsWith("+")) {
            told.add(flag);
          } else {
            told.remove(flag);
          }
          toldFlags.put(message.uid, told);
        }
      }
    }

    /** Tells what has changed. */
    private void sync(boolean expunges) {
      Box mailbox = box;
      if (mailbox == null) {
        return;
      }
      if (expunges) {
        Set<Long> vanished = new TreeSet<>();
        for (int i = view.size() - 1; i >= 0; i--) {
          if (!mailbox.messages.containsKey(view.get(i))) {
            vanished.add(view.get(i));
            toldFlags.remove(view.get(i));
            view.remove(i);
            if (!qresync) {
              say("* " + (i + 1) + " EXPUNGE");
            }
          }
        }
        if (!vanished.isEmpty() && qresync) {
          say("* VANISHED " + ranges(vanished));
        }
      }
      long largest = view.isEmpty() ? 0 : view.get(view.size() - 1);
      List<Long> seen = new ArrayList<>();
      for (Message message : mailbox.messages.values()) {
        if (!toldFlags.containsKey(message.uid) && !view.contains(message.uid)) {
          if (message.uid < largest) {
            throw new IllegalStateException("a message came behind a later one");
          }
          seen.add(message.uid);
          note(message);
        }
      }
      view.addAll(seen);
      if (!seen.isEmpty()) {
        say("* " + view.size() + " EXISTS");
      }
      if (!toldKeywords.equals(mailbox.keywords)) {
        toldKeywords = Set.copyOf(mailbox.keywords);
        say("* FLAGS (" + String.join(" ", mailbox.keywords) + ")");
        if (!readOnly) {
          say("* OK [PERMANENTFLAGS (" + String.join(" ", mailbox.keywords) + " \\*)] flags");
        }
      }
      for (Message message : mailbox.messages.values()) {
        if (view.contains(message.uid)
            && !message.flags.equals(
                new HashSet<>(toldFlags.getOrDefault(message.uid, Set.of())))) {
          sayFetch(message, qresync || random.nextInt(3) == 0, true, List.of());
        }
      }
    }
  }

  /** A set of UIDs as ranges, now and then in an order of its own. */
  String ranges(Collection<Long> uids) {
    List<String> ranges = new ArrayList<>();
    long from = -2;
    long to = -2;
    for (long uid : uids) {
      if (uid == to + 1) {
        to = uid;
      } else {
        if (to > 0) {
          ranges.add(from == to ? String.valueOf(from) : from + ":" + to);
        }
        from = uid;
        to = uid;
      }
    }
    if (to > 0) {
      ranges.add(from == to ? String.valueOf(from) : from + ":" + to);
    }
    return String.join(",", ranges);
  }

  static byte[] octets(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
