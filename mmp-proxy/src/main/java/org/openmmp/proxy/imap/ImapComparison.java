package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.Stranded;

/**
 * What a client was told of its mailbox, compared with what the new store has (rule B9.3): whether
 * the one can have become the other, and what the client must hear so that it knows the other.
 *
 * <p>The messages told at SELECT are those below its UIDNEXT that are there or have gone since;
 * their count must come out. Those that came later are the first from there on, without a gap;
 * where some of them have gone, only one choice of those that were told may fit, or nothing does.
 */
final class ImapComparison {
  /** More messages than that are not looked at in one move. */
  private static final int MOST_MESSAGES = 1_000_000;

  /** Among so many newer ones that are gone again those that were told are looked for. */
  private static final int MOST_UNTOLD = 64;

  private final ImapSelection told;
  private final ImapLook found;

  /** The UID of each place. */
  private long[] uids = new long[0];

  /** The place of each message that the client knows, by number. */
  private int[] placesKnown = new int[0];

  private int known;

  /** By number, those among them that are gone. */
  private final ImapRanges gone = new ImapRanges(MOST_MESSAGES);

  private final ImapRanges goneUids = new ImapRanges(MOST_MESSAGES);

  private ImapComparison(ImapSelection told, ImapLook found) {
    this.told = told;
    this.found = found;
  }

  /** A comparison whose result is to be asked for. */
  static ImapComparison of(ImapSelection told, ImapLook found) {
    return new ImapComparison(told, found);
  }

  /** Why it does not come out; null if it does. */
  @Nullable Stranded compare() {
    ImapRanges present = found.present;
    ImapRanges vanished = found.vanished;
    if (present.total() != found.exists
        || present.largest() >= found.uidNext
        || vanished.largest() >= found.uidNext
        || present.inCommon(vanished) > 0) {
      return Stranded.UNSETTLED;
    }
    if (told.places() > MOST_MESSAGES || present.total() > MOST_MESSAGES) {
      return Stranded.TOO_LARGE;
    }
    if (found.uidNext < told.uidNext) {
      return Stranded.BEHIND;
    }
    long before = present.below(told.uidNext) + vanished.below(told.uidNext);
    if (before != told.atSelect()) {
      return Stranded.COUNT;
    }
    uids = new long[(int) told.places()];
    int count = merge(0, told.uidNext);
    Stranded why = newer(count);
    return why != null ? why : follow();
  }

  /** Puts the UIDs below a limit into their places; how many they are. */
  private int merge(int from, long limit) {
    int count = from;
    for (ImapRanges ranges : List.of(found.present, found.vanished)) {
      for (int i = 0; i < ranges.count(); i++) {
        for (long uid = ranges.low(i); uid <= ranges.high(i) && uid < limit; uid++) {
          uids[count++] = uid;
        }
      }
    }
    Arrays.sort(uids, from, count);
    return count;
  }

  /** Finds out which of the messages that came since SELECT were told. */
  private @Nullable Stranded newer(int atSelect) {
    int wanted = uids.length - atSelect;
    if (wanted == 0) {
      return null;
    }
    long first = told.uidNext;
    if (found.uidNext - first < wanted) {
      return Stranded.BEHIND;
    }
    long untold = found.vanished.total() - found.vanished.below(first);
    if (untold > 0 && untold > MOST_UNTOLD + wanted) {
      return Stranded.AMBIGUOUS;
    }
    // ways[skipped]: in how many ways the messages looked at so far can be those that were told
    // and so many others, which the client did not hear of; two stands for more.
    int most = (int) Math.min(untold, MOST_UNTOLD);
    List<byte[]> steps = new ArrayList<>();
    byte[] ways = new byte[most + 1];
    ways[0] = 1;
    int ends = 0;
    int skippedAtEnd = 0;
    int lengthAtEnd = 0;
    for (int seen = 0; seen < wanted + most && first + seen < found.uidNext; seen++) {
      long uid = first + seen;
      boolean here = found.present.has(uid);
      if (!here && !found.vanished.has(uid)) {
        break; // of that one nobody knows anything
      }
      byte[] next = new byte[most + 1];
      for (int skipped = 0; skipped <= Math.min(most, seen); skipped++) {
        if (ways[skipped] == 0 || seen - skipped >= wanted) {
          continue;
        }
        long place = atSelect + seen - skipped + 1L;
        if (mayBe(place, uid, here)) {
          next[skipped] = (byte) Math.min(2, next[skipped] + ways[skipped]);
          if (seen - skipped + 1 == wanted) {
            ends += ways[skipped];
            skippedAtEnd = skipped;
            lengthAtEnd = seen + 1;
          }
        }
        if (!here && skipped < most) {
          next[skipped + 1] = (byte) Math.min(2, next[skipped + 1] + ways[skipped]);
        }
      }
      steps.add(ways);
      ways = next;
    }
    if (ends != 1) {
      return ends == 0 ? Stranded.COUNT : Stranded.AMBIGUOUS;
    }
    // The one way, from its end: at each message either the one told or the one skipped.
    int skipped = skippedAtEnd;
    for (int seen = lengthAtEnd - 1; seen >= 0; seen--) {
      long uid = first + seen;
      int place = atSelect + seen - skipped;
      boolean wasTold =
          seen - skipped >= 0
              && skipped < steps.get(seen).length
              && steps.get(seen)[skipped] > 0
              && mayBe(place + 1L, uid, found.present.has(uid))
              && place < uids.length;
      boolean wasSkipped =
          skipped > 0
              && !found.present.has(uid)
              && steps.get(seen)[skipped - 1] > 0
              && seen < lengthAtEnd - 1;
      if (wasTold == wasSkipped) {
        return Stranded.AMBIGUOUS;
      }
      if (wasTold) {
        uids[place] = uid;
      } else {
        skipped--;
      }
    }
    return skipped == 0 ? null : Stranded.AMBIGUOUS;
  }

  /** Whether the message at a place can be that one. */
  private boolean mayBe(long place, long uid, boolean here) {
    ImapRanges gonePlaces = told.gonePlaces();
    if (here && gonePlaces != null && gonePlaces.has(place)) {
      return false;
    }
    long known = told.uidAt(place);
    return known == ImapCursor.NONE || known == uid;
  }

  /** Goes through all places: what was told to be gone is, and what is there follows. */
  private @Nullable Stranded follow() {
    ImapRanges gonePlaces = told.gonePlaces();
    placesKnown = new int[uids.length];
    long kept = 0;
    long largestKept = 0;
    for (int i = 0; i < uids.length; i++) {
      long uid = uids[i];
      boolean here = found.present.has(uid);
      if (gonePlaces != null && gonePlaces.has(i + 1L)) {
        if (here) {
          return Stranded.EXPUNGED_IS_BACK;
        }
        continue;
      }
      placesKnown[known++] = i + 1;
      if (here) {
        kept++;
        largestKept = uid;
      } else {
        gone.add(known, known);
        goneUids.add(uid, uid);
      }
    }
    if (found.present.below(largestKept + 1) != kept) {
      return Stranded.COUNT;
    }
    return told.toldThese(uids) ? null : Stranded.OTHER_MAIL;
  }

  /** The numbers of the messages that are gone, as the client counts. */
  ImapRanges gone() {
    return gone;
  }

  ImapRanges goneUids() {
    return goneUids;
  }

  /** How many messages the client knows once it has heard of those. */
  long known() {
    return known - gone.total();
  }

  /** The messages from a place on that the client knows and that are there. */
  ImapRanges keptFrom(long place) {
    ImapRanges kept = new ImapRanges(MOST_MESSAGES);
    for (int i = 0; i < known; i++) {
      long uid = uids[placesKnown[i] - 1];
      if (placesKnown[i] >= place && found.present.has(uid)) {
        kept.add(uid, uid);
      }
    }
    return kept;
  }
}
