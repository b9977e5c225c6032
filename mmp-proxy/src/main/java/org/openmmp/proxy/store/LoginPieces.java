package org.openmmp.proxy.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.StoreStep;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.StrictBase64;

/**
 * A login at a store in the pieces that are sent one at a time, each but the first after the store
 * asked for it.
 */
public final class LoginPieces {
  private final Deque<byte[]> pieces;
  private @Nullable String lastResponse;
  private final boolean sasl;
  private final Mechanism.Proof proof;
  private boolean clientAsked;

  private LoginPieces(List<byte[]> pieces, @Nullable String lastResponse, Mechanism.Proof proof) {
    this.pieces = new ArrayDeque<>(pieces);
    this.lastResponse = lastResponse;
    this.sasl = lastResponse != null;
    this.proof = proof;
  }

  /** A login by the protocol's own command. */
  public static LoginPieces ofCommand(List<byte[]> pieces) {
    return new LoginPieces(pieces, null, Mechanism.Proof.PASSWORD);
  }

  /**
   * A login by SASL.
   *
   * @param command such as {@code AUTH PLAIN}
   * @param initialResponse whether the message goes in the same line
   */
  public static LoginPieces ofSasl(String command, StoreLoginForm form, boolean initialResponse) {
    List<byte[]> pieces =
        initialResponse
            ? List.of(line(command + ' ', form.message()))
            : List.of(line(command, new byte[0]), line("", form.message()));
    form.clear();
    return new LoginPieces(pieces, form.lastResponse(), form.mechanism().proof());
  }

  /** What to send first. */
  public byte[] first() {
    return pieces.remove();
  }

  /**
   * What to send because the store asks for more; null if it has all and may not ask. A store that
   * asks once more after a SASL message gets the line that ends the exchange.
   */
  public byte @Nullable [] next() {
    if (!pieces.isEmpty()) {
      return pieces.remove();
    }
    String last = lastResponse;
    lastResponse = null;
    return last == null ? null : line(last, new byte[0]);
  }

  /**
   * The store asks for more: adds what is to be done, the next piece or a question to the client.
   * What a store asks behind a token is what is wrong with it (RFC 7628 section 3.2.2), by which
   * the client tells whether to fetch another token or to ask its user.
   *
   * @param challenge as the store sent it
   * @return null, or the answer that ends the login, for the store may not ask that
   */
  public @Nullable StoreAnswer onMore(byte[] challenge, List<StoreStep> steps) {
    boolean readable = StrictBase64.decode(challenge) != null;
    if (!clientAsked && asksClient(readable)) {
      if (!readable) {
        return violated("the store's challenge is no base64");
      }
      clientAsked = true;
      lastResponse = null;
      steps.add(new StoreDialogue.Challenge(challenge));
      return null;
    }
    byte[] more = clientAsked ? null : next();
    if (more == null) {
      return violated("the store asks for more than the login has");
    }
    steps.add(new StoreStep.Send(more));
    return null;
  }

  private boolean asksClient(boolean readable) {
    boolean itsTurn = pieces.isEmpty();
    return switch (proof) {
      case EXCHANGE -> itsTurn;
      case TOKEN -> itsTurn && readable && lastResponse != null;
      case PASSWORD, CERTIFICATE -> false;
    };
  }

  /** The client's response to the store's question, as the line to send. */
  public List<StoreStep> respond(byte[] base64) {
    clientAsked = false;
    byte[] line = line("", base64);
    Arrays.fill(base64, (byte) 0);
    return List.of(new StoreStep.Send(line));
  }

  /** Whether a SASL exchange is used. */
  public boolean sasl() {
    return sasl;
  }

  /** Whether the store would take the next line for a SASL response. */
  public boolean inExchange() {
    return sasl && (clientAsked || !pieces.isEmpty());
  }

  /** Sends no more, and overwrites what was not sent. */
  public void clear() {
    clientAsked = false;
    pieces.forEach(piece -> Arrays.fill(piece, (byte) 0));
    pieces.clear();
  }

  private static StoreAnswer violated(String how) {
    return StoreAnswer.failed(AttemptOutcome.PROTOCOL_VIOLATION, how);
  }

  private static byte[] line(String head, byte[] rest) {
    byte[] start = head.getBytes(StandardCharsets.US_ASCII);
    byte[] line = Arrays.copyOf(start, start.length + rest.length + 2);
    System.arraycopy(rest, 0, line, start.length, rest.length);
    line[line.length - 2] = '\r';
    line[line.length - 1] = '\n';
    return line;
  }
}
