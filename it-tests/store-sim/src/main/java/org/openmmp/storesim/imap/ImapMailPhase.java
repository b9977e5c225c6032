package org.openmmp.storesim.imap;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.mailbox.UserMailboxes;
import org.openmmp.storesim.session.CommandSyntaxException;
import org.openmmp.storesim.session.SessionHandler;
import org.openmmp.storesim.session.SessionPhase;

/**
 * A session after its login: names the commands, and does those that are neither about mailboxes
 * nor messages.
 */
final class ImapMailPhase implements SessionPhase<ImapLine> {
  /** What is offered after login. */
  static final String CAPABILITIES =
      "IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE UNSELECT UIDPLUS MOVE CHILDREN";

  /** The answer of a replica to a write. */
  static final String READ_ONLY = "NO [READ-ONLY] This host is a replica";

  private static final Set<String> CHANGES =
      Set.of(
          "APPEND",
          "CREATE",
          "DELETE",
          "RENAME",
          "SUBSCRIBE",
          "UNSUBSCRIBE",
          "STORE",
          "EXPUNGE",
          "COPY",
          "MOVE",
          "CLOSE");

  private final StoreNode node;
  private final UserMailboxes mailboxes;
  private final ImapOutput out;
  private final SessionHandler<ImapLine> session;
  private final MailboxCommands mailboxCommands;
  private final MessageCommands messageCommands;
  private final Runnable listener = this::onChange;
  private @Nullable SelectedMailbox selected;
  private @Nullable String idleTag;

  ImapMailPhase(StoreNode node, String user, ImapOutput out, SessionHandler<ImapLine> session) {
    this.node = node;
    this.mailboxes = node.mail().of(user);
    this.out = out;
    this.session = session;
    this.mailboxCommands = new MailboxCommands(node, mailboxes, out);
    this.messageCommands = new MessageCommands(node, mailboxes, out);
  }

  @Override
  public void onLine(ImapLine line) {
    String idling = idleTag;
    if (idling != null) {
      idleTag = null;
      out.tagged(idling, line.first().equalsIgnoreCase("DONE") ? "OK done" : "BAD Expected DONE");
      return;
    }
    ImapScanner scanner = new ImapScanner(line);
    String tag = "*";
    try {
      tag = scanner.atom("]");
      scanner.space();
      onCommand(tag, scanner.keyword(), scanner);
    } catch (CommandSyntaxException e) {
      out.tagged(tag, "BAD " + e.getMessage());
    }
  }

  @Override
  public void onClosed() {
    deselect();
  }

  private void onCommand(String tag, String command, ImapScanner scanner) {
    switch (command) {
      case "IDLE" -> {
        scanner.end();
        idleTag = tag;
        announce(true);
        out.goOn("idling");
      }
      case "LOGOUT" -> {
        out.untagged("BYE logging out");
        out.tagged(tag, "OK done");
        out.close();
      }
      case "SELECT", "EXAMINE" -> {
        scanner.space();
        String name = scanner.astring();
        scanner.end();
        out.tagged(tag, select(name, command.equals("EXAMINE")));
      }
      case "UID" -> {
        scanner.space();
        finish(tag, scanner.keyword(), scanner, true);
      }
      default -> finish(tag, command, scanner, false);
    }
  }

  /** A change waits for the replicas as the group's policy has it. */
  private void finish(String tag, String command, ImapScanner scanner, boolean byUid) {
    session.later(
        CHANGES.contains(command) ? node.commitWait() : Duration.ZERO,
        () -> understand(tag, () -> finishNow(tag, command, scanner, byUid)));
  }

  private void understand(String tag, Runnable command) {
    try {
      command.run();
    } catch (CommandSyntaxException e) {
      out.tagged(tag, "BAD " + e.getMessage());
    }
  }

  private void finishNow(String tag, String command, ImapScanner scanner, boolean byUid) {
    String answer = answer(command, scanner, byUid);
    // RFC 3501 section 7.4.1: no EXPUNGE while the client uses message numbers.
    boolean numbersInUse = !byUid && List.of("FETCH", "STORE", "SEARCH").contains(command);
    announce(!numbersInUse);
    out.tagged(tag, answer);
  }

  private String answer(String command, ImapScanner scanner, boolean byUid) {
    if (MessageCommands.knows(command)) {
      SelectedMailbox mailbox = selected;
      if (mailbox == null) {
        throw new CommandSyntaxException("Select a mailbox first");
      }
      return messageCommands.answer(command, scanner, mailbox, byUid);
    }
    if (byUid) {
      throw new CommandSyntaxException("No such command");
    }
    return switch (command) {
      case "CAPABILITY" -> untagged("CAPABILITY " + CAPABILITIES);
      case "ID" -> {
        scanner.space();
        IdCommand.read(scanner);
        yield untagged(IdCommand.OURS);
      }
      case "NOOP", "CHECK" -> "OK done";
      case "ENABLE" -> untagged("ENABLED");
      case "CLOSE", "UNSELECT" -> close(command.equals("CLOSE"));
      default -> mailboxCommands.answer(command, scanner);
    };
  }

  private String untagged(String text) {
    out.untagged(text);
    return "OK done";
  }

  private String select(String name, boolean examine) {
    deselect();
    Mailbox mailbox = mailboxes.find(name);
    if (mailbox == null) {
      return "NO [NONEXISTENT] No such mailbox";
    }
    SelectedMailbox next = new SelectedMailbox(mailbox, examine);
    selected = next;
    mailbox.addListener(listener);
    String flags = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
    out.untagged("FLAGS (" + flags + ")");
    out.untagged("OK [PERMANENTFLAGS (" + (writable(next) ? flags + " \\*" : "") + ")] kept");
    out.untagged(next.size() + " EXISTS");
    out.untagged("0 RECENT");
    announceFirstUnseen(next);
    out.untagged("OK [UIDVALIDITY " + mailbox.uidValidity() + "] valid");
    out.untagged("OK [UIDNEXT " + mailbox.uidNext() + "] next");
    return "OK [" + (writable(next) ? "READ-WRITE" : "READ-ONLY") + "] selected";
  }

  private void announceFirstUnseen(SelectedMailbox mailbox) {
    for (int number = 1; number <= mailbox.size(); number++) {
      if (!mailbox.message(number).flags().contains("\\Seen")) {
        out.untagged("OK [UNSEEN " + number + "] first unseen");
        return;
      }
    }
  }

  private String close(boolean expunge) {
    SelectedMailbox mailbox = selected;
    if (mailbox == null) {
      throw new CommandSyntaxException("Select a mailbox first");
    }
    deselect();
    if (expunge && writable(mailbox)) {
      mailbox.mailbox().expunge(any -> true);
    }
    return "OK done";
  }

  private boolean writable(SelectedMailbox mailbox) {
    return node.writable() && !mailbox.examined();
  }

  private void deselect() {
    SelectedMailbox mailbox = selected;
    if (mailbox != null) {
      mailbox.mailbox().removeListener(listener);
      selected = null;
    }
  }

  private void onChange() {
    session.soon(
        () -> {
          if (idleTag != null) {
            announce(true);
            out.flush();
          }
        });
  }

  private void announce(boolean removals) {
    SelectedMailbox mailbox = selected;
    if (mailbox != null) {
      mailbox.announceChanges(out, removals);
    }
  }
}
