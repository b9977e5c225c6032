package org.openmmp.storesim.imap;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.openmmp.storesim.session.CommandSyntaxException;

/** The ID command (RFC 2971). */
final class IdCommand {
  /** Our own answer. */
  static final String OURS = "ID (\"name\" \"OpenMMP simulated store\")";

  private IdCommand() {}

  /** The client's parameters, names in lower case, without those that are NIL. */
  static Map<String, String> read(ImapScanner scanner) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (scanner.skip('(')) {
      while (!scanner.skip(')')) {
        scanner.skip(' ');
        String name = scanner.string().toLowerCase(Locale.ROOT);
        scanner.space();
        if (scanner.peek() == 'N' || scanner.peek() == 'n') {
          scanner.atom();
        } else {
          fields.put(name, scanner.string());
        }
      }
    } else if (!scanner.keyword().equals("NIL")) {
      throw new CommandSyntaxException("Expected parameters or NIL");
    }
    scanner.end();
    return fields;
  }
}
