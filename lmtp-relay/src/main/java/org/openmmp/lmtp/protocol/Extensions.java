package org.openmmp.lmtp.protocol;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the reply to LHLO offers (RFC 5321 section 4.1.1.1).
 *
 * @param known what the relay can honour
 * @param maxMessageOctets the argument of SIZE; 0 if there is no limit or none is told
 * @param xclientAttributes the arguments of XCLIENT in upper case, in their order
 * @param unknown the lines of all other extensions, as they were sent
 */
public record Extensions(
    Set<Extension> known,
    long maxMessageOctets,
    List<String> xclientAttributes,
    List<String> unknown) {
  /** Nothing. */
  public static final Extensions NONE = of(EnumSet.noneOf(Extension.class));

  /** Copies sets and lists. */
  public Extensions {
    Set<Extension> copy = EnumSet.noneOf(Extension.class);
    copy.addAll(known);
    known = Collections.unmodifiableSet(copy);
    xclientAttributes = List.copyOf(xclientAttributes);
    unknown = List.copyOf(unknown);
  }

  /** These, without arguments. */
  public static Extensions of(Set<Extension> known) {
    return new Extensions(known, 0, List.of(), List.of());
  }

  /** Those of a reply to LHLO; its first line is the peer's name. */
  public static Extensions of(LmtpReply reply) {
    Set<Extension> known = EnumSet.noneOf(Extension.class);
    long maxMessageOctets = 0;
    List<String> xclientAttributes = List.of();
    List<String> unknown = new ArrayList<>();
    for (String line : reply.lines().subList(1, reply.lines().size())) {
      List<String> words = List.of(line.strip().split("[ \t]+", -1));
      Extension extension = Extension.of(words.get(0));
      if (extension == null) {
        unknown.add(line);
        continue;
      }
      known.add(extension);
      if (extension == Extension.SIZE && words.size() > 1) {
        maxMessageOctets = octets(words.get(1));
      } else if (extension == Extension.XCLIENT) {
        xclientAttributes =
            words.stream().skip(1).map(word -> word.toUpperCase(Locale.ROOT)).toList();
      }
    }
    return new Extensions(known, maxMessageOctets, xclientAttributes, unknown);
  }

  /** Whether that one is there. */
  public boolean has(Extension extension) {
    return known.contains(extension);
  }

  /** What both have (rule B5.1): the smaller limit, and no extension that is unknown. */
  public Extensions and(Extensions other) {
    Set<Extension> both = EnumSet.noneOf(Extension.class);
    both.addAll(known);
    both.retainAll(other.known);
    List<String> attributes = new ArrayList<>(xclientAttributes);
    attributes.retainAll(other.xclientAttributes);
    return new Extensions(
        both, smallerLimit(maxMessageOctets, other.maxMessageOctets), attributes, List.of());
  }

  /** The same with that one. */
  public Extensions with(Extension extension) {
    Set<Extension> more = EnumSet.of(extension);
    more.addAll(known);
    return new Extensions(more, maxMessageOctets, xclientAttributes, unknown);
  }

  /** The same without that one and its arguments. */
  public Extensions without(Extension extension) {
    Set<Extension> fewer = EnumSet.noneOf(Extension.class);
    fewer.addAll(known);
    fewer.remove(extension);
    return new Extensions(
        fewer,
        extension == Extension.SIZE ? 0 : maxMessageOctets,
        extension == Extension.XCLIENT ? List.of() : xclientAttributes,
        unknown);
  }

  /** The same with SIZE and that limit, if it is the smaller one; 0 for none. */
  public Extensions withLimit(long octets) {
    Extensions sized = with(Extension.SIZE);
    return new Extensions(
        sized.known, smallerLimit(maxMessageOctets, octets), xclientAttributes, unknown);
  }

  /** The same with XCLIENT and those attributes. */
  public Extensions withXclient(List<String> attributes) {
    return new Extensions(with(Extension.XCLIENT).known, maxMessageOctets, attributes, unknown);
  }

  /** The reply to LHLO that offers what is known here. */
  public LmtpReply reply(String hostName) {
    List<String> lines = new ArrayList<>(known.size() + 1);
    lines.add(hostName);
    for (Extension extension : known) {
      lines.add(
          switch (extension) {
            case SIZE -> maxMessageOctets == 0 ? "SIZE" : "SIZE " + maxMessageOctets;
            case XCLIENT -> "XCLIENT " + String.join(" ", xclientAttributes);
            case PIPELINING,
                ENHANCED_STATUS_CODES,
                EIGHT_BIT_MIME,
                SMTPUTF8,
                CHUNKING,
                DSN,
                STARTTLS ->
                extension.keyword();
          });
    }
    return new LmtpReply(250, "", lines);
  }

  private static long smallerLimit(long a, long b) {
    return a == 0 || b == 0 ? Math.max(a, b) : Math.min(a, b);
  }

  /** A limit that is no number, or beyond any size, limits nothing. */
  private static long octets(String digits) {
    return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
  }
}
