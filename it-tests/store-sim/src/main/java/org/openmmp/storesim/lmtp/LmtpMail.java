package org.openmmp.storesim.lmtp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.BdatCommand;
import org.openmmp.lmtp.protocol.LmtpCommand;
import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.lmtp.LmtpTrouble.Point;
import org.openmmp.storesim.session.SessionHandler;

/** The transactions of one session, one after the other. */
final class LmtpMail {
  private final LmtpDesk desk;
  private final LmtpOutput out;
  private final ScriptedReplies replies;
  private final MessageReading reading;
  private final SessionHandler<LmtpInput> session;
  private final LmtpTranscript transcript;
  private final int connection;
  private boolean greeted;
  private boolean lastChunk;
  private @Nullable LmtpTransaction transaction;

  LmtpMail(
      LmtpDesk desk,
      LmtpOutput out,
      ScriptedReplies replies,
      MessageReading reading,
      SessionHandler<LmtpInput> session,
      LmtpTranscript transcript,
      int connection) {
    this.desk = desk;
    this.out = out;
    this.replies = replies;
    this.reading = reading;
    this.session = session;
    this.transcript = transcript;
    this.connection = connection;
  }

  /** LHLO was accepted. */
  void greeted() {
    reset();
    greeted = true;
  }

  /** The client is another one, or is safe now: it has to say LHLO again. */
  void forgetClient() {
    reset();
    greeted = false;
  }

  void reset() {
    transaction = null;
  }

  void begin(String line, LmtpCommand command) {
    StoreNode node = session.node();
    Fault fault = node.behaviour().fault();
    if (replies.ceases(Point.AT_MAIL, 0)) {
      return;
    }
    if (fault == Fault.HANG_AT_LOGIN || fault == Fault.DROP_AT_LOGIN) {
      replies.cease(fault == Fault.HANG_AT_LOGIN);
      return;
    }
    session.later(node.behaviour().loginDelay(), () -> answerMail(line, command));
  }

  private void answerMail(String line, LmtpCommand command) {
    if (!session.takesLogins()) {
      out.say("530 5.7.0 TLS first");
    } else if (!greeted || transaction != null) {
      out.say("503 5.5.1 LHLO first, and one MAIL");
    } else {
      replies.answer(
          LmtpVerb.MAIL,
          desk.mail(command.argument()),
          () -> transaction = new LmtpTransaction(line));
    }
  }

  void recipient(String line, LmtpCommand command) {
    LmtpTransaction current = transaction;
    if (current == null) {
      out.say("503 5.5.1 MAIL first");
      return;
    }
    String reply = desk.recipient(line, command.argument(), current);
    if (reply.isEmpty()) {
      replies.cease(desk.hangsFor(command.argument()));
      return;
    }
    out.say(reply);
    replies.ceases(Point.AFTER_RCPT, current.recipientAnswered());
  }

  void data() {
    LmtpTransaction current = transaction;
    if (current == null || current.recipients().isEmpty()) {
      out.say("503 5.5.1 No recipients");
    } else if (!replies.ceases(Point.AT_DATA, 0)) {
      replies.answer(LmtpVerb.DATA, "354 Go on", () -> reading.data(replies.script()));
    }
  }

  /** The octets of a chunk follow. */
  void chunk(LmtpCommand command) {
    reading.chunk(replies.script());
    BdatCommand read = BdatCommand.parse(command.argument()).value();
    lastChunk = read != null && read.last();
  }

  void onMessage(String octets) {
    transcript.read(octets.length());
    LmtpTransaction current = transaction;
    if (current != null) {
      current.message().append(octets);
      LmtpTrouble trouble = replies.script().trouble();
      if (trouble.point() == Point.IN_MESSAGE && current.message().length() >= trouble.count()) {
        replies.cease(trouble.silent());
      }
    }
  }

  void onEndOfChunk() {
    LmtpTransaction current = transaction;
    if (current == null || current.recipients().isEmpty()) {
      reading.ended();
      out.say("503 5.5.1 No recipients");
    } else if (lastChunk) {
      onEndOfMessage();
    } else {
      replies.answer(LmtpVerb.BDAT, "250 2.0.0 So far", () -> {});
    }
  }

  /** Says the final replies, one after the other, and delivers where they are good. */
  void onEndOfMessage() {
    reading.ended();
    LmtpTransaction current = transaction;
    if (current == null) {
      return;
    }
    transaction = null;
    LmtpTrouble trouble = replies.script().trouble();
    boolean ceases = trouble.point() == Point.AFTER_REPLIES;
    List<String> all = desk.deliver(current);
    int said = ceases ? (int) Math.min(trouble.count(), all.size()) : all.size();
    transcript.delivered(
        new ReceivedMessage(
            connection,
            current.mail(),
            current.recipients().stream().map(LmtpTransaction.Recipient::line).toList(),
            current.message().toString(),
            all.subList(0, said)));
    // The message is in the mailbox while its commit waits for the replicas.
    session.later(
        session.node().commitWait(),
        () -> {
          all.subList(0, said).forEach(out::say);
          if (ceases) {
            replies.cease(trouble.silent());
          }
        });
  }
}
