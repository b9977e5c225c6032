package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openmmp.wire.LineFramer;

/**
 * Cuts a client's octets into commands: lines, and the literals that they announce (RFC 9051
 * section 4.3, RFC 7888). What a literal claims reserves nothing.
 */
final class ImapCommandFramer {
  /** What was found. */
  enum Found {
    /** Nothing yet. */
    MORE_NEEDED,
    /** {@link #command} is complete. */
    COMMAND,
    /**
     * The client waits to be asked for a literal: {@link #command} is what there is so far. Then
     * either {@link #goOn}, or {@link #drop}, after which it sends another command.
     */
    LITERAL_ANNOUNCED,
    /** As before, but it may not be asked for: over a limit, or not a number. */
    LITERAL_TOO_BIG,
    /** Over a limit, and what follows cannot be told from commands: the connection ends. */
    UNUSABLE
  }

  private static final int MAX_LITERALS = 64;
  private static final int NOT_A_NUMBER = Integer.MAX_VALUE;

  private final LineFramer octets;
  private final int mostLiteralOctets;
  private final int mostOctets;
  private final List<byte[]> parts = new ArrayList<>(1);
  private int length;
  private boolean literalComes;
  private int literalOctets;

  /**
   * A framer without a command.
   *
   * @param mostLiteralOctets of one literal
   * @param mostOctets of a command, its literals included
   */
  ImapCommandFramer(LineFramer octets, int mostLiteralOctets, int mostOctets) {
    this.octets = octets;
    this.mostLiteralOctets = mostLiteralOctets;
    this.mostOctets = mostOctets;
  }

  /**
   * Looks on.
   *
   * @param nonSynchronizing the longest literal that may come without being asked for
   */
  Found next(int nonSynchronizing) {
    while (true) {
      if (literalComes && !takeLiteral()) {
        return Found.MORE_NEEDED;
      }
      byte[] line = octets.line();
      if (line == null) {
        return octets.tooLong() ? Found.UNUSABLE : Found.MORE_NEEDED;
      }
      parts.add(line);
      length += line.length;
      int open = ImapCommand.literalAt(line, line.length);
      if (open < 0) {
        return length > mostOctets ? Found.UNUSABLE : Found.COMMAND;
      }
      boolean asks = line[line.length - 2] != '+';
      literalOctets = number(line, open + 1, line.length - (asks ? 1 : 2));
      boolean fits =
          literalOctets <= (asks ? mostLiteralOctets : nonSynchronizing)
              && literalOctets <= mostOctets - length
              && parts.size() < 2 * MAX_LITERALS;
      if (asks) {
        return fits ? Found.LITERAL_ANNOUNCED : Found.LITERAL_TOO_BIG;
      }
      if (!fits) {
        return Found.UNUSABLE;
      }
      literalComes = true;
    }
  }

  /** The command, or as much of it as there is; the framer forgets nothing. */
  ImapCommand command() {
    return ImapCommand.of(parts);
  }

  /** Octets of the command that is not complete yet. */
  int held() {
    return length;
  }

  /** The literal that was announced was asked for. */
  void goOn() {
    literalComes = true;
  }

  /** Overwrites and forgets the command. */
  void drop() {
    for (byte[] part : parts) {
      Arrays.fill(part, (byte) 0);
    }
    parts.clear();
    length = 0;
    literalComes = false;
  }

  private boolean takeLiteral() {
    byte[] literal = octets.octets(literalOctets);
    if (literal == null) {
      return false;
    }
    parts.add(literal);
    length += literal.length;
    literalComes = false;
    return true;
  }

  /** The number, {@link #NOT_A_NUMBER} if it is none or is beyond all limits. */
  private static int number(byte[] line, int from, int to) {
    if (from == to || to - from > 9) {
      return NOT_A_NUMBER;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      if (line[i] < '0' || line[i] > '9') {
        return NOT_A_NUMBER;
      }
      number = number * 10 + (line[i] - '0');
    }
    return number;
  }
}
