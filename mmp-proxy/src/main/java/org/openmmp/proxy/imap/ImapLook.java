package org.openmmp.proxy.imap;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.LineFramer;

/** One connection to the new store: what it says of the mailbox, and of itself. */
final class ImapLook {
  /** What an untagged response means for a move. */
  enum Heard {
    /** It is understood. */
    TOLD,
    /** The mailbox changes: EXISTS, EXPUNGE, VANISHED or FETCH. */
    CHANGED,
    GOODBYE,
    STRANGE
  }

  /** Of how many ranges a set of UIDs may consist. */
  private static final int MOST_RANGES = 500_000;

  private static final int LONGEST_FLAGS = 8_000;

  /** What it said, as far as it was not looked at. */
  final LineFramer lines;

  /** What is still to be said of a command, once it wants it. */
  final Deque<byte[]> pieces = new ArrayDeque<>(0);

  /** How much it said. */
  long octets;

  /** Whether it is there, or on its way. */
  boolean needed;

  ImapCapabilities offers = new ImapCapabilities("");
  final Set<String> enabled = new LinkedHashSet<>();
  String capabilities = "";

  long exists;
  long recent;
  long uidValidity;
  long uidNext;
  long modseq;
  String mailboxId = "";
  String flags = "";

  /** Null if they were not told: then they are those of the mailbox (RFC 9051, 7.1). */
  private @Nullable String permanentFlags;

  /** What there is, once it was asked for; its whole number is compared with EXISTS. */
  ImapRanges present = new ImapRanges(MOST_RANGES);

  /** What has gone since the client's SELECT. */
  ImapRanges vanished = new ImapRanges(MOST_RANGES);

  /** What was changed since then, and what came. */
  ImapRanges changed = new ImapRanges(MOST_RANGES);

  boolean searched;

  /** The FETCH response that was heard last. */
  @Nullable ImapFetchItems fetched;

  /** The number of the EXISTS or EXPUNGE that was heard last; 0 if it was something else. */
  long number;

  /** Whether that was EXPUNGE. */
  boolean expunge;

  /** The UIDs of the VANISHED that was heard last, without EARLIER; null if it was none. */
  @Nullable ImapRanges vanishedNow;

  /**
   * A connection that has said nothing.
   *
   * @param longestLine of what it may say
   */
  ImapLook(int longestLine) {
    lines = new LineFramer(longestLine, LineFramer.LineEnd.CRLF_OR_LF);
  }

  /** Which flags can be changed for good. */
  String permanentFlags() {
    return permanentFlags == null ? flags : permanentFlags;
  }

  /** A mailbox is about to be selected. */
  void begin() {
    exists = -1;
    recent = 0;
    uidValidity = 0;
    uidNext = 0;
    modseq = 0;
    mailboxId = "";
    flags = "";
    permanentFlags = null;
    present = new ImapRanges(MOST_RANGES);
    vanished = new ImapRanges(MOST_RANGES);
    changed = new ImapRanges(MOST_RANGES);
    searched = false;
  }

  /** Takes an untagged response, which holds no literal. */
  Heard hear(byte[] response) {
    fetched = null;
    number = 0;
    expunge = false;
    vanishedNow = null;
    if (response.length > 0 && response[response.length - 1] == '}') {
      return Heard.STRANGE; // text may end like that, but not in anything that was asked for
    }
    ImapCursor line = ImapCursor.of(response);
    if (!line.skip('*') || !line.skip(' ')) {
      return Heard.STRANGE;
    }
    int first = line.peek();
    if (first >= '0' && first <= '9') {
      return counted(line, response);
    }
    if (line.skipWord("OK") || line.skipWord("NO")) { // NO warns, of a quota for example
      return !line.skip(' ') || !line.skip('[') || code(line) ? Heard.TOLD : Heard.STRANGE;
    }
    if (line.skipWord("BYE")) {
      return Heard.GOODBYE;
    }
    if (line.skipWord("FLAGS") && line.skip(' ')) {
      String list = line.list();
      flags = list == null ? "" : list;
      return list != null && line.atEnd() && list.length() <= LONGEST_FLAGS
          ? Heard.TOLD
          : Heard.STRANGE;
    }
    if (line.skipWord("VANISHED") && line.skip(' ')) {
      return vanished(line);
    }
    if (line.skipWord("ESEARCH")) {
      return found(line) ? Heard.TOLD : Heard.STRANGE;
    }
    if (line.skipWord("SEARCH")) {
      return foundSingly(line) ? Heard.TOLD : Heard.STRANGE;
    }
    if (line.skipWord("ENABLED")) {
      while (line.skip(' ')) {
        enabled.add(line.atom().toUpperCase(Locale.ROOT));
      }
      return line.atEnd() ? Heard.TOLD : Heard.STRANGE;
    }
    if (line.skipWord("CAPABILITY") && line.skip(' ')) {
      capabilities = line.text(line.at(), response.length);
      return Heard.TOLD;
    }
    // RFC 9051 section 6.3.2: SELECT may tell the mailbox's name.
    return line.skipWord("LIST") ? Heard.TOLD : Heard.STRANGE;
  }

  private Heard counted(ImapCursor line, byte[] response) {
    long count = line.number();
    if (!line.skip(' ') || count < 0 || count > ImapCursor.LARGEST_UID) {
      return Heard.STRANGE;
    }
    if (line.skipWord("EXISTS") && line.atEnd()) {
      exists = count;
      number = count;
      return Heard.CHANGED;
    }
    if (line.skipWord("RECENT") && line.atEnd()) {
      recent = count;
      return Heard.TOLD;
    }
    if (count == 0) {
      return Heard.STRANGE;
    }
    if (line.skipWord("EXPUNGE") && line.atEnd()) {
      number = count;
      expunge = true;
      return Heard.CHANGED;
    }
    if (!line.skipWord("FETCH")) {
      return Heard.STRANGE;
    }
    ImapFetchItems items = new ImapFetchItems(count);
    items.read(ByteBuffer.wrap(response), line.at(), response.length);
    fetched = items;
    return items.whole() && !items.others ? Heard.CHANGED : Heard.STRANGE;
  }

  private Heard vanished(ImapCursor line) {
    if (line.skip('(')) {
      boolean earlier =
          line.skipWord("EARLIER") && line.skip(')') && line.skip(' ') && line.uids(vanished);
      return earlier && line.atEnd() ? Heard.TOLD : Heard.STRANGE;
    }
    ImapRanges gone = new ImapRanges(MOST_RANGES);
    if (!line.uids(gone) || !line.atEnd()) {
      return Heard.STRANGE;
    }
    vanishedNow = gone;
    return Heard.CHANGED;
  }

  /** {@code ESEARCH (TAG "x") UID ALL 1:3,5}: without ALL where nothing was found. */
  private boolean found(ImapCursor line) {
    if (line.skip(' ') && line.skip('(')) {
      if (!line.skipWord("TAG") || !line.skip(' ') || line.string() == null || !line.skip(')')) {
        return false;
      }
      line.skip(' ');
    }
    if (!line.skipWord("UID")) {
      return false;
    }
    searched = true;
    while (line.skip(' ')) {
      if (line.skipWord("ALL") && line.skip(' ')) {
        if (!line.uids(present)) {
          return false;
        }
      } else if (!(line.skipWord("MODSEQ") && line.skip(' ') && line.number() >= 0)) {
        return false;
      }
    }
    return line.atEnd();
  }

  private boolean foundSingly(ImapCursor line) {
    searched = true;
    while (line.skip(' ')) {
      if (line.atEnd()) {
        return true;
      }
      long uid = line.uid();
      if (uid == ImapCursor.NONE || !present.add(uid, uid)) {
        return false;
      }
    }
    return line.atEnd();
  }

  /** A response code; one that is not known means nothing here. */
  private boolean code(ImapCursor line) {
    if (line.skipWord("UIDVALIDITY")) {
      uidValidity = line.skip(' ') ? line.uid() : ImapCursor.NONE;
      return uidValidity > 0;
    }
    if (line.skipWord("UIDNEXT")) {
      uidNext = line.skip(' ') ? line.uid() : ImapCursor.NONE;
      return uidNext > 0;
    }
    if (line.skipWord("HIGHESTMODSEQ")) {
      modseq = line.skip(' ') ? line.number() : ImapCursor.NONE;
      return modseq > 0;
    }
    if (line.skipWord("PERMANENTFLAGS")) {
      String list = line.skip(' ') ? line.list() : null;
      permanentFlags = list;
      return list != null && list.length() <= LONGEST_FLAGS;
    }
    if (line.skipWord("MAILBOXID")) {
      String id = line.skip(' ') ? line.list() : null;
      mailboxId = id == null ? "" : id;
      return id != null && !id.isEmpty();
    }
    return !line.skipWord("UIDNOTSTICKY") && !line.skipWord("NOMODSEQ");
  }
}
