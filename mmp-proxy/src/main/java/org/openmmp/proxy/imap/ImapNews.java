package org.openmmp.proxy.imap;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.Stranded;

/**
 * What a client hears of its mailbox at another store, in the words of its dialect, and what it
 * knows once it has heard that (rule B9.3): the difference that the verdict found, and then what
 * happens there until the session goes on.
 */
final class ImapNews {
  private static final int LONGEST_SET = 4_000;
  private static final int MOST_RANGES = 1_000_000;

  /** Commands without sequence numbers: in their answers expunges may be told. */
  private static final Set<String> WITHOUT_NUMBERS =
      Set.of(
          "NOOP",
          "CHECK",
          "IDLE",
          "STATUS",
          "LIST",
          "LSUB",
          "CAPABILITY",
          "SELECT",
          "EXAMINE",
          "CLOSE",
          "UNSELECT",
          "LOGOUT",
          "CREATE",
          "DELETE",
          "RENAME",
          "SUBSCRIBE",
          "UNSUBSCRIBE",
          "APPEND",
          "NAMESPACE",
          "ID",
          "ENABLE",
          "EXPUNGE",
          "GETQUOTA",
          "GETQUOTAROOT",
          "GETACL",
          "MYRIGHTS",
          "GETMETADATA");

  private static final Set<String> BY_UID = Set.of("FETCH", "STORE", "COPY", "MOVE", "EXPUNGE");

  private final boolean condstore;
  private final boolean qresync;
  private final boolean uids;
  private final ImapSelection known;

  /** What was in the mailbox when the verdict was given. */
  private final ImapRanges proven;

  /** Whose flags are asked for, and came. */
  private final ImapRanges asked;

  private final ImapRanges answered;
  private final boolean roomToAsk;
  private final StringBuilder words = new StringBuilder();
  private boolean expunges;
  private long goneMeanwhile;

  /**
   * News that begin with what a verdict found.
   *
   * @param condstore whether the client hears MODSEQ
   * @param qresync whether it hears VANISHED instead of EXPUNGE
   * @param uids whether it hears the UID of each message that changed
   * @param before what the client knew
   * @param look what is there; its messages are not the caller's any more
   */
  ImapNews(
      boolean condstore,
      boolean qresync,
      boolean uids,
      ImapSelection before,
      ImapLook look,
      ImapComparison comparison) {
    this.condstore = condstore;
    this.qresync = qresync;
    this.uids = uids;
    proven = look.present;
    ImapRanges kept = comparison.keptFrom(1);
    // Changed since, or known from this session: a change that the client has heard of may never
    // have reached the new store.
    asked = comparison.keptFrom(before.flagsFrom);
    roomToAsk = asked.addCommon(kept, look.changed);
    answered = new ImapRanges((int) Math.min(kept.total() + look.exists + 1, MOST_RANGES));
    known = before.become(look);
    tellGone(comparison);
    if (look.exists > comparison.known()) {
      words.append("* ").append(look.exists).append(" EXISTS\r\n");
    }
    if (look.recent != before.recent) {
      words.append("* ").append(look.recent).append(" RECENT\r\n");
    }
    if (known.flags != before.flags) {
      words.append("* FLAGS (").append(look.flags).append(")\r\n");
    }
    if (known.permanentFlags != before.permanentFlags) {
      words.append("* OK [PERMANENTFLAGS (").append(look.permanentFlags()).append(")] Limited\r\n");
    }
  }

  private void tellGone(ImapComparison comparison) {
    ImapRanges gone = comparison.gone();
    expunges = gone.total() > 0;
    if (expunges && qresync) {
      words.append("* VANISHED ");
      comparison.goneUids().appendTo(words);
      words.append("\r\n");
    } else {
      for (int i = gone.count() - 1; i >= 0; i--) {
        for (long number = gone.high(i); number >= gone.low(i); number--) {
          words.append("* ").append(number).append(" EXPUNGE\r\n");
        }
      }
    }
  }

  /** Whose flags are to be asked for, as a set of UIDs; empty for nobody's, null for too many. */
  @Nullable String flagsInDoubt() {
    if (!roomToAsk) {
      return null;
    }
    StringBuilder set = new StringBuilder();
    asked.appendTo(set);
    if (set.length() > LONGEST_SET) {
      set.setLength(0);
      set.append(asked.low(0)).append(':').append(asked.largest());
    }
    return set.toString();
  }

  /** Whether the flags of all of those came that are still there. */
  boolean hasFlags() {
    return asked.total() - asked.inCommon(answered) <= goneMeanwhile;
  }

  /**
   * Takes what the mailbox has become meanwhile.
   *
   * @return why that cannot be told; null if it is
   */
  @Nullable Stranded hear(ImapLook look) {
    ImapFetchItems items = look.fetched;
    ImapRanges vanished = look.vanishedNow;
    Stranded why = null;
    if (qresync ? look.expunge : vanished != null) {
      why = Stranded.NOT_UNDERSTOOD; // those are not the words of that dialect
    } else if (items != null) {
      why = changed(items);
    } else if (vanished != null) {
      why = vanished(vanished);
    } else if (look.expunge) {
      known.expunged(look.number);
      goneMeanwhile++;
      expunges = true;
      words.append("* ").append(look.number).append(" EXPUNGE\r\n");
    } else {
      known.exists(look.number);
      words.append("* ").append(look.number).append(" EXISTS\r\n");
    }
    return why == null && known.clouded() != null ? Stranded.NOT_UNDERSTOOD : why;
  }

  /** Messages went: which place each had is known of those that were there. */
  private @Nullable Stranded vanished(ImapRanges which) {
    if (proven.inCommon(which) < which.total()) {
      return Stranded.UNSETTLED;
    }
    for (int i = 0; i < which.count() && known.clouded() == null; i++) {
      long first = proven.below(which.low(i)) + 1;
      known.wentFrom(first, first + which.high(i) - which.low(i));
    }
    goneMeanwhile += which.total();
    expunges = true;
    words.append("* VANISHED ");
    which.appendTo(words);
    words.append("\r\n");
    return null;
  }

  private @Nullable Stranded changed(ImapFetchItems items) {
    if (items.sequence < 1 || items.sequence > known.exists()) {
      return Stranded.NOT_UNDERSTOOD;
    }
    long place = known.placeOf(items.sequence);
    boolean asProven = proven.has(items.uid) && proven.below(items.uid) + 1 == place;
    if (place > proven.total() ? proven.has(items.uid) : !asProven && items.uid > 0) {
      return Stranded.NOT_UNDERSTOOD; // another message has that number
    }
    boolean modseq = condstore && items.modseq != ImapCursor.NONE;
    if (place > proven.total() || (items.flags == null && !modseq)) {
      return null; // nothing new, or of a message that the client will ask about
    }
    if (uids && items.uid == ImapCursor.NONE) {
      return Stranded.NOT_UNDERSTOOD;
    }
    known.fetched(items);
    if (items.uid != ImapCursor.NONE && items.flags != null) {
      answered.add(items.uid, items.uid);
    }
    words.append("* ").append(items.sequence).append(" FETCH (");
    String space = "";
    if (uids) {
      words.append("UID ").append(items.uid);
      space = " ";
    }
    if (items.flags != null) {
      words.append(space).append("FLAGS (").append(items.flags).append(')');
      space = " ";
    }
    if (modseq) {
      words.append(space).append("MODSEQ (").append(items.modseq).append(')');
    }
    words.append(")\r\n");
    return null;
  }

  /** What the client hears. */
  String words() {
    return words.toString();
  }

  /** How long that is. */
  int length() {
    return words.length();
  }

  /** What it knows then. */
  ImapSelection known() {
    return known;
  }

  /** Whether it hears that messages are gone, which it may not hear at any time. */
  boolean hasExpunges() {
    return expunges;
  }

  /** Whether it may hear that in the answer to this command, which has no sequence numbers. */
  static boolean mayExpungeBehind(ImapCursor command) {
    command.word();
    while (command.skip(' ')) {}
    String name = command.word().toUpperCase(Locale.ROOT);
    if (!name.equals("UID")) {
      return WITHOUT_NUMBERS.contains(name);
    }
    command.skip(' ');
    return BY_UID.contains(command.word().toUpperCase(Locale.ROOT));
  }
}
