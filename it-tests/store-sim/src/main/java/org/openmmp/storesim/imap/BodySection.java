package org.openmmp.storesim.imap;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.storesim.session.CommandSyntaxException;

/**
 * A part of a message, as named between the brackets of {@code BODY[…]}.
 *
 * @param path part numbers from the outside inwards; empty: the message itself
 * @param text empty, HEADER, HEADER.FIELDS, TEXT or MIME
 * @param fields header fields, as the client wrote them
 */
record BodySection(List<Integer> path, String text, List<String> fields) {
  private static final Pattern NAME = Pattern.compile("((?:\\d{1,4}\\.)*\\d{1,4})?\\.?([A-Z.]*)");
  private static final Set<String> TEXTS = Set.of("", "HEADER", "HEADER.FIELDS", "TEXT", "MIME");

  /** Reads the rest of a section, its closing bracket too; {@code start} has been read already. */
  static BodySection parse(String start, ImapScanner scanner) {
    Matcher name = NAME.matcher(start);
    if (!name.matches() || !TEXTS.contains(name.group(2))) {
      throw new CommandSyntaxException("No such section");
    }
    List<Integer> path = new ArrayList<>();
    if (name.group(1) != null) {
      for (String number : name.group(1).split("\\.", -1)) {
        path.add(Integer.valueOf(number));
      }
    }
    List<String> fields = List.of();
    if (name.group(2).startsWith("HEADER.FIELDS")) {
      scanner.space();
      fields = scanner.list();
    }
    scanner.expect(']');
    return new BodySection(path, name.group(2), fields);
  }

  /** As it stands in the response. */
  String label() {
    List<String> words = new ArrayList<>();
    path.forEach(number -> words.add(number.toString()));
    if (!text.isEmpty()) {
      words.add(text);
    }
    String name = String.join(".", words);
    return fields.isEmpty()
        ? name
        : name + " " + ImapText.list(fields.stream().map(ImapText::string).toList());
  }
}
