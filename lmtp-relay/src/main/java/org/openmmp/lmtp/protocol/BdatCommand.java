package org.openmmp.lmtp.protocol;

import java.util.regex.Pattern;

/**
 * BDAT (RFC 3030 section 2).
 *
 * @param octets how many follow the line, 0 or more
 * @param last whether the message ends with them
 */
public record BdatCommand(long octets, boolean last) {
  /** 18 digits fit into a long; a limit of the message's size refuses most of them later. */
  private static final Pattern GRAMMAR = Pattern.compile("([0-9]{1,18})( +[Ll][Aa][Ss][Tt])?");

  /**
   * Reads what stands behind the verb. Where it is refused, nobody knows how many octets follow:
   * the connection ends.
   */
  public static Parsed<BdatCommand> parse(String argument) {
    var matcher = GRAMMAR.matcher(argument);
    return matcher.matches()
        ? Parsed.read(new BdatCommand(Long.parseLong(matcher.group(1)), matcher.group(2) != null))
        : Parsed.refused(Parsed.MALFORMED_ARGUMENT);
  }

  /** The command without its line end. */
  public String line() {
    return "BDAT " + octets + (last ? " LAST" : "");
  }
}
