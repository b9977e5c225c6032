package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.ObservedSession;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;

/**
 * Follows an IMAP session closely enough to carry it over to another store: which dialect the
 * client speaks, what is selected, and what of it the client was told (rules B9.1, B9.3).
 *
 * <p>What could be understood in two ways makes the session one that stays where it is.
 */
final class ImapObserver extends ImapSafePoints implements ObservedSession {
  private static final int LONGEST_NAME = 1000;
  private static final int LONGEST_TAG = 64;
  private static final byte[] INBOX = "INBOX".getBytes(ISO_8859_1);
  private static final String GOODBYE = "* BYE";

  private static final long CHECK = ImapLines.word("CHECK");
  private static final long STATUS = ImapLines.word("STATUS");
  private static final long NOTIFY = ImapLines.word("NOTIFY");
  private static final long CANCELUPDATE = ImapLines.word("CANCELUPDATE");
  private static final long FETCH = ImapLines.word("FETCH");
  private static final long STORE = ImapLines.word("STORE");
  private static final long SEARCH = ImapLines.word("SEARCH");
  private static final long ESEARCH = ImapLines.word("ESEARCH");
  private static final long SORT = ImapLines.word("SORT");
  private static final long THREAD = ImapLines.word("THREAD");
  private static final long COPY = ImapLines.word("COPY");
  private static final long MOVE = ImapLines.word("MOVE");
  private static final long EXPUNGE = ImapLines.word("EXPUNGE");
  private static final long UID = ImapLines.word("UID");
  private static final long LIST = ImapLines.word("LIST");
  private static final long CAPABILITY = ImapLines.word("CAPABILITY");
  private static final long FLAGS = ImapLines.word("FLAGS");
  private static final long VANISHED = ImapLines.word("VANISHED");
  private static final long ENABLED = ImapLines.word("ENABLED");

  /** Commands that leave nothing behind in a session, and have no word that would. */
  private static final Set<Long> WITHOUT_TRACE =
      Set.of(
          NOOP,
          CHECK,
          IDLE,
          CAPABILITY,
          ImapLines.word("LOGOUT"),
          ImapLines.word("CREATE"),
          ImapLines.word("DELETE"),
          ImapLines.word("RENAME"),
          ImapLines.word("SUBSCRIBE"),
          ImapLines.word("UNSUBSCRIBE"),
          LIST,
          ImapLines.word("LSUB"),
          ImapLines.word("XLIST"),
          ImapLines.word("NAMESPACE"),
          ImapLines.word("APPEND"),
          EXPUNGE,
          COPY,
          MOVE,
          ImapLines.word("ID"),
          ImapLines.word("ENABLE"),
          ImapLines.word("GETQUOTA"),
          ImapLines.word("SETQUOTA"),
          ImapLines.word("GETACL"),
          ImapLines.word("SETACL"),
          ImapLines.word("DELETEACL"),
          ImapLines.word("MYRIGHTS"),
          ImapLines.word("LISTRIGHTS"),
          ImapLines.word("GETMETADATA"),
          ImapLines.word("SETMETADATA"));

  private static final String CONDSTORE = "CONDSTORE";
  private static final String QRESYNC = "QRESYNC";

  private final ImapKey key;
  private final Predicate<String> hidden;
  private final LineText said;
  private final LineText heard;

  private final ImapDialect dialect = new ImapDialect();
  private @Nullable Stranded taint;
  private @Nullable ImapSelection selected;

  /** The selection that a command under way is about. */
  private @Nullable ImapSelection selecting;

  private long selectingTag;
  private boolean selectingOddly;
  private long closingTag;
  private boolean unselecting;

  /** How the client's last command is named, and its tag if it is one that can be ended here. */
  private @Nullable String simpleTag;

  private long simpleTagHash;
  private long simpleName;

  /** What the client's last command is called, or does by UID. */
  private long name;

  private boolean byUid;

  /** The capabilities that the store told last, with spaces between. */
  private String offered = "";

  private @Nullable ImapFetchItems fetching;
  private long held;
  private boolean moving;
  private Runnable primingIsDue = () -> {};

  /**
   * Follows from the login on.
   *
   * @param hidden the capabilities that the client is not shown with its login
   */
  ImapObserver(ImapKey key, Predicate<String> hidden) {
    this(key, hidden, new LineText(), new LineText());
  }

  private ImapObserver(ImapKey key, Predicate<String> hidden, LineText said, LineText heard) {
    super(said, heard);
    this.key = key;
    this.hidden = hidden;
    this.said = said;
    this.heard = heard;
  }

  ImapKey key() {
    return key;
  }

  @Override
  void commandBegan() {
    ImapCursor line = said.cursor();
    name = client.secondWord();
    boolean simple = name == IDLE || name == NOOP || name == CHECK;
    String tag = simple ? said.cursor().word() : "";
    simpleTag = tag.isEmpty() || tag.length() > LONGEST_TAG ? null : tag;
    line.skipWordAndSpaces();
    line.skipWordAndSpaces();
    simpleTagHash = client.tag();
    simpleName = name;
    byUid = name == UID;
    if (byUid) {
      name = line.packed();
      follow(line, said.isCut());
    } else if (name == SELECT || name == EXAMINE) {
      select(name == EXAMINE, line, said.isCut());
    } else if (name == CLOSE || name == UNSELECT) {
      beginClosing(name == UNSELECT);
    } else if (name == NOTIFY) {
      taint(Stranded.NOTIFY);
    } else if (name == CANCELUPDATE) {
      taint(Stranded.CONTEXT);
    } else {
      follow(line, said.isCut());
    }
  }

  /** Arguments of a command, or those of them that stand behind a literal. */
  private void follow(ImapCursor arguments, boolean cut) {
    if (!byUid && (name == STATUS || name == LIST)) {
      boolean asks = cut || arguments.holdsWord("HIGHESTMODSEQ");
      mayEnable(asks);
      if (asks && name == LIST && !dialect.hasCondstore()) {
        taint(Stranded.DIALECT_UNCLEAR); // stores differ in that (RFC 5819)
      }
    } else if (name == FETCH) {
      boolean since = cut || arguments.holdsWord("CHANGEDSINCE");
      if (!dialect.hasCondstore()) {
        mayEnable(since || arguments.holdsWord("MODSEQ") || arguments.holdsWord("VANISHED"));
      }
      if (since) {
        flagsAreKnown(); // it has them from another session
        if (cut || arguments.holdsWord("VANISHED")) {
          cloud(Stranded.UIDS_UNKNOWN); // and the UIDs
        }
      }
    } else if (name == STORE) {
      mayEnable(cut || arguments.holdsWord("UNCHANGEDSINCE"));
      if (cut
          || arguments.holdsWord("FLAGS.SILENT")
          || arguments.holdsWord("+FLAGS.SILENT")
          || arguments.holdsWord("-FLAGS.SILENT")) {
        flagsAreKnown();
      }
    } else if (name == SEARCH || name == SORT || name == THREAD) {
      search(arguments, cut);
    } else if (byUid
        ? name != COPY && name != MOVE && name != EXPUNGE
        : !WITHOUT_TRACE.contains(name)) {
      taint(Stranded.UNKNOWN_COMMAND);
    }
  }

  /** A search, or what of one stands behind a literal. */
  private void search(ImapCursor arguments, boolean cut) {
    if (cut || arguments.holdsWord("MODSEQ")) {
      // It may be a text that is searched for.
      mayEnable(true);
      if (!dialect.hasCondstore()) {
        taint(Stranded.DIALECT_UNCLEAR);
      }
    }
    if (arguments.holdsWord("RETURN") || cut) {
      if (cut || arguments.holdsWord("SAVE")) {
        cloud(Stranded.SAVED_SEARCH);
      }
      if (arguments.holdsWord("UPDATE") || arguments.holdsWord("CONTEXT")) {
        cloud(Stranded.CONTEXT);
      }
    }
  }

  /** It may be about the mailbox that is being selected. */
  private void flagsAreKnown() {
    if (selected != null) {
      selected.flagsAreKnown();
    }
    if (selecting != null) {
      selecting.flagsAreKnown();
    }
  }

  private void cloud(Stranded why) {
    if (selected != null) {
      selected.cloud(why);
    }
    if (selecting != null) {
      selecting.cloud(why);
    }
  }

  private void taint(Stranded why) {
    if (taint == null) {
      taint = why;
    }
  }

  private void enable(String extension) {
    boolean named = dialect.namesUnicode();
    if (!dialect.enable(extension)) {
      taint(Stranded.UNKNOWN_COMMAND);
    } else if (!named && dialect.namesUnicode()) {
      namesChange();
    }
  }

  /** What was named before is called otherwise now, if its name is not plain. */
  private void namesChange() {
    for (ImapSelection each : new ImapSelection[] {selected, selecting}) {
      if (each != null && each.nameIsOfDialect) {
        each.cloud(Stranded.SELECTION_UNCLEAR);
      }
    }
  }

  private void mayEnable(boolean would) {
    dialect.mayEnable(would, client.tag());
  }

  private void select(boolean examined, ImapCursor arguments, boolean cut) {
    selectingOddly |= selecting != null || closingTag != 0;
    selectingTag = client.tag();
    byte[] name = cut ? null : arguments.string();
    ImapSelection next = new ImapSelection(key, name == null ? INBOX : kept(name), examined);
    selecting = next;
    long literal = client.literal();
    if (name != null) {
      if (name.length > LONGEST_NAME) {
        next.cloud(Stranded.NAME_TOO_LONG);
      }
      parameters(next, arguments);
    } else if (arguments.peek() == '{' && literal >= 0 && literal <= LONGEST_NAME) {
      said.wantLiteral((int) literal);
    } else {
      next.cloud(literal > LONGEST_NAME ? Stranded.NAME_TOO_LONG : Stranded.SELECTION_UNCLEAR);
    }
  }

  private static byte[] kept(byte[] name) {
    return new String(name, ISO_8859_1).equalsIgnoreCase("INBOX") ? INBOX : name;
  }

  private void parameters(ImapSelection mailbox, ImapCursor arguments) {
    if (arguments.atEnd()) {
      return;
    }
    boolean known = arguments.skip(' ') && arguments.skip('(');
    if (known && arguments.skipWord(CONDSTORE) && arguments.skip(')') && arguments.atEnd()) {
      mayEnable(true);
    } else if (known && arguments.skipWord(QRESYNC) && arguments.skip(' ')) {
      mayEnable(true);
      mailbox.cloud(Stranded.UIDS_UNKNOWN); // it has them from another session
    } else {
      mailbox.cloud(Stranded.SELECTION_UNCLEAR);
    }
  }

  @Override
  void commandWentOn() {
    ImapCursor line = said.cursor();
    ImapSelection mailbox = selecting;
    if (!byUid && (name == SELECT || name == EXAMINE)) {
      if (mailbox != null && selectingTag == client.tag()) {
        ImapSelection named = new ImapSelection(key, kept(said.literal()), mailbox.examined);
        Stranded clouded = mailbox.clouded();
        if (clouded != null && clouded != Stranded.SELECTION_UNCLEAR) {
          named.cloud(clouded);
        }
        if (said.literal().length == 0) {
          named.cloud(Stranded.SELECTION_UNCLEAR);
        }
        selecting = named;
        parameters(named, line);
      }
    } else {
      follow(line, said.isCut());
    }
  }

  private void beginClosing(boolean unselect) {
    selectingOddly |= selecting != null || closingTag != 0;
    closingTag = client.tag();
    unselecting = unselect;
  }

  @Override
  void commandEnded() {
    long tag = store.tag();
    boolean done = store.secondWord() == OK;
    if (dialect.ended(tag, done)) {
      taint(Stranded.DIALECT_UNCLEAR);
    }
    ImapCursor line = heard.cursor();
    line.skipWordAndSpaces();
    line.skipWordAndSpaces();
    if (selecting != null && tag == selectingTag) {
      selected(selecting, line);
    } else {
      if (tag == closingTag) {
        closed(done);
      }
      code(line, selected);
    }
    if (open == 0) {
      selectingOddly = false;
    }
  }

  /** The end of SELECT: if it failed, nothing is selected (RFC 3501 section 6.3.1). */
  private void selected(ImapSelection mailbox, ImapCursor line) {
    long outcome = store.secondWord();
    selecting = null;
    selectingTag = 0;
    if (outcome == OK) {
      selected = mailbox;
      code(line, mailbox);
      if (mailbox.permanentFlags == 0) {
        mailbox.permanentFlags = mailbox.flags; // RFC 9051 section 7.1
      }
      if (selectingOddly) {
        mailbox.cloud(Stranded.SELECTION_UNCLEAR);
      }
      if (mailbox.clouded() == Stranded.MODSEQ_UNKNOWN) {
        primingIsDue.run();
      }
    } else if (outcome == NO && !selectingOddly) {
      selected = null;
    } else if (selected != null || selectingOddly) {
      // Whether a command that was not understood closes the mailbox, only the store knows.
      selected = mailbox;
      mailbox.cloud(Stranded.SELECTION_UNCLEAR);
    }
  }

  private void closed(boolean done) {
    closingTag = 0;
    if (done && !selectingOddly) {
      selected = null;
    } else if (selected != null && (!unselecting || selectingOddly)) {
      selected.cloud(Stranded.SELECTION_UNCLEAR);
    }
  }

  /** Behind its goodbye, which the client may never hear, nothing is of any use to it. */
  @Override
  boolean isOver() {
    return storeSaysBye;
  }

  @Override
  void untaggedBegan() {
    long kind = store.secondWord();
    ImapCursor line = heard.cursor();
    if (kind == BYE) {
      held = heard.beforeLine();
      if (heard.isCut()) {
        taint(Stranded.RESPONSE_OPEN); // the client has heard the beginning
      }
      return;
    }
    if (!line.skip('*') || !line.skip(' ')) {
      counts(kind, heard.isCut());
      return;
    }
    ImapSelection mailbox = selecting != null ? selecting : selected;
    int first = line.peek();
    if (first >= '0' && first <= '9') {
      counted(line, mailbox);
      return;
    }
    line.atom();
    line.skip(' ');
    if (kind == OK || kind == NO) {
      code(line, mailbox);
    } else if (kind == SEARCH || kind == SORT || kind == ESEARCH) {
      if (mailbox != null) {
        mailbox.newestModseq = Math.max(mailbox.newestModseq, line.numberBehind("MODSEQ"));
      }
    } else if (kind == FLAGS && mailbox != null) {
      String flags = line.list();
      mailbox.flags = flags == null ? 0 : key.ofFlags(flags);
    } else if (kind == VANISHED && mailbox != null) {
      if (line.peek() != '(') { // EARLIER: messages that have no number
        selectingOddly |= mailbox == selecting && selected != null;
        mailbox.cloud(Stranded.UIDS_UNKNOWN); // which number it had cannot be told
      }
    } else if (kind == CAPABILITY) {
      offered = heard.isCut() ? "" : line.text(line.at(), heard.to()).intern();
    } else if (kind == ENABLED) {
      for (String extension : line.text(line.at(), heard.to()).split(" ", -1)) {
        if (!extension.isEmpty()) {
          enable(extension.toUpperCase(Locale.ROOT));
        }
      }
    }
  }

  /** A response of which only its beginning is known, for it is too long. */
  private void counts(long kind, boolean cut) {
    if (cut
        && (kind == VANISHED
            || kind == ENABLED
            || kind == OK
            || kind == NO
            || ((kind & 0xff) >= '0' && (kind & 0xff) <= '9'))) {
      ImapSelection mailbox = selecting != null ? selecting : selected;
      if (kind == ENABLED) {
        taint(Stranded.UNKNOWN_COMMAND);
      } else if (mailbox != null) {
        if (kind == VANISHED || kind == OK || kind == NO) {
          mailbox.cloud(Stranded.SELECTION_UNCLEAR);
        } else {
          mailbox.flagsAreKnown();
        }
      }
    }
  }

  private void counted(ImapCursor line, @Nullable ImapSelection mailbox) {
    long number = line.number();
    if (!line.skip(' ') || mailbox == null) {
      return;
    }
    if (line.skipWord("FETCH")) {
      ImapFetchItems items = new ImapFetchItems(number);
      fetching = items;
      untaggedWentOn();
    } else if (line.skipWord("EXISTS")) {
      if (mailbox == selecting) {
        mailbox.selectedWith(number);
      } else {
        mailbox.exists(number);
      }
    } else if (line.skipWord("EXPUNGE")) {
      if (mailbox == selecting) {
        selectingOddly |= selected != null;
      }
      mailbox.expunged(number);
    } else if (line.skipWord("RECENT")) {
      mailbox.recent = number;
    }
  }

  @Override
  void untaggedWentOn() {
    ImapFetchItems items = fetching;
    if (items == null) {
      return;
    }
    boolean begins = !store.isBehindLiteral();
    ImapCursor line = heard.cursor();
    if (begins) {
      line.skip('*');
      line.skip(' ');
      line.number();
      line.skip(' ');
      line.atom();
    }
    items.read(heard.octets(), line.at(), heard.to());
    if (store.literal() == ImapLines.NONE || heard.isCut()) {
      fetching = null;
      if (selecting != null) {
        // From the mailbox that was selected before, or from this one: none can tell.
        selecting.cloud(Stranded.SELECTION_UNCLEAR);
      } else if (selected != null) {
        selected.fetched(items);
      }
    }
  }

  /** A response code. */
  private void code(ImapCursor line, @Nullable ImapSelection mailbox) {
    if (mailbox == null || !line.skip('[')) {
      return;
    }
    if (line.skipWord("HIGHESTMODSEQ") && line.skip(' ')) {
      long modseq = Math.max(0, line.number());
      if (mailbox == selecting) {
        mailbox.modseq = modseq;
      }
      mailbox.newestModseq = Math.max(mailbox.newestModseq, modseq);
    } else if (line.skipWord("UIDVALIDITY") && line.skip(' ')) {
      long told = Math.max(0, line.uid());
      if (mailbox != selecting && mailbox.uidValidity != told) {
        mailbox.cloud(Stranded.SELECTION_UNCLEAR);
      }
      mailbox.uidValidity = told;
    } else if (line.skipWord("UIDNEXT") && line.skip(' ')) {
      if (mailbox == selecting) {
        mailbox.uidNext = Math.max(0, line.uid());
      }
    } else if (line.skipWord("PERMANENTFLAGS") && line.skip(' ')) {
      String flags = line.list();
      mailbox.permanentFlags = flags == null ? 0 : key.ofFlags(flags);
    } else if (line.skipWord("MAILBOXID") && line.skip(' ')) {
      String id = line.list();
      mailbox.mailboxId = id == null ? 0 : key.of(id);
    } else if (line.skipWord("READ-ONLY")) {
      mailbox.readOnly = true;
    } else if (line.skipWord("READ-WRITE")) {
      mailbox.readOnly = false;
    } else if (line.skipWord("UIDNOTSTICKY")) {
      mailbox.cloud(Stranded.SELECTION_UNCLEAR);
    } else if (line.skipWord("CLOSED") && selecting == null) {
      mailbox.cloud(Stranded.SELECTION_UNCLEAR);
    }
  }

  @Override
  public @Nullable Stranded stranded() {
    if (lost) {
      return Stranded.NOT_FOLLOWED;
    }
    if (leaving) {
      return Stranded.LEAVING;
    }
    Stranded why = unclear();
    if (why != null) {
      return why;
    }
    if (moving) {
      return Stranded.EXPUNGES_WAIT;
    }
    if (awaitsGoAhead || !client.isBetweenLines()) {
      return Stranded.COMMAND_OPEN;
    }
    boolean inLine = !store.isBetweenLines() && !keepsLine();
    if (inLine && !storeSaysBye && heldBackOfStore() == 0) {
      return Stranded.RESPONSE_OPEN;
    }
    int asked = commandsOfOurs();
    long tags = openTags - asked * ImapQuestion.TAG_HASH;
    boolean simple = open == asked + 1 && simpleTag != null && tags == simpleTagHash;
    return open == asked || simple ? null : Stranded.COMMAND_OPEN;
  }

  /** What of that the store and the client have said keeps the session where it is. */
  @Nullable Stranded unclear() {
    if (lost || taint != null) {
      return lost ? Stranded.NOT_FOLLOWED : taint;
    }
    return selected == null ? null : selected.clouded();
  }

  @Override
  int heldBackOfStore() {
    if (storeSaysBye) {
      return (int) Math.min(Integer.MAX_VALUE, heard.soFar() - held);
    }
    if (store.isBetweenLines() || lost || leaving || store.isBehindLiteral() || heard.isCut()) {
      return 0;
    }
    if (keepsLine()) {
      return 0; // it is kept elsewhere
    }
    ByteBuffer begun = heard.unfinished();
    int count = Math.min(begun.limit(), GOODBYE.length());
    for (int i = 0; i < count; i++) {
      int octet = begun.get(i);
      if ((octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet) != GOODBYE.charAt(i)) {
        return 0;
      }
    }
    boolean cannotBe = begun.limit() > count && begun.get(count) > ' ';
    return cannotBe ? 0 : begun.limit();
  }

  @Override
  public SessionMove move(String offered, boolean planned) {
    Stranded why = stranded();
    if (why != null) {
      throw new IllegalStateException("this session cannot be moved: " + why);
    }
    if (!planned) {
      dropQuestion();
      store.nextLine(); // what began there will not end, and was held back
    }
    moving = true;
    Set<String> names = new HashSet<>(new ImapCapabilities(offered).names());
    names.addAll(new ImapCapabilities(ImapCapabilities.without(this.offered, hidden)).names());
    return new ImapMove(this, names, planned);
  }

  @Override
  public @Nullable SessionMove priming() {
    ImapSelection mailbox = selected;
    return mailbox != null && open <= 1 && mailbox.clouded() == Stranded.MODSEQ_UNKNOWN
        ? new ImapPriming(mailbox, dialect.ofName(mailbox))
        : null;
  }

  @Override
  public void tellOfPriming(Runnable due) {
    primingIsDue = due;
  }

  ImapDialect dialect() {
    return dialect;
  }

  @Nullable ImapSelection selected() {
    return selected;
  }

  boolean storeIsBetweenLines() {
    return store.isBetweenLines();
  }

  /** The tag of the one command that is under way; null if none is. */
  @Nullable String openTag() {
    return open == 0 ? null : simpleTag;
  }

  /** Whether that is IDLE, before its end was asked for. */
  boolean inIdle() {
    return open == 1 && idling != Idling.NOT && idling != Idling.LEFT_EARLY;
  }

  /** Whether the client waits for the continuation request of its IDLE. */
  boolean awaitsIdling() {
    return open == 1 && (idling == Idling.ASKED || idling == Idling.LEFT_EARLY);
  }

  /** Whether the command under way is IDLE. */
  boolean openIsIdle() {
    return simpleName == IDLE;
  }

  /** The session goes on at the store that it was at. */
  void stays() {
    moving = false;
  }

  /**
   * The session goes on at another store.
   *
   * @param mailbox what is selected there
   */
  void goesOn(@Nullable ImapSelection mailbox) {
    moving = false;
    selected = mailbox;
    store.nextLine();
    storeSaysBye = false;
    if (inIdle()) {
      idling = Idling.ON;
    } else {
      open = 0;
      openTags = 0;
      idling = Idling.NOT;
    }
  }
}
