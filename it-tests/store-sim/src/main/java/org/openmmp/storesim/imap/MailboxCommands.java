package org.openmmp.storesim.imap;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.mailbox.StoredMessage;
import org.openmmp.storesim.mailbox.UserMailboxes;
import org.openmmp.storesim.session.CommandSyntaxException;

/** The commands about mailboxes as wholes: LIST, CREATE, STATUS, APPEND and their kin. */
final class MailboxCommands {
  /** RFC 3501 section 9, {@code date-time}: a blank may stand for the day's first digit. */
  static final DateTimeFormatter DATE_TIME =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .padNext(2)
          .appendPattern("d-MMM-yyyy HH:mm:ss xx")
          .toFormatter(Locale.ENGLISH);

  private final StoreNode node;
  private final UserMailboxes mailboxes;
  private final ImapOutput out;

  MailboxCommands(StoreNode node, UserMailboxes mailboxes, ImapOutput out) {
    this.node = node;
    this.mailboxes = mailboxes;
    this.out = out;
  }

  /** Does a command; the tagged answer without its tag. */
  String answer(String command, ImapScanner scanner) {
    return switch (command) {
      case "LIST" -> list(scanner, mailboxes.names(), "LIST");
      case "LSUB" -> list(scanner, mailboxes.subscriptions(), "LSUB");
      case "NAMESPACE" -> {
        out.untagged("NAMESPACE ((\"\" \"/\")) NIL NIL");
        yield "OK done";
      }
      case "STATUS" -> status(scanner);
      case "APPEND" -> append(scanner);
      case "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE", "RENAME" -> change(command, scanner);
      default -> throw new CommandSyntaxException("No such command");
    };
  }

  private String list(ImapScanner scanner, List<String> names, String response) {
    scanner.space();
    String reference = scanner.astring();
    scanner.space();
    String pattern = scanner.listPattern();
    scanner.end();
    if (pattern.isEmpty()) {
      out.untagged(response + " (\\Noselect) \"/\" \"\"");
      return "OK done";
    }
    Pattern wanted = wildcards(reference + pattern);
    for (String name : names) {
      if (wanted.matcher(name).matches()) {
        out.untagged(response + " (" + attributes(name) + ") \"/\" " + ImapText.string(name));
      }
    }
    return "OK done";
  }

  /** RFC 3501 section 6.3.8: a percent sign does not match the separator. */
  private static Pattern wildcards(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char each = pattern.charAt(i);
      switch (each) {
        case '*' -> regex.append(".*");
        case '%' -> regex.append("[^/]*");
        default -> regex.append(Pattern.quote(String.valueOf(each)));
      }
    }
    boolean inbox = pattern.equalsIgnoreCase("INBOX");
    return Pattern.compile(regex.toString(), inbox ? Pattern.CASE_INSENSITIVE : 0);
  }

  private String attributes(String name) {
    boolean parent =
        mailboxes.names().stream()
            .anyMatch(other -> other.startsWith(name + UserMailboxes.SEPARATOR));
    return parent ? "\\HasChildren" : "\\HasNoChildren";
  }

  private String status(ImapScanner scanner) {
    scanner.space();
    String name = scanner.astring();
    scanner.space();
    List<String> items = scanner.list();
    scanner.end();
    Mailbox mailbox = mailboxes.find(name);
    if (mailbox == null) {
      return "NO [NONEXISTENT] No such mailbox";
    }
    StringBuilder values = new StringBuilder();
    for (String item : items) {
      String upper = item.toUpperCase(Locale.ROOT);
      values.append(values.isEmpty() ? "" : " ").append(upper).append(' ');
      values.append(statusValue(mailbox, upper));
    }
    out.untagged("STATUS " + ImapText.string(name) + " (" + values + ")");
    return "OK done";
  }

  private static long statusValue(Mailbox mailbox, String item) {
    List<StoredMessage> messages = mailbox.messages();
    return switch (item) {
      case "MESSAGES" -> messages.size();
      case "RECENT" -> 0;
      case "UIDNEXT" -> mailbox.uidNext();
      case "UIDVALIDITY" -> mailbox.uidValidity();
      case "UNSEEN" -> messages.stream().filter(each -> !each.flags().contains("\\Seen")).count();
      default -> throw new CommandSyntaxException("No such status item");
    };
  }

  private String append(ImapScanner scanner) {
    scanner.space();
    String name = scanner.astring();
    scanner.space();
    List<String> flags = List.of();
    if (scanner.peek() == '(') {
      flags = scanner.list();
      scanner.space();
    }
    OffsetDateTime date = OffsetDateTime.now(ZoneOffset.UTC);
    if (scanner.peek() == '"') {
      date = dateTime(scanner.string());
      scanner.space();
    }
    byte[] octets = scanner.literal();
    scanner.end();
    Mailbox mailbox = mailboxes.find(name);
    if (!node.writable()) {
      return ImapMailPhase.READ_ONLY;
    }
    if (mailbox == null) {
      return "NO [TRYCREATE] No such mailbox";
    }
    long uid = mailbox.append(flags, date, octets);
    return "OK [APPENDUID " + mailbox.uidValidity() + " " + uid + "] appended";
  }

  private static OffsetDateTime dateTime(String text) {
    try {
      return OffsetDateTime.parse(text, DATE_TIME);
    } catch (DateTimeParseException e) {
      throw new CommandSyntaxException("Not a date-time");
    }
  }

  private String change(String command, ImapScanner scanner) {
    scanner.space();
    String name = scanner.astring();
    String other = "";
    if (command.equals("RENAME")) {
      scanner.space();
      other = scanner.astring();
    }
    scanner.end();
    if (!node.writable()) {
      return ImapMailPhase.READ_ONLY;
    }
    boolean done =
        switch (command) {
          case "CREATE" -> mailboxes.create(name);
          case "DELETE" -> mailboxes.delete(name);
          case "RENAME" -> mailboxes.rename(name, other);
          default -> {
            mailboxes.subscribe(name, command.equals("SUBSCRIBE"));
            yield true;
          }
        };
    String code = command.equals("CREATE") ? "ALREADYEXISTS" : "NONEXISTENT";
    return done ? "OK done" : "NO [" + code + "] Not possible";
  }
}
