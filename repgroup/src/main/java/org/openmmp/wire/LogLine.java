package org.openmmp.wire;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openmmp.text.Json;
import org.openmmp.text.SafeText;

/**
 * One line for the log, as {@code key=value} pairs or as one JSON object (rule B8.6). Values of
 * peers are made safe and bounded here; keys are ours.
 *
 * <p>Pairs stand in the order in which they were added; empty texts are left out.
 */
public final class LogLine {
  /** Longest value, in chars; what a peer chose may be cut there. */
  static final int MAX_VALUE_CHARS = 256;

  /** Of most lines; longer ones have room made for them. */
  private static final int USUAL_CHARS = 240;

  private final StringBuilder line;
  private final boolean json;

  private LogLine(boolean json, String begin, int chars) {
    this.json = json;
    line = new StringBuilder(chars).append(begin);
  }

  /** Begins a line of pairs about that event; time and level are the log's to add. */
  public static LogLine keyValue(String event) {
    return keyValue(event, USUAL_CHARS);
  }

  /** Likewise, of about so many characters. */
  public static LogLine keyValue(String event, int chars) {
    return new LogLine(false, event, chars);
  }

  /** Begins an object about that event; every line of the log in JSON begins with these keys. */
  public static LogLine json(Instant time, String level, String event) {
    LogLine line = new LogLine(true, "{\"time\":\"", 2 * USUAL_CHARS);
    line.line.append(time).append('"');
    return line.with("level", level).with("event", event);
  }

  /** Adds a text. */
  public LogLine with(String key, String value) {
    return with(key, value, MAX_VALUE_CHARS);
  }

  /**
   * Adds a text that may be long.
   *
   * @param mostChars what is behind them is cut
   */
  public LogLine with(String key, String value, int mostChars) {
    if (value.isEmpty()) {
      return this;
    }
    String safe = SafeText.of(value, mostChars);
    key(key);
    if (json) {
      Json.append(line, safe);
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

  /**
   * Adds what each of these took, in microseconds, if it took time.
   *
   * @param keys theirs, in the same order
   */
  public <E extends Enum<E>> LogLine with(List<E> phases, List<String> keys, Map<E, Long> nanos) {
    for (int i = 0; i < phases.size(); i++) {
      Long spent = nanos.get(phases.get(i));
      if (spent != null) {
        with(keys.get(i), TimeUnit.NANOSECONDS.toMicros(spent));
      }
    }
    return this;
  }

  private void key(String key) {
    if (json) {
      line.append(',');
      Json.append(line, key);
      line.append(':');
    } else {
      line.append(' ').append(key).append('=');
    }
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

  /** Appends the whole line, without its end. */
  public void appendTo(StringBuilder out) {
    out.append(line);
    if (json) {
      out.append('}');
    }
  }

  @Override
  public String toString() {
    return json ? line + "}" : line.toString();
  }
}
