package org.openmmp.routing;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostName;
import org.openmmp.text.SafeText;

/**
 * What a probe saw of a host that all hosts of a group should have in common (rule B2.39). What
 * differs lawfully is left out: names, session ids, process ids, times. All texts are bounded and
 * safe to print.
 *
 * @param words by aspect; an aspect that was not seen is absent
 * @param told the time by the host's clock, in milliseconds since 1970, as its greeting told it;
 *     null if it did not
 * @param aheadMillis by how much that clock is ahead of ours at the least; 0 if it is not known
 * @param unsureMillis by how much more it may be ahead
 */
public record HostTraits(
    Map<Aspect, SortedSet<String>> words,
    @Nullable Long told,
    long aheadMillis,
    long unsureMillis) {
  /** What an operator may have compared. */
  public enum Kind {
    /** Which software greets, and in which words. */
    GREETING,
    /** What is offered before TLS, under it, and behind a login. */
    CAPABILITIES,
    /** Who issued it, of which kind its key is, whether it has the host's name, and its term. */
    CERTIFICATE,
    /** The time, where a greeting tells it. */
    CLOCK
  }

  /** What is compared as words. */
  public enum Aspect {
    /** The greeting without what differs lawfully. */
    GREETING(Kind.GREETING, ""),
    /** Capabilities before TLS, or without. */
    OFFERED_IN_THE_CLEAR(Kind.CAPABILITIES, "in the clear"),
    /** Capabilities under TLS. */
    OFFERED_UNDER_TLS(Kind.CAPABILITIES, "under TLS"),
    /** Capabilities behind a login. */
    OFFERED_BEHIND_LOGIN(Kind.CAPABILITIES, "behind the login"),
    /** What is known of the certificate, each in words. */
    CERTIFICATE(Kind.CERTIFICATE, "");

    private final Kind kind;
    private final String where;

    Aspect(Kind kind, String where) {
      this.kind = kind;
      this.where = where;
    }

    /** What it is a part of. */
    public Kind kind() {
      return kind;
    }

    /** Where it was seen, in words; empty if that goes without saying. */
    String where() {
      return where;
    }
  }

  /** Nothing was seen. */
  public static final HostTraits NONE = new HostTraits(Map.of(), null, 0, 0);

  /** No greeting that a person wrote is longer. */
  private static final int MOST_READ = 512;

  private static final int LONGEST_GREETING = 160;
  private static final int MOST_WORDS = 128;
  private static final int LONGEST_WORD = 64;
  private static final int LEAST_ID_DIGITS = 4;
  private static final int LONGEST_VERSION_NUMBER = 4;
  private static final int SHORTEST_BASE64 = 16;
  private static final long MILLIS = 1000;

  /** Of APOP (RFC 1939 section 7), and of message ids, whose form it has. */
  private static final Pattern STAMP = Pattern.compile("<([^<>\\s@]+)@([^<>\\s@]*)>");

  private static final String MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
  private static final String DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";

  /** RFC 5322 section 3.3, without the comment behind it. */
  private static final Pattern DATE =
      Pattern.compile(
          "(?:"
              + DAY
              + ", )?\\d{1,2} "
              + MONTH
              + " \\d{4} \\d\\d:\\d\\d(?::\\d\\d)?"
              + "(?: (?:[+-]\\d{4}|[A-Z]{1,4}\\b))?");

  private static final Pattern ISO_DATE =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?"
              + "(?:Z|[+-]\\d\\d:?\\d\\d)?");

  /** As C's asctime and the command date write it; its zone is not known to us. */
  private static final Pattern C_DATE =
      Pattern.compile(
          DAY + " " + MONTH + " {1,2}\\d{1,2} \\d\\d:\\d\\d:\\d\\d(?: [A-Z]{1,5})? \\d{4}");

  private static final Pattern TIME = Pattern.compile("\\b\\d\\d:\\d\\d:\\d\\d\\b");

  /** Codes, address literals and ids in brackets; comments of one number or zone. */
  private static final Pattern ASIDE =
      Pattern.compile("\\[[^\\[\\]]*\\]|\\((?:\\d{1,10}|[A-Z]{1,5})\\)");

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z][A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)*\\.[A-Za-z]{2,}\\.?");

  private static final Pattern ADDRESS_OF_SIX =
      Pattern.compile("(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]*");

  private static final Pattern DIGITS = Pattern.compile("\\d+");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=_-]+");

  /** Years from 2020 on, in the forms in which servers write seconds since 1970. */
  private static final Pattern DECIMAL_SECONDS = Pattern.compile("(?:1[6-9]|[23]\\d)\\d{8}");

  private static final Pattern HEX_SECONDS = Pattern.compile("[6-9a-fA-F][0-9a-fA-F]{7}");

  /** Copies the words. */
  public HostTraits {
    Map<Aspect, SortedSet<String>> copy = new EnumMap<>(Aspect.class);
    words.forEach(
        (aspect, all) -> copy.put(aspect, Collections.unmodifiableSortedSet(new TreeSet<>(all))));
    words = Collections.unmodifiableMap(copy);
  }

  /**
   * The host greeted.
   *
   * @param text as it was sent, without what the protocol has in front of it
   * @param host its name in the configuration
   */
  public HostTraits greeted(String text, String host) {
    return new HostTraits(with(Aspect.GREETING, List.of(software(text, host))), timeIn(text), 0, 0);
  }

  /** The host offers these, in any order and case; more than anybody has are left out. */
  public HostTraits offering(Aspect where, Collection<String> names) {
    return new HostTraits(with(where, names), told, aheadMillis, unsureMillis);
  }

  /** The host showed a certificate of which these are known, in words. */
  public HostTraits showing(Collection<String> certificate) {
    return new HostTraits(with(Aspect.CERTIFICATE, certificate), told, aheadMillis, unsureMillis);
  }

  /**
   * The greeting was sent and received between these times by our clock, in milliseconds since
   * 1970; what it tells is cut to whole seconds.
   */
  public HostTraits within(long beganMillis, long receivedMillis) {
    return told == null
        ? this
        : new HostTraits(
            words, told, told - receivedMillis, Math.max(0, receivedMillis - beganMillis) + MILLIS);
  }

  private Map<Aspect, SortedSet<String>> with(Aspect aspect, Collection<String> added) {
    SortedSet<String> safe = new TreeSet<>();
    int longest = aspect.kind() == Kind.CAPABILITIES ? LONGEST_WORD : LONGEST_GREETING;
    added.stream().limit(MOST_WORDS).forEach(each -> safe.add(SafeText.of(each, longest)));
    Map<Aspect, SortedSet<String>> all = new EnumMap<>(Aspect.class);
    all.putAll(words);
    all.put(aspect, safe);
    return all;
  }

  /** A greeting with a star for each name, id and time in it. */
  static String software(String greeting, String host) {
    String text = greeting.substring(0, Math.min(MOST_READ, greeting.length()));
    Matcher stamp = STAMP.matcher(text);
    String stamped = stamp.find() ? stamp.group(2) : "";
    text = ASIDE.matcher(text).replaceAll(" ");
    for (Pattern lawful : List.of(STAMP, DATE, C_DATE, ISO_DATE, TIME)) {
      text = lawful.matcher(text).replaceAll(" ");
    }
    List<String> words = new ArrayList<>();
    for (String each : text.strip().split("\\s+", -1)) {
      String bare = each.replaceAll("^[(\"',;:]+|[)\"',;:.!]+$", "");
      boolean lawful =
          isName(bare, host) || (!stamped.isEmpty() && isName(bare, stamped)) || isId(bare);
      words.add(lawful ? each.replace(bare, "*") : each);
    }
    return String.join(" ", words);
  }

  private static boolean isName(String word, String host) {
    String folded = HostName.fold(word);
    String its = HostName.fold(host);
    int dot = its.indexOf('.');
    return !word.isEmpty()
        && (folded.equals(its)
            || (dot > 0 && folded.equals(its.substring(0, dot)))
            || NAME.matcher(word).matches()
            || ADDRESS_OF_SIX.matcher(word).matches());
  }

  /** Whether it has more digits than a version's number has, or is a long mixture. */
  private static boolean isId(String word) {
    Matcher digits = DIGITS.matcher(word);
    int count = 0;
    int longest = 0;
    while (digits.find()) {
      int length = digits.end() - digits.start();
      count += length;
      longest = Math.max(longest, length);
    }
    boolean dotted = word.indexOf('.') >= 0;
    return longest > LONGEST_VERSION_NUMBER
        || (!dotted && count >= LEAST_ID_DIGITS)
        || (!dotted
            && count > 0
            && word.length() >= SHORTEST_BASE64
            && BASE64.matcher(word).matches());
  }

  /** The time that a greeting tells, in milliseconds since 1970; null if it tells none. */
  static @Nullable Long timeIn(String greeting) {
    String text = greeting.substring(0, Math.min(MOST_READ, greeting.length()));
    Matcher stamp = STAMP.matcher(text);
    Long found = stamp.find() ? secondsIn(stamp.group(1)) : null;
    Matcher date = DATE.matcher(text);
    Matcher iso = ISO_DATE.matcher(text);
    try {
      if (found != null) {
        return found * MILLIS;
      }
      if (date.find()) {
        return ZonedDateTime.parse(
                    date.group().replaceFirst(" (?:UTC|UT|Z)$", " GMT"),
                    DateTimeFormatter.RFC_1123_DATE_TIME)
                .toEpochSecond()
            * MILLIS;
      }
      if (iso.find()) {
        String at = iso.group().replace(' ', 'T').replace(',', '.');
        return at.endsWith("Z")
            ? Instant.parse(at).toEpochMilli()
            : OffsetDateTime.parse(at).toInstant().toEpochMilli();
      }
    } catch (DateTimeException | ArithmeticException noTime) {
      return null;
    }
    return null;
  }

  /** Dovecot has them third and in hexadecimal digits, Cyrus last; what is random comes before. */
  private static @Nullable Long secondsIn(String stamp) {
    Long found = null;
    for (String part : stamp.split("\\.", -1)) {
      if (DECIMAL_SECONDS.matcher(part).matches()) {
        found = Long.valueOf(part);
      } else if (HEX_SECONDS.matcher(part).matches()) {
        found = Long.valueOf(part, 16);
      }
    }
    return found;
  }
}
