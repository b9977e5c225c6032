package org.openmmp.storesim.pop3;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.mailbox.StoredMessage;
import org.openmmp.storesim.session.CommandSyntaxException;
import org.openmmp.storesim.session.SessionHandler;
import org.openmmp.storesim.session.SessionPhase;

/** The transaction state: INBOX as it was at the login; what is deleted goes at QUIT only. */
final class Pop3MailPhase implements SessionPhase<String> {
  /** What is offered before and after login. */
  static final List<String> CAPABILITIES =
      List.of("TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING");

  private final StoreNode node;
  private final Mailbox inbox;
  private final List<StoredMessage> messages;
  private final Set<Long> deleted = new LinkedHashSet<>();
  private final Pop3Output out;
  private final SessionHandler<String> session;

  Pop3MailPhase(StoreNode node, String user, Pop3Output out, SessionHandler<String> session) {
    this.session = session;
    this.node = node;
    this.inbox = node.mail().of(user).inbox();
    this.messages = inbox.messages();
    this.out = out;
  }

  @Override
  public void begin() {
    out.ok("Logged in, " + messages.size() + " messages");
  }

  @Override
  public void onLine(String line) {
    try {
      onCommand(Pop3CommandLine.of(line));
    } catch (CommandSyntaxException e) {
      out.err("Not done: " + e.getMessage());
    }
  }

  private void onCommand(Pop3CommandLine command) {
    switch (command.keyword()) {
      case "CAPA" -> out.list("capabilities", CAPABILITIES);
      case "NOOP" -> out.ok("done");
      case "STAT" -> out.ok(total());
      case "LIST" -> list(command, message -> String.valueOf(message.size()));
      case "UIDL" -> list(command, this::uniqueId);
      case "RETR" -> {
        StoredMessage message = message(command);
        out.message(message.size() + " octets", message.octets());
      }
      case "TOP" -> top(message(command), command.number(1));
      case "DELE" -> {
        deleted.add(message(command).uid());
        out.ok("marked");
      }
      case "RSET" -> {
        deleted.clear();
        out.ok(total());
      }
      case "QUIT" ->
          session.later(deleted.isEmpty() ? Duration.ZERO : node.commitWait(), this::quit);
      default -> throw new CommandSyntaxException("No such command");
    }
  }

  private void list(Pop3CommandLine command, Function<StoredMessage, String> column) {
    if (!command.argument().isEmpty()) {
      out.ok(command.number(0) + " " + column.apply(message(command)));
      return;
    }
    out.list(
        total(),
        IntStream.rangeClosed(1, messages.size())
            .filter(number -> !isDeleted(messages.get(number - 1)))
            .mapToObj(number -> number + " " + column.apply(messages.get(number - 1)))
            .toList());
  }

  private void top(StoredMessage message, int lines) {
    byte[] octets = message.octets();
    out.message("top", Arrays.copyOf(octets, DotStuffing.endOfTop(octets, lines)));
  }

  /** RFC 1939 section 6: the update state. */
  private void quit() {
    if (deleted.isEmpty() || node.writable()) {
      if (!deleted.isEmpty()) {
        inbox.remove(deleted::contains);
      }
      out.ok("goodbye");
    } else {
      out.err("[SYS/TEMP] This host is a replica now, nothing was deleted");
    }
    out.close();
  }

  private StoredMessage message(Pop3CommandLine command) {
    int number = command.number(0);
    if (number < 1 || number > messages.size() || isDeleted(messages.get(number - 1))) {
      throw new CommandSyntaxException("No such message");
    }
    return messages.get(number - 1);
  }

  private boolean isDeleted(StoredMessage message) {
    return deleted.contains(message.uid());
  }

  /** Never the same for two messages, and the same in every session (RFC 1939 section 7). */
  private String uniqueId(StoredMessage message) {
    return inbox.uidValidity() + "." + message.uid();
  }

  /** The number of messages and their octets, without the deleted ones. */
  private String total() {
    LongSummaryStatistics left =
        messages.stream()
            .filter(message -> !isDeleted(message))
            .mapToLong(StoredMessage::size)
            .summaryStatistics();
    return left.getCount() + " " + left.getSum();
  }
}
