package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.Stranded;

/**
 * What a client was told of the mailbox that it has selected: as it was at SELECT, and what has
 * come and gone since. There is no map of UIDs: places are counted, those told at SELECT from 1 on
 * and behind them those that came later, whether they are there still or not.
 */
final class ImapSelection {
  /** As many gaps among the places may come about. */
  static final int MOST_CHANGES = 256;

  private static final int MOST_WITNESSES = 4;

  /** Where no flags were told. */
  static final long NOWHERE = Long.MAX_VALUE;

  /** What was told of a message that may tell it from another one of the same UID. */
  record Witness(long place, long uid, long size, long date, long emailId) {
    Witness with(Witness newer) {
      return new Witness(
          place,
          uid,
          newer.size == ImapCursor.NONE ? size : newer.size,
          newer.date == ImapCursor.NONE ? date : newer.date,
          newer.emailId == 0 ? emailId : newer.emailId);
    }
  }

  /** Places in a row whose UIDs the client was told. */
  private static final class Run {
    long first;
    long last;
    long sum;
    long lastUid;

    Run(long place) {
      first = place;
      last = place - 1;
    }
  }

  private final ImapKey key;
  final byte[] name;

  /** Whether the name means another mailbox to a client that speaks UTF-8 (RFC 6855). */
  final boolean nameIsOfDialect;

  final boolean examined;
  long uidValidity;
  long uidNext;

  /** HIGHESTMODSEQ at SELECT; 0 if it was not told. */
  long modseq;

  /** MAILBOXID, keyed; 0 if it was not told. */
  long mailboxId;

  long flags;
  long permanentFlags;
  long recent;
  boolean readOnly;

  /** The newest MODSEQ that was told since. */
  long newestModseq;

  /** The lowest place whose flags the client knows from this session. */
  long flagsFrom = NOWHERE;

  private long atSelect = -1;
  private long places;
  private @Nullable ImapRanges gonePlaces;
  private @Nullable Run longest;
  private @Nullable Run latest;
  private List<Witness> witnesses = List.of();
  private @Nullable Stranded clouded;

  ImapSelection(ImapKey key, byte[] name, boolean examined) {
    this.key = key;
    this.name = name;
    this.nameIsOfDialect = isOfDialect(name);
    this.examined = examined;
  }

  private static boolean isOfDialect(byte[] name) {
    boolean plain = true;
    for (byte octet : name) {
      plain &= octet >= 0 && octet != '&';
    }
    return !plain;
  }

  /** It cannot be carried over, for that reason. */
  void cloud(Stranded why) {
    if (clouded == null) {
      clouded = why;
    }
  }

  /** Why it cannot be carried over; null if it can. */
  @Nullable Stranded clouded() {
    if (clouded != null) {
      return clouded;
    }
    if (atSelect < 0 || uidValidity == 0 || uidNext == 0) {
      return Stranded.SELECTION_UNCLEAR;
    }
    return modseq == 0 ? Stranded.MODSEQ_UNKNOWN : null;
  }

  /** How many messages there were at SELECT. */
  long atSelect() {
    return atSelect;
  }

  /** How many messages the client was told of, gone or not. */
  long places() {
    return places;
  }

  /** How many messages there are for the client. */
  long exists() {
    return places - gone();
  }

  /** Of how many it was told that they have gone. */
  long gone() {
    return gonePlaces == null ? 0 : gonePlaces.total();
  }

  /** Of the places: those told to be gone. */
  @Nullable ImapRanges gonePlaces() {
    return gonePlaces;
  }

  List<Witness> witnesses() {
    return witnesses;
  }

  /** The mailbox is selected, and has so many messages; or it has been selected with so many. */
  void selectedWith(long exists) {
    atSelect = exists;
    places = exists;
    gonePlaces = null;
  }

  /**
   * The mailbox was found to be as new as that while the client knew all that was in it, and
   * nothing else.
   */
  void primed(long newest) {
    if (gone() > 0 && latest != null) {
      return; // which UID stands where is known of the old places only
    }
    modseq = newest;
    if (gone() > 0) {
      selectedWith(exists());
      if (flagsFrom != NOWHERE) {
        flagsFrom = 1;
      }
    }
  }

  /** {@code EXISTS} since. */
  void exists(long count) {
    long more = count - exists();
    if (more < 0 || count > ImapCursor.LARGEST_UID) {
      cloud(Stranded.SELECTION_UNCLEAR);
    } else {
      places += more;
    }
  }

  /** {@code EXPUNGE}. */
  void expunged(long number) {
    if (number < 1 || number > exists()) {
      cloud(Stranded.SELECTION_UNCLEAR);
      return;
    }
    long place = placeOf(number);
    wentFrom(place, place);
  }

  /** The messages from one place to another have gone; none of them had before. */
  void wentFrom(long first, long last) {
    if (gonePlaces == null) {
      gonePlaces = new ImapRanges(MOST_CHANGES);
    }
    if (gonePlaces.below(first) != gonePlaces.below(last + 1) || last > places) {
      cloud(Stranded.SELECTION_UNCLEAR);
    } else if (!gonePlaces.add(first, last)) {
      cloud(Stranded.TOO_MANY_CHANGES);
    }
    if (witnesses.stream().anyMatch(each -> each.place >= first && each.place <= last)) {
      witnesses =
          witnesses.stream().filter(each -> each.place < first || each.place > last).toList();
    }
  }

  /** The place of the message with a number. */
  long placeOf(long number) {
    long place = number;
    ImapRanges gone = gonePlaces;
    for (int i = 0; gone != null && i < gone.count() && gone.low(i) <= place; i++) {
      place += gone.high(i) - gone.low(i) + 1;
    }
    return place;
  }

  /** A FETCH response. */
  void fetched(ImapFetchItems items) {
    if (items.flags != null || !items.whole()) {
      flagsFrom = Math.min(flagsFrom, items.sequence);
    }
    newestModseq = Math.max(newestModseq, items.modseq);
    if (items.uid == ImapCursor.NONE || !items.whole()) {
      return;
    }
    if (items.sequence < 1 || items.sequence > exists()) {
      cloud(Stranded.SELECTION_UNCLEAR);
      return;
    }
    long place = placeOf(items.sequence);
    follow(place, items.uid);
    if (items.size != ImapCursor.NONE || items.date != ImapCursor.NONE || items.emailId != null) {
      remember(
          new Witness(
              place,
              items.uid,
              items.size,
              items.date,
              items.emailId == null ? 0 : key.of(items.emailId)));
    }
  }

  /** The flags of all may be known to the client. */
  void flagsAreKnown() {
    flagsFrom = Math.min(flagsFrom, 1);
  }

  private void remember(Witness told) {
    List<Witness> next = new ArrayList<>(MOST_WITNESSES + 1);
    Witness merged = told;
    for (Witness each : witnesses) {
      if (each.uid == told.uid) {
        merged = each.with(told);
      } else {
        next.add(each);
      }
    }
    if (next.size() == MOST_WITNESSES && told.uid < witnesses.get(MOST_WITNESSES - 1).uid) {
      return;
    }
    next.add(merged);
    next.sort(Comparator.comparingLong(Witness::uid).reversed());
    witnesses = List.copyOf(next.subList(0, Math.min(MOST_WITNESSES, next.size())));
  }

  /** Keeps a sum of which UID stands where, for the longest row of places and the latest. */
  private void follow(long place, long uid) {
    Run run = latest;
    if (run == null || place != run.last + 1) {
      if ((run != null && place >= run.first && place <= run.last)
          || (longest != null && place >= longest.first && place <= longest.last)) {
        return; // told again
      }
      if (run != null && (longest == null || length(run) > length(longest))) {
        longest = run;
      }
      run = new Run(place);
      latest = run;
    }
    run.last = place;
    run.sum += key.of(place, uid);
    run.lastUid = uid;
    Run other = longest;
    if (other != null && other != run) {
      if (other.first == run.last + 1) {
        join(run, other);
      } else if (run.first == other.last + 1 && run.last > other.last) {
        join(other, run);
      }
    }
  }

  private void join(Run lower, Run upper) {
    lower.sum += upper.sum;
    lower.last = upper.last;
    lower.lastUid = upper.lastUid;
    longest = lower;
    latest = lower;
  }

  private static long length(Run run) {
    return run.last - run.first + 1;
  }

  /** The UID that was told for a place; {@link ImapCursor#NONE} if that is not kept. */
  long uidAt(long place) {
    for (Witness witness : witnesses) {
      if (witness.place == place) {
        return witness.uid;
      }
    }
    if (latest != null && latest.last == place) {
      return latest.lastUid;
    }
    return longest != null && longest.last == place ? longest.lastUid : ImapCursor.NONE;
  }

  /**
   * Whether the client was told these UIDs, as far as that is kept.
   *
   * @param uids those of all places, from 1 on
   */
  boolean toldThese(long[] uids) {
    return fits(longest, uids) && fits(latest, uids);
  }

  private boolean fits(@Nullable Run run, long[] uids) {
    if (run == null) {
      return true;
    }
    long sum = 0;
    for (long place = run.first; place <= run.last; place++) {
      sum += key.of(place, uids[(int) place - 1]);
    }
    return sum == run.sum && uids[(int) run.last - 1] == run.lastUid;
  }

  /** What the client knows once it has heard what has become of it. */
  ImapSelection become(ImapLook look) {
    ImapSelection next = new ImapSelection(key, name, examined);
    next.selectedWith(look.exists);
    next.uidValidity = look.uidValidity;
    next.uidNext = look.uidNext;
    next.modseq = look.modseq;
    next.newestModseq = Math.max(look.modseq, newestModseq);
    next.mailboxId = mailboxId;
    next.recent = look.recent;
    next.readOnly = readOnly;
    next.flags = key.ofFlags(look.flags);
    next.permanentFlags = key.ofFlags(look.permanentFlags());
    next.proven(look.present, witnesses);
    return next;
  }

  /**
   * All messages are known to be these.
   *
   * @param before of which something was told, if they are among them
   */
  private void proven(ImapRanges uids, List<Witness> before) {
    long place = 0;
    for (int i = 0; i < uids.count(); i++) {
      for (long uid = uids.low(i); uid <= uids.high(i); uid++) {
        follow(++place, uid);
      }
    }
    witnesses =
        before.stream()
            .filter(each -> uids.has(each.uid))
            .map(
                each ->
                    new Witness(
                        uids.below(each.uid) + 1, each.uid, each.size, each.date, each.emailId))
            .toList();
  }

  /** A MAILBOXID as it is kept; 0 if there is none. */
  long idOf(String mailbox) {
    return mailbox.isEmpty() ? 0 : key.of(mailbox);
  }
}
