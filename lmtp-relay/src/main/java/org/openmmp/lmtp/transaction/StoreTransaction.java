package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.store.StoreCommand;
import org.openmmp.lmtp.store.StoreCommand.Kind;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * The mail transaction of one attempt: MAIL, RCPT as recipients come, and once the client's message
 * begins DATA or BDAT, the message and one reply for each recipient that was taken (RFC 2033
 * section 4.2). What the store cannot take is refused here, before it is asked (rule B5.1).
 */
final class StoreTransaction {
  private final StoreAttempt attempt;
  private final EnvelopeCommand mail;
  private final AttemptEnding ending;
  private final List<Recipient> waiting = new ArrayList<>();

  /** Those that RCPT named here, by the keys of the commands that are about them. */
  private final List<Recipient> asked = new ArrayList<>();

  private final List<Integer> accepted = new ArrayList<>();
  private long messageOctets;
  private int unanswered;
  private int finals;
  private boolean bodyWanted;
  private boolean inChunks;
  private boolean bareNewline;

  StoreTransaction(StoreAttempt attempt, EnvelopeCommand mail, AttemptEnding ending) {
    this.attempt = attempt;
    this.mail = mail;
    this.ending = ending;
    this.messageOctets = mail.sizeOctets().orElse(0);
  }

  /** Whether the store owes the answer to a RCPT. */
  boolean awaitsRecipients() {
    return unanswered > 0;
  }

  /** Begins, with the recipients that are there. */
  void open(Turn turn) {
    attempt.enter(DeliveryStage.MAIL, turn);
    StoreConversation store = attempt.store();
    if (isTooLong()) {
      attempt.turnDown(attempt.tooLong(messageOctets, turn), false, turn);
      return;
    }
    if (lacksSmtpUtf8() && mail.address().needsSmtpUtf8()) {
      attempt.turnDown(attempt.withoutSmtpUtf8(turn), false, turn);
      return;
    }
    List<Recipient> first = List.copyOf(waiting);
    waiting.clear();
    store.enqueue(StoreCommand.of(Kind.MAIL, mail.line(store.extensions())));
    first.forEach(each -> ask(each, turn));
    attempt.flush(turn);
  }

  /** One more recipient. */
  void add(Recipient recipient, Turn turn) {
    if (attempt.stage().compareTo(DeliveryStage.MAIL) < 0) {
      waiting.add(recipient);
      return;
    }
    ask(recipient, turn);
    attempt.allowAnswer(turn);
    attempt.flush(turn);
  }

  /**
   * The client's message begins: there will be no more recipients.
   *
   * @param chunked whether it goes on in chunks where the store takes them
   */
  void sendBody(boolean chunked, Turn turn) {
    bodyWanted = true;
    inChunks = chunked;
    askForBody(turn);
  }

  /** The length of the message is known: its end may be sent only if the store takes so much. */
  void messageIs(long octets, Turn turn) {
    messageOctets = octets;
    boolean asked = attempt.stage().compareTo(DeliveryStage.MAIL) >= 0;
    if (asked && isTooLong() && !attempt.over()) {
      boolean within = attempt.stage().compareTo(DeliveryStage.DATA) >= 0;
      attempt.turnDown(attempt.tooLong(octets, turn), within, turn);
    }
  }

  /** The message has a CR or LF that is no line end: as data it must not go on (rule B5.16). */
  void onBareNewline(Turn turn) {
    bareNewline = true;
    boolean asData =
        attempt.stage() == DeliveryStage.DATA
            || (attempt.stage() == DeliveryStage.BODY && !inChunks());
    if (asData && !attempt.over()) {
      attempt.turnDown(Answers.BARE_NEWLINE, true, turn);
    }
  }

  /**
   * Whether some more of the message may be sent, or its end: nothing that was sent before may be
   * without its answer then (rule B5.14).
   */
  boolean maySend(boolean end) {
    StoreConversation store = attempt.store();
    return (!end && store.extensions().has(Extension.PIPELINING)) || store.quiet();
  }

  /** The last chunk is sent next, or the end of data. */
  void onEndOfData() {
    StoreConversation store = attempt.store();
    finals = accepted.size();
    accepted.forEach(key -> store.expect(new StoreCommand(Kind.END_OF_DATA, "", key)));
  }

  /** A chunk is sent next that is not the last. */
  void onChunk() {
    attempt.store().expect(StoreCommand.of(Kind.CHUNK, ""));
  }

  /** The store's answer; 421 is none. */
  void onAnswer(StoreCommand command, LmtpReply answer, Turn turn) {
    LmtpReply reply = Answers.ofStore(answer);
    switch (command.kind()) {
      case MAIL -> onMail(reply, turn);
      case RCPT -> onRcpt(command.recipient(), reply, turn);
      case DATA -> onData(reply, turn);
      case CHUNK -> onChunkReply(reply, turn);
      case END_OF_DATA -> onFinal(asked.get(command.recipient()), reply, turn);
      case GREETING, LHLO, STARTTLS, XCLIENT, RSET -> violated("out of order", reply, turn);
    }
  }

  private boolean isTooLong() {
    var extensions = attempt.store().extensions();
    long limit = extensions.has(Extension.SIZE) ? extensions.maxMessageOctets() : 0;
    return limit > 0 && messageOctets > limit;
  }

  private boolean lacksSmtpUtf8() {
    return !attempt.store().extensions().has(Extension.SMTPUTF8);
  }

  private void ask(Recipient recipient, Turn turn) {
    if (attempt.over()) {
      return;
    }
    if (lacksSmtpUtf8() && recipient.command().address().needsSmtpUtf8()) {
      ending.recipientAnswered(recipient, attempt.withoutSmtpUtf8(turn), turn);
      return;
    }
    StoreConversation store = attempt.store();
    unanswered++;
    store.enqueue(
        new StoreCommand(Kind.RCPT, recipient.command().line(store.extensions()), asked.size()));
    asked.add(recipient);
  }

  private void askForBody(Turn turn) {
    boolean ready = attempt.stage() == DeliveryStage.RCPT && !attempt.over();
    if (!ready || !bodyWanted || unanswered > 0) {
      return;
    }
    if (accepted.isEmpty()) {
      attempt.complete(turn);
      return;
    }
    if (inChunks()) {
      beginBody(true, turn);
      return;
    }
    if (bareNewline) {
      attempt.turnDown(Answers.BARE_NEWLINE, false, turn);
      return;
    }
    attempt.enter(DeliveryStage.DATA, turn);
    attempt.store().enqueue(StoreCommand.of(Kind.DATA, "DATA"));
    attempt.allowAnswer(turn);
    attempt.flush(turn);
  }

  private void onMail(LmtpReply reply, Turn turn) {
    if (reply.isPositive()) {
      attempt.enter(DeliveryStage.RCPT, turn);
      attempt.allowAnswer(turn);
      attempt.greeted(turn); // a connection that was kept had no other greeting
      askForBody(turn);
    } else {
      attempt.refuse(reply, false, turn);
    }
  }

  private void onRcpt(int key, LmtpReply reply, Turn turn) {
    unanswered--;
    if (reply.isIntermediate()) {
      violated("to RCPT", reply, turn);
      return;
    }
    if (reply.isPositive()) {
      accepted.add(key);
    }
    attempt.allowAnswer(turn);
    ending.recipientAnswered(asked.get(key), reply, turn);
    askForBody(turn);
  }

  private boolean inChunks() {
    return inChunks && attempt.store().extensions().has(Extension.CHUNKING);
  }

  private void beginBody(boolean chunks, Turn turn) {
    attempt.enter(DeliveryStage.BODY, turn);
    RelayStep.Act act = chunks ? RelayStep.Act.SEND_CHUNKS : RelayStep.Act.SEND_BODY;
    turn.want(new RelayStep.AtStore(act, attempt.store().key()));
  }

  private void onData(LmtpReply reply, Turn turn) {
    if (reply.isIntermediate()) {
      beginBody(false, turn);
    } else if (reply.isPositive()) {
      violated("to DATA", reply, turn);
    } else {
      attempt.refuse(reply, false, turn);
    }
  }

  private void onChunkReply(LmtpReply reply, Turn turn) {
    if (reply.isIntermediate()) {
      violated("to BDAT", reply, turn);
    } else if (!reply.isPositive()) {
      attempt.refuse(reply, true, turn);
    }
  }

  private void onFinal(Recipient recipient, LmtpReply reply, Turn turn) {
    if (reply.isIntermediate()) {
      violated("to the message", reply, turn);
      return;
    }
    ending.recipientFinished(recipient, reply, turn);
    if (--finals == 0) {
      attempt.complete(turn);
    }
  }

  private void violated(String what, LmtpReply reply, Turn turn) {
    String said = attempt.store() + " said " + what + ": " + reply;
    attempt.onLost(AttemptOutcome.PROTOCOL_VIOLATION, said, turn);
  }
}
