package org.openmmp.lmtp.transaction;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.BdatCommand;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.Parsed;
import org.openmmp.lmtp.protocol.XclientCommand;

/** What each command of a client does, and when it is out of order (RFC 2033, RFC 5321). */
final class ClientCommands {
  /** What the session does after a command. */
  enum After {
    /** Takes the next. */
    NEXT_COMMAND,
    /** Begins TLS. */
    TLS,
    /** Ends, as the client wished. */
    QUIT,
    /** Ends, for there were too many bad commands. */
    TOO_MANY_ERRORS
  }

  private final Relay relay;
  private final ReplyQueue replies;
  private final MessagePhase message;
  private RelayClient client;
  private @Nullable Extensions offered;
  private @Nullable Transaction transaction;
  private int badCommands;
  private int transactions;
  private int recipients;

  ClientCommands(Relay relay, RelayClient client, ReplyQueue replies, MessagePhase message) {
    this.relay = relay;
    this.client = client;
    this.replies = replies;
    this.message = message;
  }

  RelayClient client() {
    return client;
  }

  /** How many were begun. */
  int transactions() {
    return transactions;
  }

  @Nullable Transaction transaction() {
    return transaction;
  }

  /** The greeting, at the beginning and behind XCLIENT. */
  void greet() {
    replies.add(
        LmtpReply.of(
            220, "", relay.settings().hostName() + " LMTP OpenMMP, session " + client.sessionId()));
  }

  /** TLS stands: nothing that was said before counts (RFC 3207 section 4.2). */
  void underTls(Turn turn) {
    reset(turn);
    offered = null;
    client = client.underTls();
  }

  /** Ends the transaction, whatever came of it. */
  void reset(Turn turn) {
    if (transaction != null) {
      if (transaction.hasDelivered()) {
        badCommands /= 2; // a long session's mistakes must not add up
      }
      transaction.giveUp("the client went no further", turn);
      tell(transaction, turn);
      transaction = null;
    }
    message.reset(turn);
  }

  /** A transaction has ended; one without recipients is not worth a word. */
  private void tell(Transaction ended, Turn turn) {
    if (ended.recipients() > 0) {
      boolean complete = message.mode() == MessagePhase.Mode.FINAL_REPLIES;
      relay
          .listener()
          .transactionEnded(
              ended.report(message.queueId(), message.octets(), complete, turn.nowNanos()));
    }
  }

  After obey(LmtpCommand command, Turn turn) {
    return switch (command.verb()) {
      case LHLO -> lhlo(command, turn);
      case MAIL -> mail(command, turn);
      case RCPT -> rcpt(command, turn);
      case DATA -> data(command, turn);
      case BDAT -> bdat(command, turn);
      case RSET -> {
        reset(turn);
        yield say(ClientReplies.OK);
      }
      case NOOP -> say(ClientReplies.OK);
      case VRFY -> say(ClientReplies.NOT_VERIFIED);
      case QUIT -> {
        reset(turn);
        replies.add(ClientReplies.BYE);
        yield After.QUIT;
      }
      case STARTTLS -> startTls(command);
      case XCLIENT -> xclient(command, turn);
      case HELP, EXPN -> refuse(ClientReplies.NOT_OFFERED);
      case HELO, EHLO -> refuse(ClientReplies.NOT_LMTP);
      case UNKNOWN -> unknown(command);
    };
  }

  private After unknown(LmtpCommand command) {
    if (command.isHttpRequest()) {
      refused(ClientReplies.NOT_HTTP); // T7
      return After.TOO_MANY_ERRORS;
    }
    return refuse(ClientReplies.UNKNOWN);
  }

  private After lhlo(LmtpCommand command, Turn turn) {
    if (!command.namesHost()) {
      return refuse(ClientReplies.NO_NAME);
    }
    reset(turn);
    Extensions offer = relay.settings().offered();
    if (client.mayStartTls()) {
      offer = offer.with(Extension.STARTTLS);
    }
    if (client.mayDescribe()) {
      offer = offer.withXclient(List.of("NAME", "ADDR", "PORT", "PROTO", "HELO"));
    }
    offered = offer;
    return say(offer.reply(relay.settings().hostName()));
  }

  private After mail(LmtpCommand command, Turn turn) {
    if (offered == null || transaction != null) {
      return refuse(ClientReplies.OUT_OF_ORDER);
    }
    Parsed<EnvelopeCommand> parsed = EnvelopeCommand.mail(command.argument(), offered);
    EnvelopeCommand mail = parsed.value();
    if (mail == null) {
      return refuse(fault(parsed));
    }
    if (mail.sizeOctets().orElse(0) > relay.settings().config().spool().maxMessageOctets()) {
      return say(ClientReplies.MESSAGE_TOO_LONG);
    }
    if (mail.address().needsSmtpUtf8() && !mail.smtpUtf8()) {
      return say(ClientReplies.NEEDS_SMTPUTF8);
    }
    transactions++;
    transaction = new Transaction(relay, client, mail, turn.nowNanos());
    return say(ClientReplies.SENDER_OK);
  }

  private After rcpt(LmtpCommand command, Turn turn) {
    Transaction current = transaction;
    if (offered == null || current == null || message.begun()) {
      return refuse(ClientReplies.OUT_OF_ORDER);
    }
    Parsed<EnvelopeCommand> parsed = EnvelopeCommand.rcpt(command.argument(), offered);
    EnvelopeCommand read = parsed.value();
    if (read == null) {
      // One odd address among many is not a client that cannot speak.
      return current.countOddRecipient() <= relay.settings().config().bounds().maxRecipients()
          ? say(fault(parsed))
          : refuse(fault(parsed));
    }
    if (current.recipients() >= relay.settings().config().bounds().maxRecipients()) {
      return say(ClientReplies.TOO_MANY_RECIPIENTS);
    }
    if (read.address().needsSmtpUtf8() && !current.mail().smtpUtf8()) {
      return say(ClientReplies.NEEDS_SMTPUTF8);
    }
    current.rcpt(recipients++, read, replies.open(), turn);
    return After.NEXT_COMMAND;
  }

  private After data(LmtpCommand command, Turn turn) {
    if (!command.argument().isEmpty()) {
      return refuse(ClientReplies.NO_ARGUMENT);
    }
    Transaction current = transaction;
    if (current == null || message.begun()) {
      return refuse(ClientReplies.OUT_OF_ORDER);
    }
    if (!current.hasAccepted()) {
      return say(ClientReplies.NO_RECIPIENTS);
    }
    message.beginData(current, turn);
    return After.NEXT_COMMAND;
  }

  private After bdat(LmtpCommand command, Turn turn) {
    Parsed<BdatCommand> parsed = BdatCommand.parse(command.argument());
    BdatCommand read = parsed.value();
    if (read == null) {
      // Nobody knows how many octets follow, and they must not be taken for commands.
      refused(fault(parsed));
      return After.TOO_MANY_ERRORS;
    }
    Transaction current = transaction;
    boolean taken = current != null && current.hasAccepted();
    message.beginChunk(read, taken ? current : null, turn);
    return After.NEXT_COMMAND;
  }

  private After startTls(LmtpCommand command) {
    if (!command.argument().isEmpty()) {
      return refuse(ClientReplies.NO_ARGUMENT);
    }
    if (!client.mayStartTls()) {
      return refuse(client.tls() ? ClientReplies.OUT_OF_ORDER : ClientReplies.NOT_OFFERED);
    }
    return After.TLS;
  }

  private After xclient(LmtpCommand command, Turn turn) {
    if (!client.mayDescribe()) {
      return refuse(ClientReplies.NOT_TRUSTED);
    }
    if (transaction != null) {
      return refuse(ClientReplies.OUT_OF_ORDER);
    }
    Parsed<XclientCommand> parsed = XclientCommand.parse(command.argument());
    XclientCommand read = parsed.value();
    if (read == null) {
      return refuse(fault(parsed));
    }
    client = client.describedAs(read.attributes());
    offered = null;
    reset(turn);
    greet();
    return After.NEXT_COMMAND;
  }

  private After say(LmtpReply reply) {
    replies.add(reply);
    return After.NEXT_COMMAND;
  }

  private After refuse(LmtpReply reply) {
    refused(reply);
    if (++badCommands < relay.settings().config().bounds().badCommands()) {
      return After.NEXT_COMMAND;
    }
    replies.add(ClientReplies.TOO_MANY_ERRORS);
    return After.TOO_MANY_ERRORS;
  }

  private void refused(LmtpReply reply) {
    replies.add(reply);
    relay.listener().refused(client, reply);
  }

  private static <T> LmtpReply fault(Parsed<T> parsed) {
    LmtpReply fault = parsed.fault();
    return fault == null ? ClientReplies.UNKNOWN : fault;
  }
}
