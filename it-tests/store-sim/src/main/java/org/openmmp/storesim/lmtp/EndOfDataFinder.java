package org.openmmp.storesim.lmtp;

/** Undoes dot-stuffing octet by octet, as strictly or leniently as a store may. */
final class EndOfDataFinder {
  private static final String LINE_END = "\r\n";

  private final boolean lenient;

  /** The octets of the present line, for as long as it may be the last. */
  private final StringBuilder line = new StringBuilder(LINE_END.length() + 1);

  private boolean mayBeLast = true;
  private char last = '\n';

  EndOfDataFinder(boolean lenient) {
    this.lenient = lenient;
  }

  /** Takes an octet; adds those of the message to {@code message}. True at the end of data. */
  boolean takes(char octet, StringBuilder message) {
    boolean lineEnds = octet == '\n' && last == '\r';
    boolean anyLineEnds = octet == '\n' || octet == '\r';
    last = octet;
    if (!mayBeLast) {
      message.append(octet);
      mayBeLast = lineEnds || (lenient && anyLineEnds);
      return false;
    }
    line.append(octet);
    if (isLast()) {
      return true;
    }
    if (!couldBecomeLast()) {
      String text = line.toString();
      line.setLength(0);
      message.append(text.startsWith(".") ? text.substring(1) : text);
      mayBeLast = text.endsWith(LINE_END) || (lenient && anyLineEnds);
    }
    return false;
  }

  private boolean isLast() {
    String text = line.toString();
    return text.equals("." + LINE_END) || (lenient && text.equals(".\n"));
  }

  private boolean couldBecomeLast() {
    return ("." + LINE_END).startsWith(line.toString());
  }
}
