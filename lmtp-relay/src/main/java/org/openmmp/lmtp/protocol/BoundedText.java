package org.openmmp.lmtp.protocol;

/** A text that may be looked at so often and no more; it bounds a regular expression's work. */
final class BoundedText implements CharSequence {
  /** It was looked at too often. */
  static final class ExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private ExhaustedException() {
      super("the expression does not come to an end", null, false, false);
    }
  }

  private final String text;
  private int looksLeft;

  BoundedText(String text, int looks) {
    this.text = text;
    this.looksLeft = looks;
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public char charAt(int index) {
    if (--looksLeft < 0) {
      throw new ExhaustedException();
    }
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
