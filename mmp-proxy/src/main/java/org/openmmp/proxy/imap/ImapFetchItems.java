package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The items of one FETCH response (RFC 9051 section 7.5.2), which come in any order, in one part or
 * in several with literals between.
 */
final class ImapFetchItems {
  private static final List<String> MONTHS =
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

  private static final int DATE_OCTETS = 28;

  private enum Item {
    FLAGS,
    UID,
    MODSEQ,
    SIZE,
    DATE,
    EMAIL_ID,
    /** The whole message, whose length is its size. */
    WHOLE,
    OTHER
  }

  /** The sequence number. */
  final long sequence;

  long uid = ImapCursor.NONE;
  long modseq = ImapCursor.NONE;

  /** RFC822.SIZE, or how long the message was that came. */
  long size = ImapCursor.NONE;

  /** INTERNALDATE in seconds since 1970. */
  long date = ImapCursor.NONE;

  @Nullable String emailId;

  /** The flags, with spaces between; null if they are not among the items. */
  @Nullable String flags;

  /** Whether there are items of other kinds. */
  boolean others;

  private boolean broken;
  private int depth;
  private boolean ended;
  private boolean namesItem = true;
  private Item item = Item.OTHER;

  ImapFetchItems(long sequence) {
    this.sequence = sequence;
  }

  /** Whether it has ended as it should. */
  boolean whole() {
    return ended && !broken;
  }

  /** Reads on; where a literal follows, with its announcement at the end. */
  void read(ByteBuffer octets, int from, int to) {
    int at = from;
    while (at < to && !broken) {
      int octet = octets.get(at);
      if (depth == 0) {
        broken = ended ? octet != ' ' : octet != ' ' && octet != '(';
        depth = octet == '(' ? 1 : 0;
        at++;
      } else if (octet == ' ') {
        at++;
      } else if (depth > 1) {
        at = inList(octets, at, to);
      } else if (namesItem) {
        at = octet == ')' ? end(at) : name(octets, at, to);
      } else {
        at = value(octets, at, to);
      }
    }
  }

  private int end(int at) {
    depth = 0;
    ended = true;
    return at + 1;
  }

  private int name(ByteBuffer octets, int from, int to) {
    int at = from;
    int brackets = 0;
    for (; at < to; at++) {
      int octet = octets.get(at);
      if (octet == '[') {
        brackets++;
      } else if (octet == ']') {
        brackets--;
      } else if (brackets == 0 && (octet == ' ' || octet == ')' || octet == '(')) {
        break;
      }
    }
    item =
        switch (at - from) {
          case 3 -> named("UID", octets, from, at) ? Item.UID : Item.OTHER;
          case 5 -> named("FLAGS", octets, from, at) ? Item.FLAGS : Item.OTHER;
          case 6 ->
              named("MODSEQ", octets, from, at)
                  ? Item.MODSEQ
                  : named("BODY[]", octets, from, at) ? Item.WHOLE : Item.OTHER;
          case 7 ->
              named("EMAILID", octets, from, at)
                  ? Item.EMAIL_ID
                  : named("RFC822", octets, from, at - 1) ? Item.WHOLE : Item.OTHER;
          case 11 -> named("RFC822.SIZE", octets, from, at) ? Item.SIZE : Item.OTHER;
          case 12 -> named("INTERNALDATE", octets, from, at) ? Item.DATE : Item.OTHER;
          default -> Item.OTHER;
        };
    others |= item == Item.OTHER || item == Item.WHOLE;
    namesItem = false;
    return at;
  }

  private static boolean named(String name, ByteBuffer octets, int from, int to) {
    return ImapCursor.matches(octets, from, to, name);
  }

  /** A value, or the beginning of one that is a list. */
  private int value(ByteBuffer octets, int from, int to) {
    int octet = octets.get(from);
    ImapCursor cursor = new ImapCursor(octets, from, to);
    if (octet == '(') {
      if (item == Item.FLAGS || item == Item.MODSEQ || item == Item.EMAIL_ID) {
        String inside = cursor.list();
        broken = inside == null;
        if (inside != null) {
          listed(inside);
        }
        namesItem = true;
        return cursor.at();
      }
      depth = 2;
      return from + 1;
    }
    namesItem = true;
    int end = octet == '"' ? endOfQuoted(octets, from, to) : endOfAtom(octets, from, to);
    switch (item) {
      case UID -> {
        uid = cursor.uid();
        broken = uid == ImapCursor.NONE || cursor.at() != end;
      }
      case SIZE -> {
        size = cursor.number();
        broken = size == ImapCursor.NONE || cursor.at() != end;
      }
      case DATE -> {
        date = seconds(octets, from, end);
        broken = date == ImapCursor.NONE;
      }
      case WHOLE -> {
        if (cursor.skip('{') || (cursor.skip('~') && cursor.skip('{'))) {
          size = cursor.number();
        }
      }
      case EMAIL_ID -> emailId = null; // NIL
      case FLAGS, MODSEQ -> broken = true;
      case OTHER -> {}
    }
    return end;
  }

  private void listed(String inside) {
    switch (item) {
      case FLAGS -> flags = inside;
      case EMAIL_ID -> emailId = inside;
      default -> {
        ImapCursor number = ImapCursor.of(inside.getBytes(ISO_8859_1));
        modseq = number.number();
        broken = modseq == ImapCursor.NONE || !number.atEnd();
      }
    }
  }

  private int inList(ByteBuffer octets, int from, int to) {
    int octet = octets.get(from);
    if (octet == '"') {
      return endOfQuoted(octets, from, to);
    }
    if (octet == '(') {
      depth++;
    } else if (octet == ')') {
      depth--;
      namesItem = depth == 1;
    }
    return from + 1;
  }

  private int endOfQuoted(ByteBuffer octets, int from, int to) {
    for (int at = from + 1; at < to; at++) {
      int octet = octets.get(at);
      if (octet == '"') {
        return at + 1;
      }
      if (octet == '\\') {
        at++;
      }
    }
    broken = true;
    return to;
  }

  private static int endOfAtom(ByteBuffer octets, int from, int to) {
    int at = from;
    while (at < to && octets.get(at) != ' ' && octets.get(at) != ')') {
      at++;
    }
    return at;
  }

  /**
   * The moment that a date-time in quotation marks names; {@link ImapCursor#NONE} if it is none.
   */
  private static long seconds(ByteBuffer octets, int from, int to) {
    if (to - from != DATE_OCTETS) {
      return ImapCursor.NONE;
    }
    int day = octets.get(from + 1) == ' ' ? two(octets, from + 1, '0') : two(octets, from + 1);
    int year = two(octets, from + 8) * 100 + two(octets, from + 10);
    int hours = two(octets, from + 13);
    int minutes = two(octets, from + 16);
    int seconds = two(octets, from + 19);
    int zone = two(octets, from + 23) * 60 + two(octets, from + 25);
    int month = 0;
    while (month < MONTHS.size()
        && !ImapCursor.matches(octets, from + 4, from + 7, MONTHS.get(month))) {
      month++;
    }
    try {
      long days = LocalDate.of(year, month + 1, day).toEpochDay();
      int east = octets.get(from + 22) == '-' ? -zone : zone;
      return ((days * 24 + hours) * 60 + minutes - east) * 60 + seconds;
    } catch (DateTimeException e) {
      return ImapCursor.NONE;
    }
  }

  private static int two(ByteBuffer octets, int at) {
    return two(octets, at, octets.get(at));
  }

  private static int two(ByteBuffer octets, int at, int tens) {
    return (tens - '0') * 10 + octets.get(at + 1) - '0';
  }
}
