package org.openmmp.storesim.imap;

import jakarta.mail.internet.MailDateFormat;
import jakarta.mail.internet.MimeUtility;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.Date;
import java.util.Locale;
import java.util.function.BiPredicate;
import org.openmmp.storesim.mailbox.StoredMessage;
import org.openmmp.storesim.session.CommandSyntaxException;

/** Reads the conditions of a SEARCH (RFC 3501 section 6.4.4). */
final class SearchParser {
  private static final DateTimeFormatter DATE =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("d-MMM-yyyy")
          .toFormatter(Locale.ENGLISH);

  private final ImapScanner scanner;

  SearchParser(ImapScanner scanner) {
    this.scanner = scanner;
  }

  /** All conditions up to the end of the list or the line; each must hold. */
  SearchKey parse() {
    SearchKey all = subject -> true;
    do {
      SearchKey before = all;
      SearchKey next = key();
      all = subject -> before.matches(subject) && next.matches(subject);
    } while (scanner.skip(' '));
    return all;
  }

  private SearchKey key() {
    if (scanner.skip('(')) {
      SearchKey inner = parse();
      scanner.expect(')');
      return inner;
    }
    String word = scanner.atom("*").toUpperCase(Locale.ROOT);
    return switch (word) {
      case "ALL", "OLD" -> subject -> true;
      case "NEW", "RECENT" -> subject -> false;
      case "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN" -> flag("\\" + word, true);
      case "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN" ->
          flag("\\" + word.substring(2), false);
      case "KEYWORD", "UNKEYWORD" -> flag(argument(), word.equals("KEYWORD"));
      case "CHARSET" -> {
        charset();
        yield subject -> true;
      }
      case "NOT" -> {
        scanner.space();
        SearchKey inner = key();
        yield subject -> !inner.matches(subject);
      }
      case "OR" -> either();
      case "UID" -> {
        SequenceSet set = SequenceSet.parse(set());
        yield subject -> set.contains(subject.message().uid(), subject.largestUid());
      }
      default -> keyWithValue(word);
    };
  }

  private SearchKey keyWithValue(String word) {
    return switch (word) {
      case "BCC", "CC", "FROM", "SUBJECT", "TO" -> field(word, argument());
      case "HEADER" -> field(argument(), argument());
      case "BODY", "TEXT" -> octets(argument(), word.equals("TEXT"));
      case "LARGER", "SMALLER" -> size(word.equals("LARGER"));
      case "BEFORE", "SENTBEFORE" -> date(word, LocalDate::isBefore);
      case "ON", "SENTON" -> date(word, LocalDate::isEqual);
      case "SINCE", "SENTSINCE" -> date(word, (day, given) -> !day.isBefore(given));
      default -> {
        SequenceSet set = SequenceSet.parse(word);
        yield subject -> set.contains(subject.number(), subject.largest());
      }
    };
  }

  private SearchKey either() {
    scanner.space();
    SearchKey first = key();
    scanner.space();
    SearchKey second = key();
    return subject -> first.matches(subject) || second.matches(subject);
  }

  private static SearchKey flag(String flag, boolean wanted) {
    return subject -> subject.message().flags().contains(flag) == wanted;
  }

  private SearchKey size(boolean larger) {
    scanner.space();
    long size = scanner.number();
    return subject -> larger ? subject.message().size() > size : subject.message().size() < size;
  }

  private static SearchKey field(String name, String wanted) {
    String lower = utf8(wanted).toLowerCase(Locale.ROOT);
    return subject ->
        Header.of(subject.message().octets()).values(name).stream()
            .anyMatch(value -> decoded(value).toLowerCase(Locale.ROOT).contains(lower));
  }

  private static SearchKey octets(String wanted, boolean headerToo) {
    String lower = wanted.toLowerCase(Locale.ROOT);
    return subject -> {
      byte[] octets = subject.message().octets();
      int from = headerToo ? 0 : Header.of(octets).octets().length;
      String text = new String(octets, from, octets.length - from, StandardCharsets.ISO_8859_1);
      return text.toLowerCase(Locale.ROOT).contains(lower);
    };
  }

  private SearchKey date(String word, BiPredicate<LocalDate, LocalDate> holds) {
    LocalDate given;
    try {
      given = LocalDate.parse(argument(), DATE);
    } catch (DateTimeParseException e) {
      throw new CommandSyntaxException("Not a date");
    }
    boolean sent = word.startsWith("SENT");
    return subject -> {
      LocalDate day =
          sent ? sentDay(subject.message()) : subject.message().internalDate().toLocalDate();
      return holds.test(day, given);
    };
  }

  /** The day of the Date field, or the day of receipt. */
  private static LocalDate sentDay(StoredMessage message) {
    for (String value : Header.of(message.octets()).values("Date")) {
      try {
        Date date = new MailDateFormat().parse(value);
        return date.toInstant().atZone(ZoneOffset.UTC).toLocalDate();
      } catch (ParseException e) {
        return message.internalDate().toLocalDate();
      }
    }
    return message.internalDate().toLocalDate();
  }

  private void charset() {
    String charset = argument().toUpperCase(Locale.ROOT);
    if (!charset.equals("UTF-8") && !charset.equals("US-ASCII")) {
      throw new CommandSyntaxException("Only UTF-8 and US-ASCII");
    }
  }

  private String argument() {
    scanner.space();
    return scanner.astring();
  }

  private String set() {
    scanner.space();
    return scanner.atom("*");
  }

  private static String utf8(String octets) {
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static String decoded(String value) {
    try {
      return MimeUtility.decodeText(utf8(value));
    } catch (UnsupportedEncodingException e) {
      return value;
    }
  }
}
