package org.openmmp.proxy.session;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A login at a store in the pieces that are sent one at a time, each but the first after the store
 * asked for it.
 */
public final class LoginPieces {
  private final Deque<byte[]> pieces;
  private @Nullable String lastResponse;
  private final boolean sasl;

  private LoginPieces(List<byte[]> pieces, @Nullable String lastResponse) {
    this.pieces = new ArrayDeque<>(pieces);
    this.lastResponse = lastResponse;
    this.sasl = lastResponse != null;
  }

  /** A login by the protocol's own command. */
  public static LoginPieces ofCommand(List<byte[]> pieces) {
    return new LoginPieces(pieces, null);
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
    return new LoginPieces(pieces, form.lastResponse());
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

  /** Whether a SASL exchange is used. */
  public boolean sasl() {
    return sasl;
  }

  /** Whether the store would take the next line for a SASL response. */
  public boolean inExchange() {
    return sasl && !pieces.isEmpty();
  }

  /** Overwrites what was not sent. */
  public void clear() {
    pieces.forEach(piece -> Arrays.fill(piece, (byte) 0));
    pieces.clear();
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
