package org.openmmp.storesim.imap;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.mailbox.FlagChange;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.mailbox.UserMailboxes;
import org.openmmp.storesim.session.CommandSyntaxException;

/** The commands about messages of the selected mailbox: FETCH, STORE, SEARCH, COPY, EXPUNGE. */
final class MessageCommands {
  private static final Set<String> COMMANDS =
      Set.of("FETCH", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE");

  private final StoreNode node;
  private final UserMailboxes mailboxes;
  private final ImapOutput out;

  MessageCommands(StoreNode node, UserMailboxes mailboxes, ImapOutput out) {
    this.node = node;
    this.mailboxes = mailboxes;
    this.out = out;
  }

  /** Whether the command is one of these; each has a UID form too (RFC 4315 section 2.1). */
  static boolean knows(String command) {
    return COMMANDS.contains(command);
  }

  /** Does a command; the tagged answer without its tag. */
  String answer(String command, ImapScanner scanner, SelectedMailbox selected, boolean byUid) {
    return switch (command) {
      case "FETCH" -> fetch(scanner, selected, byUid);
      case "STORE" -> store(scanner, selected, byUid);
      case "SEARCH" -> search(scanner, selected, byUid);
      case "COPY" -> copy(scanner, selected, byUid, false);
      case "MOVE" -> copy(scanner, selected, byUid, true);
      default -> expunge(scanner, selected, byUid);
    };
  }

  private String fetch(ImapScanner scanner, SelectedMailbox selected, boolean byUid) {
    List<Integer> numbers = numbers(scanner, selected, byUid);
    scanner.space();
    List<FetchItem> items = FetchItem.parse(scanner, byUid);
    scanner.end();
    FetchWriter writer = new FetchWriter(out);
    numbers.forEach(number -> writer.write(number, selected.message(number), items));
    if (writable(selected) && items.stream().anyMatch(FetchItem::marksSeen)) {
      Set<Long> unseen = new HashSet<>();
      for (int number : numbers) {
        if (!selected.message(number).flags().contains("\\Seen")) {
          unseen.add(selected.message(number).uid());
        }
      }
      if (!unseen.isEmpty()) {
        selected.mailbox().changeFlags(unseen, FlagChange.ADD, List.of("\\Seen"));
      }
    }
    return "OK done";
  }

  private String store(ImapScanner scanner, SelectedMailbox selected, boolean byUid) {
    List<Integer> numbers = numbers(scanner, selected, byUid);
    scanner.space();
    String item = scanner.keyword();
    scanner.space();
    List<String> flags = flags(scanner);
    scanner.end();
    FlagChange change =
        switch (item.replace(".SILENT", "")) {
          case "FLAGS" -> FlagChange.REPLACE;
          case "+FLAGS" -> FlagChange.ADD;
          case "-FLAGS" -> FlagChange.REMOVE;
          default -> throw new CommandSyntaxException("No such item");
        };
    if (!writable(selected)) {
      return ImapMailPhase.READ_ONLY;
    }
    Set<Long> uids = selected.uids(numbers);
    selected.mailbox().changeFlags(uids, change, flags);
    selected.noteFlags(uids);
    if (!item.endsWith(".SILENT")) {
      FetchWriter writer = new FetchWriter(out);
      List<FetchItem> items = FetchItem.flags(byUid);
      numbers.forEach(number -> writer.write(number, selected.message(number), items));
    }
    return "OK done";
  }

  private static List<String> flags(ImapScanner scanner) {
    if (scanner.peek() == '(') {
      return scanner.list();
    }
    List<String> flags = new ArrayList<>();
    do {
      flags.add(scanner.atom("\\"));
    } while (scanner.skip(' '));
    return flags;
  }

  private String search(ImapScanner scanner, SelectedMailbox selected, boolean byUid) {
    scanner.space();
    Search search = Search.parse(scanner);
    scanner.end();
    StringBuilder found = new StringBuilder("SEARCH");
    int size = selected.size();
    long largestUid = size == 0 ? 0 : selected.message(size).uid();
    for (int number = 1; number <= size; number++) {
      if (search.matches(selected.message(number), number, size, largestUid)) {
        found.append(' ').append(byUid ? selected.message(number).uid() : number);
      }
    }
    out.untagged(found.toString());
    return "OK done";
  }

  private String copy(ImapScanner scanner, SelectedMailbox selected, boolean byUid, boolean move) {
    List<Integer> numbers = numbers(scanner, selected, byUid);
    scanner.space();
    String name = scanner.astring();
    scanner.end();
    Mailbox target = mailboxes.find(name);
    if (!node.writable() || (move && selected.examined())) {
      return ImapMailPhase.READ_ONLY;
    }
    if (target == null) {
      return "NO [TRYCREATE] No such mailbox";
    }
    if (numbers.isEmpty()) {
      return "OK nothing to do";
    }
    List<String> from = new ArrayList<>();
    List<String> to = new ArrayList<>();
    for (int number : numbers) {
      from.add(String.valueOf(selected.message(number).uid()));
      to.add(String.valueOf(target.add(selected.message(number))));
    }
    String code =
        "[COPYUID "
            + target.uidValidity()
            + " "
            + String.join(",", from)
            + " "
            + String.join(",", to)
            + "]";
    if (!move) {
      return "OK " + code + " copied";
    }
    // RFC 6851 section 4.3: the code comes before the EXPUNGE responses.
    out.untagged("OK " + code + " moving");
    selected.mailbox().remove(selected.uids(numbers)::contains);
    return "OK moved";
  }

  private String expunge(ImapScanner scanner, SelectedMailbox selected, boolean byUid) {
    Set<Long> uids = Set.of();
    if (byUid) {
      uids = selected.uids(numbers(scanner, selected, true));
    }
    scanner.end();
    if (!writable(selected)) {
      return ImapMailPhase.READ_ONLY;
    }
    Set<Long> wanted = uids;
    selected.mailbox().expunge(uid -> !byUid || wanted.contains(uid));
    return "OK done";
  }

  private static List<Integer> numbers(
      ImapScanner scanner, SelectedMailbox selected, boolean byUid) {
    scanner.space();
    return selected.numbers(SequenceSet.parse(scanner.atom("*")), byUid);
  }

  private boolean writable(SelectedMailbox selected) {
    return node.writable() && !selected.examined();
  }
}
