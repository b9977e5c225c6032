package org.openmmp.storesim.imap;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.session.CommandSyntaxException;

/**
 * One thing that FETCH asks of a message (RFC 3501 section 6.4.5).
 *
 * @param section for {@link Kind#SECTION}
 * @param marksSeen whether asking sets {@code \Seen}
 * @param offset first octet of a partial fetch, or -1 for all
 * @param length octets at the most of a partial fetch
 */
record FetchItem(
    Kind kind,
    String label,
    @Nullable BodySection section,
    boolean marksSeen,
    long offset,
    long length) {

  /** What is asked. */
  enum Kind {
    UID,
    FLAGS,
    INTERNALDATE,
    RFC822_SIZE,
    ENVELOPE,
    BODYSTRUCTURE,
    SECTION
  }

  /** The flags, and the UID if that was used. */
  static List<FetchItem> flags(boolean byUid) {
    return byUid ? List.of(plain(Kind.UID), plain(Kind.FLAGS)) : List.of(plain(Kind.FLAGS));
  }

  /** Reads one item or a list of them; the UID is always there if it was used. */
  static List<FetchItem> parse(ImapScanner scanner, boolean byUid) {
    List<FetchItem> items = new ArrayList<>();
    if (scanner.skip('(')) {
      do {
        items.add(item(scanner));
      } while (scanner.skip(' '));
      scanner.expect(')');
    } else {
      items.add(item(scanner));
    }
    if (byUid && items.stream().noneMatch(item -> item.kind() == Kind.UID)) {
      items.add(0, plain(Kind.UID));
    }
    return items;
  }

  private static FetchItem item(ImapScanner scanner) {
    String word = scanner.keyword();
    if (word.startsWith("BODY[") || word.startsWith("BODY.PEEK[")) {
      String start = word.substring(word.indexOf('[') + 1);
      return section(BodySection.parse(start, scanner), word.startsWith("BODY["), scanner);
    }
    return switch (word) {
      case "RFC822.SIZE" -> plain(Kind.RFC822_SIZE);
      case "UID", "FLAGS", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE" -> plain(Kind.valueOf(word));
      default -> throw new CommandSyntaxException("No such item");
    };
  }

  private static FetchItem section(BodySection section, boolean marksSeen, ImapScanner scanner) {
    if (scanner.peek() != '<') {
      return new FetchItem(
          Kind.SECTION, "BODY[" + section.label() + "]", section, marksSeen, -1, 0);
    }
    String partial = scanner.atom();
    if (!partial.matches("<\\d{1,10}\\.\\d{1,10}>")) {
      throw new CommandSyntaxException("Not a partial");
    }
    int dot = partial.indexOf('.');
    long offset = Long.parseLong(partial.substring(1, dot));
    long length = Long.parseLong(partial.substring(dot + 1, partial.length() - 1));
    String label = "BODY[" + section.label() + "]<" + offset + ">";
    return new FetchItem(Kind.SECTION, label, section, marksSeen, offset, length);
  }

  private static FetchItem plain(Kind kind) {
    String label = kind == Kind.RFC822_SIZE ? "RFC822.SIZE" : kind.name();
    return new FetchItem(kind, label, null, false, -1, 0);
  }
}
