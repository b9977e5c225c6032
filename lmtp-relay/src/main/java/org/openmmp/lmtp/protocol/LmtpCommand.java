package org.openmmp.lmtp.protocol;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * One command line of a client, taken apart as far as its verb.
 *
 * @param verb what it asks for
 * @param argument what stands behind the verb and its space, trailing spaces cut off; it may hold
 *     control characters, which every reader of an argument refuses
 */
public record LmtpCommand(LmtpVerb verb, String argument) {
  private static final Pattern HTTP_VERSION = Pattern.compile("(?i) HTTP/[0-9.]+$");

  /** Takes a line apart. */
  public static LmtpCommand of(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    int space = text.indexOf(' ');
    int verbEnd = space < 0 ? text.length() : space;
    int end = text.length();
    while (end > verbEnd && text.charAt(end - 1) == ' ') {
      end--;
    }
    LmtpVerb verb = LmtpVerb.named(text.substring(0, verbEnd));
    return new LmtpCommand(verb, end > verbEnd ? text.substring(verbEnd + 1, end) : "");
  }

  /**
   * Whether it is the first line of an HTTP request: what follows is a web page's, not an MTA's.
   */
  public boolean isHttpRequest() {
    return verb == LmtpVerb.UNKNOWN && HTTP_VERSION.matcher(argument).find();
  }

  /**
   * Whether the argument can be a client's name for itself behind LHLO. Only what could do harm is
   * refused: clients are known to say anything there.
   */
  public boolean namesHost() {
    return !argument.isEmpty()
        && argument.length() <= EnvelopeAddress.MAX_DOMAIN_OCTETS
        && argument.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
