package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.MailCommand;
import org.openmmp.lmtp.transaction.StoreCommand.Kind;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * The mail transaction of one attempt: MAIL, RCPT as recipients come, and once the client's message
 * begins DATA, the message and one reply for each recipient that was taken (RFC 2033 section 4.2).
 */
final class StoreTransaction {
  private final StoreAttempt attempt;
  private final MailCommand mail;
  private final AttemptEnding ending;
  private final List<Recipient> waiting = new ArrayList<>();
  private final List<Recipient> accepted = new ArrayList<>();
  private int unanswered;
  private int finals;
  private boolean bodyWanted;
  private boolean chunked;

  StoreTransaction(StoreAttempt attempt, MailCommand mail, AttemptEnding ending) {
    this.attempt = attempt;
    this.mail = mail;
    this.ending = ending;
  }

  /** Whether the store owes the answer to a RCPT. */
  boolean awaitsRecipients() {
    return unanswered > 0;
  }

  /** Begins, with the recipients that are there. */
  void open(Turn turn) {
    attempt.enter(DeliveryStage.MAIL, turn);
    StoreConversation store = attempt.store();
    if (mail.smtpUtf8() && !store.extensions().has(Extension.SMTPUTF8)) {
      attempt.refuse(Answers.NO_SMTPUTF8, false, turn);
      return;
    }
    store.enqueue(StoreCommand.of(Kind.MAIL, mail.line(store.extensions())));
    waiting.forEach(this::enqueue);
    waiting.clear();
    attempt.flush(turn);
  }

  /** One more recipient. */
  void add(Recipient recipient, Turn turn) {
    if (attempt.stage().compareTo(DeliveryStage.MAIL) < 0) {
      waiting.add(recipient);
      return;
    }
    enqueue(recipient);
    attempt.allowAnswer(turn);
    attempt.flush(turn);
  }

  /**
   * The client's message begins: there will be no more recipients.
   *
   * @param inChunks whether it comes in chunks, and goes on in chunks where the store takes them
   */
  void sendBody(boolean inChunks, Turn turn) {
    bodyWanted = true;
    chunked = inChunks;
    askForBody(turn);
  }

  /** The last chunk is sent next, or the end of data. */
  void onEndOfData() {
    if (takesChunks()) {
      expectFinals();
    }
  }

  /** A chunk is sent next. */
  void onChunk() {
    attempt.store().expect(StoreCommand.of(Kind.CHUNK, ""));
  }

  /** The store's answer; 421 is none. */
  void onAnswer(StoreCommand command, LmtpReply reply, Turn turn) {
    switch (command.kind()) {
      case MAIL -> onMail(reply, turn);
      case RCPT -> onRcpt(Objects.requireNonNull(command.recipient()), reply, turn);
      case DATA -> onData(reply, turn);
      case CHUNK -> onChunkReply(reply, turn);
      case END_OF_DATA -> onFinal(Objects.requireNonNull(command.recipient()), reply, turn);
      case GREETING, LHLO, STARTTLS, XCLIENT, RSET -> violated("out of order", reply, turn);
    }
  }

  private void enqueue(Recipient recipient) {
    StoreConversation store = attempt.store();
    unanswered++;
    store.enqueue(
        new StoreCommand(Kind.RCPT, recipient.command().line(store.extensions()), recipient));
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
    if (takesChunks()) {
      beginBody(true, turn);
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
      ending.greeted(turn); // a connection that was kept had no other greeting
      askForBody(turn);
    } else {
      attempt.refuse(reply, false, turn);
    }
  }

  private void onRcpt(Recipient recipient, LmtpReply reply, Turn turn) {
    unanswered--;
    if (reply.isIntermediate()) {
      violated("to RCPT", reply, turn);
      return;
    }
    if (reply.isPositive()) {
      accepted.add(recipient);
    }
    attempt.allowAnswer(turn);
    ending.recipientAnswered(recipient, reply, turn);
    askForBody(turn);
  }

  /** Chunks are answered one by one, which takes a round trip each without PIPELINING. */
  private boolean takesChunks() {
    var extensions = attempt.store().extensions();
    return chunked && extensions.has(Extension.CHUNKING) && extensions.has(Extension.PIPELINING);
  }

  private void beginBody(boolean chunks, Turn turn) {
    attempt.enter(DeliveryStage.BODY, turn);
    finals = accepted.size();
    if (!chunks) {
      expectFinals();
    }
    turn.want(new RelayStep.SendBody(attempt.store(), chunks));
  }

  /** Behind DATA they may come early, as a refusal; behind chunks they come after the last one. */
  private void expectFinals() {
    StoreConversation store = attempt.store();
    accepted.forEach(each -> store.expect(new StoreCommand(Kind.END_OF_DATA, "", each)));
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
    boolean early = !attempt.stage().mayHaveDelivered();
    if (reply.isIntermediate() || (early && reply.isPositive())) {
      violated("before the end of the message", reply, turn);
    } else if (early) {
      attempt.refuse(reply, true, turn);
    } else {
      ending.recipientFinished(recipient, reply);
      if (--finals == 0) {
        attempt.complete(turn);
      }
    }
  }

  private void violated(String what, LmtpReply reply, Turn turn) {
    String said = attempt.store() + " said " + what + ": " + reply;
    attempt.onLost(AttemptOutcome.PROTOCOL_VIOLATION, said, turn);
  }
}
