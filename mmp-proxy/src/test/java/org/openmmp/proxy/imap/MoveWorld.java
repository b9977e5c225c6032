package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.MoveStep.Line;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;

/**
 * One client's session at a store where others change things, moved whenever its store dies or is
 * left, at random.
 */
final class MoveWorld {
  private final Random random;
  private final Map<String, Integer> ends;
  private final ImapObserver session;
  private final MoveClient client = new MoveClient();
  private MoveStore store;
  private MoveStore.Session server;
  private final List<MoveStore> replicas = new ArrayList<>();
  private final StringBuilder toClient = new StringBuilder();
  private final StringBuilder transcript = new StringBuilder();
  private boolean hostile;
  private boolean over;
  int moves;

  /** New stores that were lost during a move. */
  int lost;

  /** How often a store was asked whether it is there. */
  int questions;

  MoveWorld(long seed, Map<String, Integer> ends) {
    this.random = new Random(seed);
    this.ends = ends;
    byte[] key = new byte[16];
    random.nextBytes(key);
    this.session = new ImapObserver(new ImapKey(key), name -> false);
    this.store = new MoveStore(random);
    this.store.primed = random.nextInt(6) > 0;
    for (String name : List.of("INBOX", "OTHER")) {
      MoveStore.Box box = new MoveStore.Box(1 + random.nextInt(3));
      store.boxes.put(name, box);
      int count = random.nextInt(3) == 0 ? random.nextInt(3) : random.nextInt(12);
      for (int i = 0; i < count; i++) {
        box.append(random.nextLong() >>> 40, Set.of());
      }
      for (int i = random.nextInt(8); i > 0; i--) {
        store.change();
      }
    }
    this.server = store.new Session();
  }

  /** Plays to the end; what was wrong, empty if nothing was. */
  String play() {
    if (random.nextInt(3) == 0) {
      send(
          client.command(
              List.of("ENABLE CONDSTORE", "ENABLE QRESYNC", "ENABLE QRESYNC UTF8=ACCEPT")
                  .get(random.nextInt(3))));
      deliver(true);
    }
    for (int life = 0; life < 3 && !over; life++) {
      for (int step = 3 + random.nextInt(25); step > 0 && wrong().isEmpty(); step--) {
        step();
      }
      if (!wrong().isEmpty()) {
        break;
      }
      die();
      if (!over && wrong().isEmpty()) {
        deliver(true);
        compare();
      }
    }
    return wrong();
  }

  String transcript() {
    return transcript.toString();
  }

  private String wrong() {
    return client.complaint;
  }

  private void note(String who, String octets) {
    transcript.append(who).append(": ").append(octets.replace("\r\n", "~")).append('\n');
  }

  private void step() {
    int what = random.nextInt(10);
    if (random.nextInt(12) == 0) {
      doubt();
    } else if (what < 3) {
      if (random.nextInt(4) == 0) {
        replicas.add(store.copy());
      }
      store.change();
      note("--", "change");
    } else if (what < 7) {
      deliver(random.nextInt(3) > 0);
    } else if (client.open.isEmpty()
        || (random.nextInt(8) == 0 && !client.open.containsValue("IDLE"))) {
      act();
    } else if (client.idling && random.nextInt(3) == 0) {
      client.idling = false;
      send("DONE\r\n");
    }
  }

  /** Its store is asked whether it is there. */
  private void doubt() {
    byte[] question = session.ask();
    if (question.length > 0) {
      questions++;
      askOn(question);
    }
  }

  private void askOn(byte[] words) {
    String said = new String(words, ISO_8859_1);
    if (!said.isEmpty()) {
      note("ASKED", said);
      toClient.append(server.sent(said));
    }
  }

  /** What the client said while the store owed us an answer goes on its way. */
  private void release() {
    if (!session.isAsking() && !heldOfClient.isEmpty()) {
      String octets = heldOfClient.toString();
      heldOfClient.setLength(0);
      pass(octets);
    }
  }

  /** The client does something. */
  private void act() {
    String range = random.nextBoolean() ? "1:*" : "1";
    long uid = client.box.isEmpty() ? 1 : client.box.get(random.nextInt(client.box.size())).uid;
    if (uid == 0) {
      uid = 1;
    }
    String flag = List.of("\\Seen", "\\Flagged", "\\Deleted", "$k1").get(random.nextInt(4));
    String sign = random.nextBoolean() ? "+" : "-";
    if (!client.selected) {
      switch (random.nextInt(5)) {
        case 0 -> send(client.command("NOOP"));
        case 1 -> send(client.command("IDLE"));
        default -> select();
      }
      return;
    }
    if (client.box.isEmpty() && random.nextBoolean()) {
      send(client.command("NOOP"));
      return;
    }
    switch (random.nextInt(20)) {
      case 0, 1 -> send(client.command("NOOP"));
      case 2, 3, 4, 5 -> send(client.command("IDLE"));
      case 6, 7, 8 -> send(client.command("UID FETCH 1:* (UID FLAGS)"));
      case 9 -> send(client.command("FETCH " + (client.box.isEmpty() ? "1" : range) + " (FLAGS)"));
      case 10 -> send(client.command("UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE)"));
      case 11 ->
          send(
              client.command(
                  "UID FETCH "
                      + uid
                      + " (UID FLAGS BODY.PEEK[HEADER.FIELDS (TO CC)] RFC822.SIZE)"));
      case 12 -> send(client.command("UID STORE " + uid + " " + sign + "FLAGS (" + flag + ")"));
      case 13 ->
          send(client.command("UID STORE " + uid + " " + sign + "FLAGS.SILENT (" + flag + ")"));
      case 14 -> send(client.command("EXPUNGE"));
      case 15 -> send(client.command(random.nextBoolean() ? "UID SEARCH ALL" : "SEARCH ALL"));
      case 16 -> select();
      case 17 -> send(client.command(random.nextBoolean() ? "UNSELECT" : "CLOSE"));
      case 18 ->
          send(
              client.command(
                  List.of(
                          "STATUS OTHER (HIGHESTMODSEQ)",
                          "UID FETCH 1:* (UID FLAGS MODSEQ)",
                          "UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE "
                              + Math.max(1, client.modseq)
                              + ")",
                          "APPEND OTHER {5+}\r\nhello")
                      .get(random.nextInt(4))));
      default -> send(client.command("FETCH 1 (UID FLAGS INTERNALDATE)"));
    }
  }

  private void select() {
    String verb = random.nextInt(4) == 0 ? "EXAMINE " : "SELECT ";
    String name = random.nextInt(4) == 0 ? "OTHER" : "INBOX";
    if (random.nextInt(12) == 0) {
      name = "NOWHERE";
    }
    String rest = "";
    if (client.qresync
        && client.selected
        && client.name.equals(name)
        && client.modseq > 0
        && client.box.stream().allMatch(each -> each.uid > 0)
        && random.nextBoolean()) {
      rest = " (QRESYNC (" + client.validity + " " + client.modseq + "))";
    } else if (random.nextInt(8) == 0) {
      rest = " (CONDSTORE)";
    }
    client.name = name;
    String written =
        switch (random.nextInt(4)) {
          case 0 -> "\"" + name + "\"";
          case 1 -> "{" + name.length() + "+}\r\n" + name;
          default -> random.nextBoolean() ? name : name.toLowerCase(java.util.Locale.ROOT);
        };
    send(client.command(verb + written + rest));
  }

  private void send(String octets) {
    note("C", octets);
    if (session.isAsking()) {
      heldOfClient.append(octets);
    } else {
      pass(octets);
    }
  }

  private void pass(String octets) {
    for (String part : cut(octets)) {
      session.client().sent(ByteBuffer.wrap(MoveStore.octets(part)));
    }
    toClient.append(server.sent(octets));
  }

  /** Some of what the store has said reaches the client, or all. */
  private void deliver(boolean all) {
    toClient.append(server.told());
    int count = all ? toClient.length() : random.nextInt(toClient.length() + 1);
    String passed = toClient.substring(0, count);
    toClient.delete(0, count);
    StringBuilder clients = new StringBuilder();
    for (String part : cut(passed)) {
      ByteBuffer octets = ByteBuffer.wrap(MoveStore.octets(part));
      if (session.isAsking()) {
        clients.append(ISO_8859_1.decode(session.withoutAnswer(octets)));
        askOn(session.askOn());
      } else {
        session.store().sent(octets);
        clients.append(part);
      }
    }
    String known = heldOctets + clients;
    int held = Math.min(session.store().heldBack(), known.length());
    heldOctets = "";
    int rest = known.length() - held;
    heard(known.substring(0, rest), known.substring(rest));
    release();
    if (all && (!toClient.isEmpty() || session.isAsking()) && !session.isRefused()) {
      deliver(true);
    }
  }

  private String heldOctets = "";

  /** What the client sent while its store was asked. */
  private final StringBuilder heldOfClient = new StringBuilder();

  private void heard(String passed, String held) {
    if (!passed.isEmpty() || !held.isEmpty()) {
      note("S", passed);
    }
    client.hear(heldOctets + passed);
    heldOctets = held;
  }

  private List<String> cut(String octets) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at < octets.length()) {
      int count =
          random.nextInt(3) == 0 ? 1 + random.nextInt(octets.length() - at) : octets.length() - at;
      parts.add(octets.substring(at, at + count));
      at += count;
    }
    return parts;
  }

  private void ended(String why) {
    ends.merge(hostile ? "hostile" + why.replaceFirst(".*?(?=:|$)", "") : why, 1, Integer::sum);
  }

  /** The session's store dies, or is left. */
  private void die() {
    boolean planned = random.nextInt(4) == 0;
    if (planned) {
      deliver(true); // and the answer to a question of ours
    } else if (random.nextInt(3) > 0) {
      deliver(random.nextInt(4) > 0); // else it dies in the middle of what it says
    }
    if (session.stranded() == Stranded.MODSEQ_UNKNOWN && random.nextBoolean()) {
      prime();
    }
    Stranded why = session.stranded();
    if (why != null) {
      ended("not begun: " + why);
      over = true;
      return;
    }
    MoveStore next = store;
    int kind = random.nextInt(10);
    if (kind < 3 && !replicas.isEmpty()) {
      next = replicas.get(random.nextInt(replicas.size())).copy();
      for (int i = random.nextInt(12); i > 0; i--) {
        next.change();
      }
    } else if (kind == 3) {
      next = store.copy();
    }
    next.idles = random.nextInt(20) > 0;
    MoveStore.Box inbox = next.boxes.get("INBOX");
    if (inbox != null && random.nextInt(25) == 0) {
      inbox.forgotten = inbox.modseq;
      inbox.honest = true;
    }
    if (random.nextInt(40) == 0 && inbox != null) {
      inbox.validity++;
    }
    if (random.nextInt(40) == 0) {
      next.boxes.remove("OTHER");
    }
    hostile = random.nextInt(20) == 0;
    note(
        "==",
        "move"
            + (planned ? ", planned" : "")
            + (next == store ? "" : " to another copy")
            + (hostile ? ", hostile" : ""));
    new Moving(next, planned).run();
    moves++;
  }

  private void prime() {
    SessionMove priming = session.priming();
    if (priming == null) {
      return;
    }
    MoveStore.Session side = store.new Session();
    List<MoveStep> steps = new ArrayList<>(priming.begin());
    while (!steps.isEmpty()) {
      MoveStep step = steps.remove(0);
      if (step instanceof MoveStep.Need) {
        steps.addAll(priming.loggedIn(Line.SIDE, MoveStore.OFFERED, new byte[0]));
      } else if (step instanceof MoveStep.Send send) {
        note("prime", new String(send.octets(), ISO_8859_1));
        steps.addAll(
            priming.received(
                Line.SIDE, MoveStore.octets(side.sent(new String(send.octets(), ISO_8859_1)))));
      }
    }
  }

  /** What the client believes, against what the session at the store has told. */
  private void compare() {
    if (hostile || client.inLine() || (!client.open.isEmpty() && !client.idling) || over) {
      return;
    }
    if (client.byed) {
      return;
    }
    if (client.condstore != server.condstore || client.qresync != server.qresync) {
      complain(
          "dialect: "
              + client.condstore
              + client.qresync
              + " at the store "
              + server.condstore
              + server.qresync);
      return;
    }
    MoveStore.Box box = server.box;
    if (client.selected != (box != null)) {
      complain("selected: " + client.selected);
      return;
    }
    if (box == null) {
      return;
    }
    if (client.box.size() != server.view.size()) {
      complain("knows " + client.box.size() + " of " + server.view);
      return;
    }
    for (int i = 0; i < client.box.size(); i++) {
      MoveClient.Known known = client.box.get(i);
      long uid = server.view.get(i);
      if (known.uid != 0 && known.uid != uid) {
        complain("number " + (i + 1) + " is UID " + uid + ", not " + known.uid);
      }
      Set<String> flags = server.toldFlags.get(uid);
      if (known.flags != null && !known.flags.equals(flags == null ? null : new TreeSet<>(flags))) {
        complain("flags of " + uid + ": " + known.flags + ", are " + flags);
      }
      MoveStore.Message message = box.messages.get(uid);
      if (message != null
          && known.uid != 0
          && known.size >= 0
          && known.size != (message.content & 0xffff)) {
        complain("UID " + uid + " is other mail");
      }
    }
  }

  private void complain(String why) {
    if (client.complaint.isEmpty()) {
      client.complaint = why;
    }
  }

  /** One move, its steps carried out. */
  private final class Moving {
    private MoveStore next;

    /** Null while there is none, or it was lost. */
    private MoveStore.@Nullable Session main;

    private MoveStore.@Nullable Session side;
    private final SessionMove move;
    private final List<MoveStep> steps = new ArrayList<>();
    private boolean ended;
    private String behindLast = "";

    Moving(MoveStore next, boolean planned) {
      this.next = next;
      this.move = session.move(MoveStore.OFFERED, planned);
    }

    void run() {
      steps.addAll(move.begin());
      steps.addAll(move.clientSent(MoveStore.octets(heldOfClient.toString())));
      heldOfClient.setLength(0);
      boolean typed = false;
      while (!ended) {
        if (random.nextInt(6) == 0 && !hostile) {
          next.change();
          note("--", "change");
        }
        if (!typed && client.open.isEmpty() && random.nextInt(12) == 0) {
          typed = true;
          typeIn();
        }
        if (steps.isEmpty()) {
          if (hostile && !move.waiting()) {
            ended("bye: in time");
            over = true;
            return;
          }
          if (!move.waiting()) {
            throw new AssertionError("it neither goes on nor ends");
          }
          if (random.nextInt(4) == 0) {
            lose();
          } else {
            typeIn();
          }
          continue;
        }
        carryOut(steps.remove(0));
      }
    }

    private void typeIn() {
      String typed =
          client.command(
              List.of(
                      "NOOP",
                      "UID FETCH 1:* (UID FLAGS)",
                      "FETCH 1:* (FLAGS)",
                      "IDLE",
                      "UID SEARCH ALL")
                  .get(random.nextInt(5)));
      note("C", typed);
      for (String part : cut(typed)) {
        steps.addAll(move.clientSent(MoveStore.octets(part)));
      }
    }

    private void carryOut(MoveStep step) {
      if (step instanceof MoveStep.Need need) {
        if (need.line() == Line.MAIN) {
          main = next.new Session();
        } else {
          side = next.new Session();
        }
        steps.addAll(move.loggedIn(need.line(), MoveStore.OFFERED, new byte[0]));
      } else if (step instanceof MoveStep.Send send && of(send.line()) == null) {
        return; // that connection was lost
      } else if (step instanceof MoveStep.Send send && goes(send.line())) {
        lose();
      } else if (step instanceof MoveStep.Send send) {
        String octets = new String(send.octets(), ISO_8859_1);
        note(send.line().name(), octets);
        MoveStore.Session to = Objects.requireNonNull(of(send.line()));
        String answer = spoilt(to.sent(octets), send.line());
        note(send.line() + " answers", answer);
        List<String> parts = cut(answer);
        while (!parts.isEmpty() && !isLast()) {
          steps.addAll(move.received(send.line(), MoveStore.octets(parts.remove(0))));
        }
        behindLast = String.join("", parts);
      } else if (step instanceof MoveStep.Tell tell) {
        heard(new String(tell.octets(), ISO_8859_1), "");
      } else if (step instanceof MoveStep.Leave leave && leave.line() == Line.SIDE) {
        side = null;
      } else if (step instanceof MoveStep.GoOn on) {
        goOn(on);
      } else if (step instanceof MoveStep.Bye bye) {
        ended("bye: " + bye.why());
        ended = true;
        over = true;
      }
    }

    private MoveStore.@Nullable Session of(Line line) {
      return line == Line.MAIN ? main : line == Line.SIDE ? side : server;
    }

    /** Whether the new store dies when it is sent that. */
    private boolean goes(Line line) {
      return line != Line.OLD && random.nextInt(30) == 0;
    }

    /** The new store dies; another copy, which may be later, takes its place, or it comes back. */
    private void lose() {
      note("==", "the new store is lost");
      Line line = side == null || random.nextBoolean() ? Line.MAIN : Line.SIDE;
      main = null;
      side = null;
      lost++;
      if (random.nextBoolean()) {
        next = next.copy();
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        next.change();
      }
      steps.addAll(move.lost(line));
    }

    /** Whether the last step is there: what comes behind it is not the move's any more. */
    private boolean isLast() {
      return steps.stream()
          .anyMatch(step -> step instanceof MoveStep.GoOn || step instanceof MoveStep.Bye);
    }

    /** What a hostile store makes of its answer. */
    private String spoilt(String answer, Line line) {
      if (!hostile || line == Line.OLD || random.nextInt(3) == 0) {
        return answer;
      }
      List<String> lines = new ArrayList<>(List.of(answer.split("(?<=\r\n)")));
      int at = random.nextInt(lines.size());
      switch (random.nextInt(8)) {
        case 0 -> lines.remove(at);
        case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
        case 2 ->
            lines.set(at, lines.get(at).replaceFirst("\\d+", String.valueOf(random.nextInt(20))));
        case 3 -> lines.add(at, "* 999999999999 EXISTS\r\n");
        case 4 -> lines.add(at, "* 1 FETCH (BODY[] {3}\r\nabc)\r\n");
        case 5 -> lines.add(at, "* BYE go\r\n");
        case 6 -> lines.add(at, "* VANISHED 1:4294967295\r\n");
        default -> lines.add(at, "+ \u0000 more\r\n");
      }
      return String.join("", lines);
    }

    private void goOn(MoveStep.GoOn on) {
      ended = true;
      ended(on.with() == Line.OLD ? "stays: " + move.staysBecause() : "moved");
      String words = new String(on.toClient(), ISO_8859_1);
      note("TOLD", words);
      if (on.with() == Line.MAIN) {
        heldOctets = "";
      }
      heard(words, "");
      if (on.with() == Line.MAIN) {
        store = next;
        server = Objects.requireNonNull(main);
        replicas.clear();
        toClient.setLength(0);
      }
      toClient.append(new String(on.fromStore(), ISO_8859_1)).append(behindLast);
      String sent = new String(on.toStore(), ISO_8859_1);
      session.client().sent(ByteBuffer.wrap(on.toStore()));
      toClient.append(server.sent(sent));
      if (hostile) {
        over = true; // what it says from here on is its own affair
      }
    }
  }
}
