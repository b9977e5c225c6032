package org.openmmp.storesim.imap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message's header: fields with their folding as they came.
 *
 * @param fields each with its line ends
 * @param end the empty line behind it, as it came; empty if the message has none
 */
record Header(List<String> fields, String end) {
  /** The header at the start of a message. */
  static Header of(byte[] message) {
    List<String> fields = new ArrayList<>();
    int start = 0;
    while (start < message.length) {
      int next = lineEnd(message, start);
      String line = new String(message, start, next - start, StandardCharsets.ISO_8859_1);
      if (line.isBlank() && !line.startsWith(" ") && !line.startsWith("\t")) {
        return new Header(fields, line);
      }
      boolean folded = line.startsWith(" ") || line.startsWith("\t");
      if (folded && !fields.isEmpty()) {
        fields.set(fields.size() - 1, fields.get(fields.size() - 1) + line);
      } else {
        fields.add(line);
      }
      start = next;
    }
    return new Header(fields, "");
  }

  /** Those of the given names. */
  Header only(List<String> names) {
    return new Header(fields.stream().filter(field -> isNamed(field, names)).toList(), "\r\n");
  }

  /** Those of other names. */
  Header without(List<String> names) {
    return new Header(fields.stream().filter(field -> !isNamed(field, names)).toList(), "\r\n");
  }

  /** The values of the fields of that name, unfolded. */
  List<String> values(String name) {
    return only(List.of(name)).fields().stream()
        .map(field -> field.substring(name.length()).replaceAll("\r?\n", ""))
        .map(field -> field.substring(field.indexOf(':') + 1).strip())
        .toList();
  }

  /** All of it, the empty line too. */
  byte[] octets() {
    return (String.join("", fields) + end).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isNamed(String field, List<String> names) {
    String name = field.substring(0, Math.max(field.indexOf(':'), 0)).strip();
    return names.stream().anyMatch(name::equalsIgnoreCase);
  }

  private static int lineEnd(byte[] message, int from) {
    int at = from;
    while (at < message.length && message[at] != '\n') {
      at++;
    }
    return Math.min(at + 1, message.length);
  }
}
