package org.openmmp.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.LoginPieces;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.proxy.session.StoreStep;
import org.openmmp.repgroup.AttemptOutcome;

/** What a store says from the first line of the login to its answer. */
final class Pop3LoginExchange {
  private final LoginPieces pieces;

  Pop3LoginExchange(LoginPieces pieces) {
    this.pieces = pieces;
  }

  /** Takes a reply, adds what to send, and gives the answer once it is complete. */
  @Nullable StoreAnswer onReply(Pop3Reply reply, List<StoreStep> steps) {
    return switch (reply.status()) {
      case OK -> onOk(reply.text(), steps);
      case ERR -> Pop3LoginAnswers.refused(reply.text());
      case CHALLENGE ->
          pieces.sasl()
              ? pieces.onMore(reply.text().getBytes(ISO_8859_1), steps)
              : violated("the store asks for what no command has");
      case NONE -> violated("the store's reply is none");
    };
  }

  /** What to do with the client's response to the store's question. */
  List<StoreStep> respond(byte[] base64) {
    return pieces.respond(base64);
  }

  /**
   * Sends no more, and overwrites what was not sent.
   *
   * @return whether the store would take the next line for a SASL response
   */
  boolean stop() {
    boolean inExchange = pieces.inExchange();
    pieces.clear();
    return inExchange;
  }

  /** The reply to USER asks for PASS; the last one is the answer. */
  private @Nullable StoreAnswer onOk(String text, List<StoreStep> steps) {
    if (pieces.inExchange()) {
      return violated("the store accepted a login before it was told of it");
    }
    byte[] more = pieces.sasl() ? null : pieces.next();
    if (more == null) {
      return Pop3LoginAnswers.accepted(text);
    }
    steps.add(new StoreStep.Send(more));
    return null;
  }

  private static StoreAnswer violated(String how) {
    return StoreAnswer.failed(AttemptOutcome.PROTOCOL_VIOLATION, how);
  }
}
