package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.MoveStep.Line;
import org.openmmp.proxy.session.Stranded;

/**
 * The proof of a session's move (rule B9.3), and all that is said to one new store for it. On the
 * connection that becomes the session's the client's dialect is switched on and its mailbox
 * selected as the client selected it; on a second one, as QRESYNC cannot be switched off, it is
 * asked what has changed since.
 *
 * <pre>
 * LOGIN → CAPABILITY? → ENABLE? → SELECT → SEARCH → SIDE_LOGIN → SIDE_ENABLE → EXAMINE
 *   → WITNESSES? → FLAGS? → IDLE? → PROVEN (→ STILL_THERE → PROVEN)?
 * SELECT … WITNESSES → SELECT where the mailbox did not stand still, three times at the most
 * LOGIN … STILL_THERE → FAILED
 * </pre>
 */
final class ImapProof {
  private static final int MOST_TRIES = 3;
  private static final int LONGEST_LINE = 4 * 1024 * 1024;
  private static final int MOST_OCTETS = 16 * 1024 * 1024;

  /** What concerns only what comes before a login; a store may have it or not. */
  private static final Set<String> BEFORE_LOGIN =
      Set.of("STARTTLS", "LOGINDISABLED", "LOGIN-REFERRALS", "SASL-IR", "ID", "XCLIENT");

  /** How a refusal begins that says nothing of the mailbox: another host may well serve. */
  private static final List<String> FOR_NOW =
      List.of("NO [UNAVAILABLE]", "NO [SERVERBUG]", "NO [INUSE]");

  private enum Stage {
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
    PROVEN,
    /** The client's command has come, and the store may have gone, or changed, meanwhile. */
    STILL_THERE,
    FAILED
  }

  private final ImapDialect dialect;
  private final ImapKey key;
  private final @Nullable String idleTag;
  private final Set<String> offered;
  private final List<MoveStep> steps;
  private final @Nullable ImapSelection told;
  private final ImapLook main = new ImapLook(LONGEST_LINE);
  private final ImapLook side = new ImapLook(LONGEST_LINE);
  private Stage stage = Stage.LOGIN;
  private @Nullable Stranded failure;
  private boolean mayGoElsewhere;
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

  /**
   * Begins with a login there.
   *
   * @param dialect in which the client is spoken to
   * @param key under which told things are kept
   * @param told what the client has selected, and knows of it; null if nothing
   * @param idleTag the tag of the IDLE that it is in; null if it is in none
   * @param offered what it was offered
   * @param steps where what is to be done is added
   * @param tags how many tags are used already
   */
  ImapProof(
      ImapDialect dialect,
      ImapKey key,
      @Nullable ImapSelection told,
      @Nullable String idleTag,
      Set<String> offered,
      List<MoveStep> steps,
      int tags) {
    this.dialect = dialect;
    this.key = key;
    this.told = told;
    this.idleTag = idleTag;
    this.offered = offered;
    this.steps = steps;
    this.tags = tags;
    need(Line.MAIN, Stage.LOGIN);
  }

  /** Whether the client may go on there, and hear the news. */
  boolean isProven() {
    return stage == Stage.PROVEN;
  }

  /** Why it may not; null if it may, or that is not known. */
  @Nullable Stranded failure() {
    return failure;
  }

  /** Whether that says nothing of what the client knows, so that another store may prove it. */
  boolean mayGoElsewhere() {
    return mayGoElsewhere;
  }

  /** How many tags are used. */
  int tags() {
    return tags;
  }

  /** What the client will hear, and what it knows then; null if nothing is selected. */
  @Nullable ImapNews news() {
    return news;
  }

  /** What the store has said behind the proof. */
  byte[] rest() {
    return main.lines.rest();
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

  private void giveUp(Stranded why) {
    if (stage != Stage.FAILED) {
      stage = Stage.FAILED;
      failure = why;
    }
  }

  /** The store is lost, or cannot serve for now. */
  private void elsewhere(Stranded why) {
    mayGoElsewhere |= stage != Stage.FAILED;
    giveUp(why);
  }

  /** Nothing more is asked there. */
  void leave() {
    leave(Line.MAIN);
    leave(Line.SIDE);
  }

  private void leave(Line line) {
    if (talk(line).needed) {
      talk(line).needed = false;
      steps.add(new MoveStep.Leave(line, lastWords()));
    }
  }

  /** What is said to a store last. */
  byte[] lastWords() {
    return (nextTag() + " LOGOUT\r\n").getBytes(ISO_8859_1);
  }

  /** That connection has ended, or was not to be had. */
  void lost(Line line) {
    if (talk(line).needed) {
      talk(line).needed = false;
      elsewhere(Stranded.STORE_LOST);
    }
  }

  /** The login there succeeded. */
  void loggedIn(Line line, String capabilities, byte[] leftOver) {
    ImapLook talk = talk(line);
    talk.offers = new ImapCapabilities(capabilities);
    if (stage == Stage.LOGIN && line == Line.MAIN) {
      if (capabilities.isEmpty()) {
        ask(line, Stage.CAPABILITY, "CAPABILITY");
      } else {
        offers();
      }
    } else if (stage == Stage.SIDE_LOGIN && line == Line.SIDE) {
      ask(line, Stage.SIDE_ENABLE, "ENABLE " + forSide());
    } else {
      return;
    }
    received(line, leftOver);
  }

  /** The store sent that. */
  void received(Line line, byte[] octets) {
    ImapLook talk = talk(line);
    talk.octets += octets.length;
    talk.lines.add(octets);
    while (talk.needed && stage != Stage.PROVEN && stage != Stage.FAILED) {
      byte[] response = talk.lines.line();
      if (response == null) {
        boolean tooMuch = news != null && news.length() > MOST_OCTETS;
        if (tooMuch || talk.octets > MOST_OCTETS || talk.lines.tooLong()) {
          giveUp(Stranded.TOO_LARGE);
        }
        return;
      }
      hear(line, talk, response);
    }
  }

  /** Asks a store that has waited for the client to speak. */
  void askWhetherStillThere() {
    ask(Line.MAIN, Stage.STILL_THERE, "NOOP");
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
      stage = Stage.PROVEN;
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
        line == Line.MAIN ? stage == Stage.SELECT && dialect.hasQresync() : stage == Stage.EXAMINE;
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
    if (named.isEmpty() || !named.equals(stage == Stage.IDLE ? idleTag : awaited)) {
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
        if (side.enabled.containsAll(List.of(forSide().split(" ", -1)))) {
          examine();
        } else {
          giveUp(Stranded.CAPABILITIES);
        }
      }
      case EXAMINE -> examined();
      case WITNESSES -> witnessed();
      case FLAGS -> flagged();
      case STILL_THERE -> stage = Stage.PROVEN;
      default -> giveUp(Stranded.NOT_UNDERSTOOD); // IDLE that ended by itself
    }
  }

  /** The second connection is in no dialect but one in which the mailbox has its name. */
  private String forSide() {
    return ("QRESYNC " + dialect.ofName(mailbox())).stripTrailing();
  }

  private void offers() {
    Set<String> here = new HashSet<>(main.offers.names());
    for (String name : offered) {
      if (!here.contains(name) && !name.startsWith("AUTH=") && !BEFORE_LOGIN.contains(name)) {
        giveUp(Stranded.CAPABILITIES);
        return;
      }
    }
    boolean lacks =
        (idleTag != null && !here.contains("IDLE") && !here.contains("IMAP4REV2"))
            || (told != null && !here.contains("QRESYNC"));
    if (lacks) {
      giveUp(Stranded.CAPABILITIES);
    } else if (dialect.enabled().isEmpty()) {
      select();
    } else {
      ask(Line.MAIN, Stage.ENABLE, "ENABLE " + dialect.enabled());
    }
  }

  private void enabled() {
    Set<String> enabled = main.enabled;
    for (String extension : dialect.enabled().split(" ", -1)) {
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
    open(Line.MAIN, Stage.SELECT, mailbox, mailbox.examined, dialect.hasQresync());
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
    } else if (disturbed || (dialect.hasQresync() && main.modseq == 0)) {
      again();
    } else if (dialect.hasQresync()) {
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
          long id = items.emailId == null ? 0 : key.of(items.emailId);
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
              dialect.hasCondstore(),
              dialect.hasQresync(),
              dialect.wantsUids(),
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
      String items = dialect.hasCondstore() ? " (UID FLAGS MODSEQ)" : " (UID FLAGS)";
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
    if (idleTag != null) {
      stage = Stage.IDLE;
      send(Line.MAIN, idleTag + " IDLE\r\n");
    } else {
      stage = Stage.PROVEN;
    }
  }
}
