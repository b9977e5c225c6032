package org.openmmp.wire;

/**
 * One line for the log, as {@code key=value} pairs or as one JSON object (rule B8.6). Values of
 * peers are made safe and bounded here; keys are ours.
 *
 * <p>Pairs stand in the order in which they were added; empty texts are left out.
 */
public final class LogLine {
  /** Longest value, in chars; what a peer chose may be cut there. */
  static final int MAX_VALUE_CHARS = 256;

  private final StringBuilder line;
  private final boolean json;

  private LogLine(boolean json, String event) {
    this.json = json;
    line = new StringBuilder(200);
    if (json) {
      line.append("{\"event\":\"").append(event).append('"');
    } else {
      line.append(event);
    }
  }

  /** Begins a line about that event. */
  public static LogLine of(boolean json, String event) {
    return new LogLine(json, event);
  }

  /** Adds a text. */
  public LogLine with(String key, String value) {
    if (value.isEmpty()) {
      return this;
    }
    String safe = SafeText.of(value, MAX_VALUE_CHARS);
    key(key);
    if (json) {
      quoted(safe);
    } else if (needsQuotes(safe)) {
      // SafeText doubled the backslashes; only the quote is left to escape.
      line.append('"').append(safe.replace("\"", "\\\"")).append('"');
    } else {
      line.append(safe);
    }
    return this;
  }

  /** Adds a number. */
  public LogLine with(String key, long value) {
    key(key);
    line.append(value);
    return this;
  }

  private void key(String key) {
    if (json) {
      line.append(",\"").append(key).append("\":");
    } else {
      line.append(' ').append(key).append('=');
    }
  }

  private void quoted(String safe) {
    line.append('"').append(safe.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
  }

  private static boolean needsQuotes(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c == '"' || c == '=') {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return json ? line + "}" : line.toString();
  }
}
