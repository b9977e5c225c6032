package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.MoveStep.Line;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;
import org.openmmp.wire.LineFramer;

/**
 * The move of one IMAP session (rule B9.3). On the connection that becomes the session's the
 * client's dialect is switched on and its mailbox selected as the client selected it; on a second
 * one, as QRESYNC cannot be switched off, it is asked what has changed since. If that proves that
 * what the client knows has become what is there, the client hears the difference and goes on.
 *
 * <pre>
 * LEAVING_IDLE? → LOGIN → CAPABILITY? → ENABLE? → SELECT → SEARCH → SIDE_LOGIN → SIDE_ENABLE → EXAMINE
 *   → WITNESSES? → FLAGS? → IDLE? → (WAITING → STILL_THERE)? → ENDED
 * SELECT … WITNESSES → SELECT where the mailbox did not stand still, three times at the most
 * LOGIN … STILL_THERE → LOGIN at another store, where the new one is lost, or cannot serve for now, and the old one is gone
 * </pre>
 */
final class ImapMove implements SessionMove {
  private static final int MOST_TRIES = 3;
  private static final int LONGEST_LINE = 4 * 1024 * 1024;
  private static final int MOST_OCTETS = 16 * 1024 * 1024;
  private static final int MOST_OF_CLIENT = 64 * 1024;
  private static final int LONGEST_COMMAND = 8 * 1024;

  /** What concerns only what comes before a login; a store may have it or not. */
  private static final Set<String> BEFORE_LOGIN =
      Set.of("STARTTLS", "LOGINDISABLED", "LOGIN-REFERRALS", "SASL-IR", "ID", "XCLIENT");

  /** How a refusal begins that says nothing of the mailbox: another host may well serve. */
  private static final List<String> FOR_NOW =
      List.of("NO [UNAVAILABLE]", "NO [SERVERBUG]", "NO [INUSE]");

  private enum Stage {
    NEW,
    LEAVING_IDLE,
    LOGIN,
    CAPABILITY,
    ENABLE,
    SELECT,
    SEARCH,
    SIDE_LOGIN,
    SIDE_ENABLE,
    EXAMINE,
    WITNESSES,
    FLAGS,
    IDLE,
    WAITING,
    /** The client's command has come, and the store may have gone, or changed, meanwhile. */
    STILL_THERE,
    /** The session goes back into IDLE at the store that it was at. */
    BACK_IN_IDLE,
    ENDED
  }

  private final ImapObserver session;
  private final String offered;
  private final boolean planned;
  private final @Nullable ImapSelection told;
  private final @Nullable String tag;
  private final boolean inIdle;
  private ImapLook main = new ImapLook(LONGEST_LINE);
  private ImapLook side = new ImapLook(LONGEST_LINE);
  private final LineFramer old = new LineFramer(MOST_OF_CLIENT, LineFramer.LineEnd.CRLF_OR_LF);
  private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream(0);
  private final List<MoveStep> steps = new ArrayList<>();
  private Stage stage = Stage.NEW;
  private boolean oldIsGone;
  private long oldLiteral;
  private @Nullable Stranded staysBecause;
  private int tags;
  private String awaited = "";
  private int tries;

  /** Whether the mailbox changed on the connection that is to become the session's. */
  private boolean disturbed;

  /** How many of the newest messages that the client has seen were asked for. */
  private long witnessesAsked;

  private final List<ImapFetchItems> heardWitnesses = new ArrayList<>(0);

  /** What the client will hear, and what it knows then; null before the verdict. */
  private @Nullable ImapNews news;

  ImapMove(ImapObserver session, String offered, boolean planned) {
    this.session = session;
    this.offered = offered;
    this.planned = planned;
    this.told = session.selected();
    this.tag = session.openTag();
    this.inIdle = session.inIdle();
    this.oldIsGone = !planned;
  }

  @Override
  public List<MoveStep> begin() {
    boolean busy = session.isAsking() || (tag != null && (!inIdle || session.awaitsIdling()));
    if (planned && busy) {
      return fail(Stranded.COMMAND_OPEN);
    }
    if (planned && tag != null) {
      stage = Stage.LEAVING_IDLE;
      send(Line.OLD, "DONE\r\n");
    } else {
      need(Line.MAIN, Stage.LOGIN);
    }
    return taken();
  }

  private List<MoveStep> taken() {
    List<MoveStep> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }

  private void need(Line line, Stage during) {
    stage = during;
    talk(line).needed = true;
    steps.add(new MoveStep.Need(line));
  }

  private ImapLook talk(Line line) {
    return line == Line.SIDE ? side : main;
  }

  private void send(Line line, String text) {
    steps.add(new MoveStep.Send(line, text.getBytes(ISO_8859_1)));
  }

  private void ask(Line line, Stage during, String command) {
    stage = during;
    awaited = nextTag();
    send(line, awaited + ' ' + command + "\r\n");
  }

  private String nextTag() {
    tags++;
    return "M" + tags;
  }

  private List<MoveStep> fail(Stranded why) {
    giveUp(why);
    return taken();
  }

  /** It comes to nothing: the session stays where it is if its old store lives, or ends. */
  private void giveUp(Stranded why) {
    if (stage == Stage.ENDED) {
      return;
    }
    if (oldIsGone || stage == Stage.BACK_IN_IDLE) {
      stage = Stage.ENDED;
      steps.add(new MoveStep.Bye(why));
      return;
    }
    boolean begun = stage != Stage.NEW;
    staysBecause = why;
    leave(Line.MAIN);
    leave(Line.SIDE);
    if (tag != null && begun) {
      stage = Stage.BACK_IN_IDLE;
      send(Line.OLD, tag + " IDLE\r\n");
    } else {
      stay();
    }
  }

  private void stay() {
    stage = Stage.ENDED;
    session.stays();
    steps.add(new MoveStep.GoOn(Line.OLD, new byte[0], fromClient.toByteArray(), old.rest()));
  }

  private void leave(Line line) {
    if (line == Line.OLD) {
      if (!oldIsGone) {
        oldIsGone = true;
        steps.add(new MoveStep.Leave(line, lastWords()));
      }
    } else if (talk(line).needed) {
      talk(line).needed = false;
      steps.add(new MoveStep.Leave(line, lastWords()));
    }
  }

  private byte[] lastWords() {
    return (nextTag() + " LOGOUT\r\n").getBytes(ISO_8859_1);
  }

  @Override
  public List<MoveStep> lost(Line line) {
    if (line == Line.OLD) {
      if (stage == Stage.BACK_IN_IDLE) {
        return fail(Stranded.STORE_LOST);
      }
      oldIsGone = true;
      if (stage == Stage.LEAVING_IDLE) {
        leftIdle();
      }
      return taken();
    }
    if (!talk(line).needed) {
      return taken();
    }
    talk(line).needed = false;
    elsewhere(Stranded.STORE_LOST);
    return taken();
  }

  /**
   * The new store is lost, or cannot serve for now, and nothing of what it said was told: what the
   * client knows can be compared with another one as well, where the session has no store to stay
   * at.
   */
  private void elsewhere(Stranded why) {
    if (!oldIsGone || stage == Stage.ENDED) {
      giveUp(why);
      return;
    }
    leave(Line.MAIN);
    leave(Line.SIDE);
    main = new ImapLook(LONGEST_LINE);
    side = new ImapLook(LONGEST_LINE);
    awaited = "";
    tries = 0;
    disturbed = false;
    heardWitnesses.clear();
    news = null;
    need(Line.MAIN, Stage.LOGIN);
  }

  @Override
  public List<MoveStep> clientSent(byte[] octets) {
    fromClient.writeBytes(octets);
    if (fromClient.size() > MOST_OF_CLIENT) {
      return fail(Stranded.TOO_LARGE);
    }
    if (stage == Stage.WAITING) {
      goOnIfToldNow();
    }
    return taken();
  }

  @Override
  public boolean waiting() {
    return stage == Stage.WAITING;
  }

  @Override
  public @Nullable Stranded staysBecause() {
    return staysBecause;
  }

  @Override
  public List<MoveStep> loggedIn(Line line, String capabilities, byte[] leftOver) {
    ImapLook talk = talk(line);
    talk.offers = new ImapCapabilities(capabilities);
    if (stage == Stage.LOGIN && line == Line.MAIN) {
      if (capabilities.isEmpty()) {
        ask(line, Stage.CAPABILITY, "CAPABILITY");
      } else {
        offers();
      }
    } else if (stage == Stage.SIDE_LOGIN && line == Line.SIDE) {
      ask(line, Stage.SIDE_ENABLE, "ENABLE QRESYNC");
    } else {
      return taken();
    }
    List<MoveStep> first = taken();
    if (leftOver.length == 0) {
      return first;
    }
    List<MoveStep> all = new ArrayList<>(first);
    all.addAll(received(line, leftOver));
    return all;
  }

  @Override
  public List<MoveStep> received(Line line, byte[] octets) {
    if (stage == Stage.ENDED) {
      return taken();
    }
    if (line == Line.OLD) {
      old.add(octets);
      hearOld();
      if (old.buffered() > MOST_OF_CLIENT) {
        leave(Line.OLD); // more than it can have to say to a client that has asked for nothing
      }
      return taken();
    }
    ImapLook talk = talk(line);
    talk.octets += octets.length;
    talk.lines.add(octets);
    while (talk.needed && stage != Stage.WAITING && stage != Stage.ENDED) {
      byte[] response = talk.lines.line();
      if (response == null) {
        boolean tooMuch = news != null && news.length() > MOST_OCTETS;
        return tooMuch || talk.octets > MOST_OCTETS || talk.lines.tooLong()
            ? fail(Stranded.TOO_LARGE)
            : taken();
      }
      hear(line, talk, response);
    }
    return taken();
  }

  /** What the old store still says while the session leaves its IDLE is for the client. */
  private void hearOld() {
    while (stage == Stage.LEAVING_IDLE || stage == Stage.BACK_IN_IDLE) {
      byte[] line;
      if (oldLiteral > 0) {
        int count = (int) Math.min(oldLiteral, old.buffered());
        byte[] part = count == 0 ? null : old.octets(count);
        if (part == null) {
          return;
        }
        oldLiteral -= count;
        pass(part);
        continue;
      }
      line = old.line();
      if (line == null) {
        if (old.tooLong()) {
          oldIsGone = true;
          giveUp(Stranded.NOT_UNDERSTOOD);
        }
        return;
      }
      String text = new String(line, ISO_8859_1);
      if (session.storeIsBetweenLines() && text.startsWith(tag + " ")) {
        if (stage == Stage.BACK_IN_IDLE) {
          giveUp(Stranded.REFUSED);
        } else {
          leftIdle();
        }
      } else if (session.storeIsBetweenLines() && text.startsWith("+")) {
        if (stage == Stage.BACK_IN_IDLE) {
          stay();
        }
      } else {
        pass((text + "\r\n").getBytes(ISO_8859_1));
        oldLiteral = session.store().literalLeft();
        if (session.storeLeaves() || oldLiteral == Long.MAX_VALUE) {
          oldIsGone = true;
          if (stage == Stage.BACK_IN_IDLE || !session.storeLeaves()) {
            giveUp(Stranded.STORE_LOST);
          } else {
            leftIdle();
          }
        }
      }
    }
  }

  /** The old store may have said something last that keeps the session there. */
  private void leftIdle() {
    Stranded why = session.unclear();
    if (why != null) {
      giveUp(why);
    } else {
      need(Line.MAIN, Stage.LOGIN);
    }
  }

  private void pass(byte[] octets) {
    session.store().sent(ByteBuffer.wrap(octets));
    if (!session.storeLeaves()) {
      steps.add(new MoveStep.Tell(octets));
    }
  }

  private void hear(Line line, ImapLook talk, byte[] response) {
    int first = response.length == 0 ? ' ' : response[0];
    if (first == '+') {
      wanted(line, talk);
    } else if (first == '*') {
      untagged(line, talk, response);
    } else {
      tagged(new String(response, ISO_8859_1));
    }
  }

  /** The store wants the rest of a command, or has begun its IDLE. */
  private void wanted(Line line, ImapLook talk) {
    byte[] piece = talk.pieces.poll();
    if (piece != null) {
      steps.add(new MoveStep.Send(line, piece));
    } else if (stage == Stage.IDLE && line == Line.MAIN) {
      told();
    } else {
      giveUp(Stranded.NOT_UNDERSTOOD);
    }
  }

  private void untagged(Line line, ImapLook talk, byte[] response) {
    switch (talk.hear(response)) {
      case STRANGE -> giveUp(Stranded.NOT_UNDERSTOOD);
      case GOODBYE -> elsewhere(Stranded.STORE_LOST);
      case CHANGED -> changed(line, talk);
      case TOLD -> {}
    }
  }

  private void changed(Line line, ImapLook look) {
    ImapFetchItems items = look.fetched;
    boolean selects =
        line == Line.MAIN ? stage == Stage.SELECT && session.hasQresync() : stage == Stage.EXAMINE;
    if (stage == Stage.WITNESSES && items != null && items.size != ImapCursor.NONE) {
      heardWitnesses.add(items);
    } else if (selects && items != null) {
      if (items.uid == ImapCursor.NONE || !look.changed.add(items.uid, items.uid)) {
        giveUp(Stranded.NOT_UNDERSTOOD);
      }
    } else if (line == Line.MAIN
        && (stage == Stage.FLAGS || stage == Stage.IDLE || stage == Stage.STILL_THERE)) {
      Stranded why = news == null ? Stranded.NOT_UNDERSTOOD : news.hear(look);
      if (why != null) {
        giveUp(why);
      }
    } else if (line == Line.MAIN) {
      // At SELECT the mailbox tells its size; anything else, or later, is a change.
      disturbed |=
          stage != Stage.SELECT || items != null || look.expunge || look.vanishedNow != null;
    }
  }

  private void tagged(String response) {
    int tagEnd = response.indexOf(' ');
    String named = tagEnd < 0 ? response : response.substring(0, tagEnd);
    String rest = tagEnd < 0 ? "" : response.substring(tagEnd + 1).toUpperCase(Locale.ROOT);
    if (named.isEmpty() || !named.equals(stage == Stage.IDLE ? tag : awaited)) {
      giveUp(Stranded.NOT_UNDERSTOOD);
    } else if (!rest.equals("OK") && !rest.startsWith("OK ")) {
      boolean no = rest.startsWith("NO ") || rest.startsWith("BAD ") || rest.equals("NO");
      if (FOR_NOW.stream().anyMatch(rest::startsWith)) {
        elsewhere(Stranded.REFUSED);
      } else {
        giveUp(no ? Stranded.REFUSED : Stranded.NOT_UNDERSTOOD);
      }
    } else {
      awaited = "";
      succeeded(rest);
    }
  }

  private void succeeded(String rest) {
    switch (stage) {
      case CAPABILITY -> {
        main.offers = new ImapCapabilities(main.capabilities);
        offers();
      }
      case ENABLE -> enabled();
      case SELECT -> selected(rest);
      case SEARCH -> searched();
      case SIDE_ENABLE -> {
        if (side.enabled.contains("QRESYNC")) {
          examine();
        } else {
          giveUp(Stranded.CAPABILITIES);
        }
      }
      case EXAMINE -> examined();
      case WITNESSES -> witnessed();
      case FLAGS -> flagged();
      case STILL_THERE -> goOn();
      default -> giveUp(Stranded.NOT_UNDERSTOOD); // IDLE that ended by itself
    }
  }

  private void offers() {
    Set<String> here = new HashSet<>(main.offers.names());
    for (String name : new ImapCapabilities(offered).names()) {
      if (!here.contains(name) && !name.startsWith("AUTH=") && !BEFORE_LOGIN.contains(name)) {
        giveUp(Stranded.CAPABILITIES);
        return;
      }
    }
    boolean lacks =
        (inIdle && !here.contains("IDLE") && !here.contains("IMAP4REV2"))
            || (told != null && !here.contains("QRESYNC"));
    if (lacks) {
      giveUp(Stranded.CAPABILITIES);
    } else if (session.enabled().isEmpty()) {
      select();
    } else {
      ask(Line.MAIN, Stage.ENABLE, "ENABLE " + session.enabled());
    }
  }

  private void enabled() {
    Set<String> enabled = main.enabled;
    for (String extension : session.enabled().split(" ", -1)) {
      boolean included = extension.equals("CONDSTORE") && enabled.contains("QRESYNC");
      if (!enabled.contains(extension) && !included) {
        giveUp(Stranded.CAPABILITIES);
        return;
      }
    }
    select();
  }

  private void select() {
    ImapSelection mailbox = told;
    if (mailbox == null) {
      idle();
      return;
    }
    tries++;
    disturbed = false;
    main.begin();
    open(Line.MAIN, Stage.SELECT, mailbox, mailbox.examined, session.hasQresync());
  }

  private void open(
      Line line, Stage during, ImapSelection mailbox, boolean examine, boolean since) {
    stage = during;
    awaited = nextTag();
    String rest = since ? " (QRESYNC (" + mailbox.uidValidity + ' ' + mailbox.modseq + "))" : "";
    ImapLook talk = talk(line);
    talk.pieces.addAll(
        ImapStoreCommands.aboutMailbox(
            awaited + (examine ? " EXAMINE" : " SELECT"), mailbox.name, rest, talk.offers));
    steps.add(new MoveStep.Send(line, talk.pieces.remove()));
  }

  private void selected(String rest) {
    ImapSelection mailbox = mailbox();
    Stranded why = differs(mailbox, main);
    if (why != null) {
      giveUp(why);
      return;
    }
    boolean readOnly = rest.startsWith("OK [READ-ONLY]");
    if (readOnly != mailbox.readOnly
        || (!readOnly && !rest.startsWith("OK [READ-WRITE]") && !mailbox.examined)) {
      giveUp(Stranded.ACCESS);
      return;
    }
    boolean ranges = main.offers.has("ESEARCH") || main.offers.has("IMAP4REV2");
    ask(Line.MAIN, Stage.SEARCH, ranges ? "UID SEARCH RETURN (ALL) ALL" : "UID SEARCH ALL");
  }

  private ImapSelection mailbox() {
    if (told == null) {
      throw new IllegalStateException("nothing is selected");
    }
    return told;
  }

  /** Whether it is another mailbox, or the same at an earlier time. */
  private static @Nullable Stranded differs(ImapSelection told, ImapLook look) {
    if (look.exists < 0 || look.uidValidity == 0 || look.uidNext == 0) {
      return Stranded.NOT_UNDERSTOOD;
    }
    if (look.uidValidity != told.uidValidity
        || (told.mailboxId != 0 && told.idOf(look.mailboxId) != told.mailboxId)) {
      return Stranded.MAILBOX;
    }
    long newest = Math.max(told.modseq, told.newestModseq);
    return look.uidNext < told.uidNext || (look.modseq != 0 && look.modseq < newest)
        ? Stranded.BEHIND
        : null;
  }

  private void searched() {
    if (!main.searched) {
      giveUp(Stranded.NOT_UNDERSTOOD);
    } else if (disturbed || (session.hasQresync() && main.modseq == 0)) {
      again();
    } else if (session.hasQresync()) {
      lookAtWitnesses(Line.MAIN);
    } else if (!side.needed) {
      need(Line.SIDE, Stage.SIDE_LOGIN);
    } else {
      examine();
    }
  }

  private void again() {
    if (tries >= MOST_TRIES) {
      giveUp(Stranded.UNSETTLED);
    } else {
      select();
    }
  }

  private void examine() {
    side.begin();
    open(Line.SIDE, Stage.EXAMINE, mailbox(), true, true);
  }

  private void examined() {
    Stranded why = differs(mailbox(), side);
    if (why != null) {
      giveUp(why);
    } else if (disturbed
        || side.modseq == 0
        || side.modseq != main.modseq
        || side.exists != main.exists
        || side.uidNext != main.uidNext) {
      again();
    } else {
      main.vanished = side.vanished;
      main.changed = side.changed;
      lookAtWitnesses(Line.SIDE);
    }
  }

  /** Whether the newest messages that the client has seen are the same. */
  private void lookAtWitnesses(Line line) {
    heardWitnesses.clear();
    ImapRanges asked = new ImapRanges(mailbox().witnesses().size());
    for (ImapSelection.Witness witness : mailbox().witnesses()) {
      if (main.present.has(witness.uid())) {
        asked.add(witness.uid(), witness.uid());
      }
    }
    witnessesAsked = asked.total();
    if (witnessesAsked == 0) {
      if (mailbox().witnesses().isEmpty()) {
        compare();
      } else {
        giveUp(Stranded.AMBIGUOUS);
      }
      return;
    }
    boolean ids = mailbox().witnesses().stream().anyMatch(each -> each.emailId() != 0);
    StringBuilder command = new StringBuilder("UID FETCH ");
    asked.appendTo(command);
    command.append(" (UID RFC822.SIZE INTERNALDATE").append(ids ? " EMAILID)" : ")");
    ask(line, Stage.WITNESSES, command.toString());
  }

  private void witnessed() {
    long heard = 0;
    boolean other = false;
    for (ImapSelection.Witness witness : mailbox().witnesses()) {
      for (ImapFetchItems items : heardWitnesses) {
        if (items.uid == witness.uid()) {
          long id = items.emailId == null ? 0 : session.key().of(items.emailId);
          heard++;
          other |=
              differ(witness.size(), items.size)
                  || differ(witness.date(), items.date)
                  || (witness.emailId() != 0 && witness.emailId() != id);
        }
      }
    }
    if (other) {
      giveUp(Stranded.OTHER_MAIL);
    } else if (disturbed || heard < witnessesAsked) {
      again();
    } else {
      compare();
    }
  }

  private static boolean differ(long told, long found) {
    return told != ImapCursor.NONE && told != found;
  }

  /** The verdict, and what the client will hear of it. */
  private void compare() {
    ImapComparison comparison = ImapComparison.of(mailbox(), main);
    Stranded why = comparison.compare();
    if (why == Stranded.UNSETTLED) {
      again();
    } else if (why != null) {
      giveUp(why);
    } else {
      leave(Line.SIDE);
      news =
          new ImapNews(
              session.hasCondstore(),
              session.hasQresync(),
              session.wantsUids(),
              mailbox(),
              main,
              comparison);
      main.present = new ImapRanges(0);
      askForFlags(news.flagsInDoubt());
    }
  }

  private void askForFlags(@Nullable String whose) {
    if (whose == null) {
      giveUp(Stranded.TOO_LARGE);
    } else if (whose.isEmpty()) {
      idle();
    } else {
      String items = session.hasCondstore() ? " (UID FLAGS MODSEQ)" : " (UID FLAGS)";
      ask(Line.MAIN, Stage.FLAGS, "UID FETCH " + whose + items);
    }
  }

  private void flagged() {
    if (news != null && news.hasFlags()) {
      idle();
    } else {
      giveUp(Stranded.UNSETTLED);
    }
  }

  /** All is verified: into IDLE again, if the client is. */
  private void idle() {
    if (inIdle) {
      stage = Stage.IDLE;
      send(Line.MAIN, tag + " IDLE\r\n");
    } else {
      told();
    }
  }

  /** The client hears what there is to hear, if it may now. */
  private void told() {
    if (tag == null && news != null && news.hasExpunges()) {
      stage = Stage.WAITING;
      leave(Line.OLD);
      goOnIfToldNow();
    } else {
      goOn();
    }
  }

  private void goOn() {
    stage = Stage.ENDED;
    String words = words();
    session.goesOn(news == null ? null : news.known());
    leave(Line.OLD);
    steps.add(
        new MoveStep.GoOn(
            Line.MAIN, words.getBytes(ISO_8859_1), fromClient.toByteArray(), main.lines.rest()));
  }

  /** What the client hears: of its mailbox, and of the command that is under way. */
  private String words() {
    boolean awaitsIdling = session.awaitsIdling();
    StringBuilder words = new StringBuilder(awaitsIdling && !inIdle ? "+ idling\r\n" : "");
    if (news != null) {
      words.append(news.words());
    }
    if (awaitsIdling && inIdle) {
      words.append("+ idling\r\n");
    }
    if (tag != null && !inIdle) {
      words.append(tag).append(session.openIsIdle() ? " OK Idle" : " OK NOOP");
      words.append(" completed.\r\n");
    }
    return words.toString();
  }

  /** Expunges may be told once a command is there that has no sequence numbers. */
  private void goOnIfToldNow() {
    byte[] sent = fromClient.toByteArray();
    int end = 0;
    while (end < sent.length && sent[end] != '\n') {
      end++;
    }
    if (end == sent.length) {
      if (end > LONGEST_COMMAND) {
        giveUp(Stranded.NUMBERS_IN_USE);
      }
      return;
    }
    int stop = end > 0 && sent[end - 1] == '\r' ? end - 1 : end;
    if (ImapNews.mayExpungeBehind(new ImapCursor(ByteBuffer.wrap(sent), 0, stop))) {
      ask(Line.MAIN, Stage.STILL_THERE, "NOOP");
    } else {
      giveUp(Stranded.NUMBERS_IN_USE);
    }
  }
}
