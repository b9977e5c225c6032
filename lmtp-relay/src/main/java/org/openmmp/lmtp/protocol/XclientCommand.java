package org.openmmp.lmtp.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Collectors;

/**
 * XCLIENT (Postfix's XCLIENT_README): what a trusted peer says of the client behind it.
 *
 * @param attributes names in upper case and decoded values, in the order they were sent; {@code
 *     [UNAVAILABLE]} and {@code [TEMPUNAVAIL]} stand as they were sent
 */
public record XclientCommand(Map<String, String> attributes) {
  /** Copies the attributes in their order. */
  public XclientCommand {
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /** Reads what stands behind the verb: at least one attribute, none twice. */
  public static Parsed<XclientCommand> parse(String argument) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String word : argument.split(" ", -1)) {
      if (word.isEmpty()) {
        continue;
      }
      EsmtpParameter attribute = EsmtpParameter.parse(word);
      String value = attribute == null ? null : Xtext.decode(attribute.value());
      if (attribute == null
          || value == null
          || value.isEmpty()
          || !value.chars().allMatch(c -> c >= ' ' && c != 0x7f)
          || attributes.put(attribute.keyword(), value) != null) {
        return Parsed.refused(Parsed.MALFORMED_ARGUMENT);
      }
    }
    return attributes.isEmpty()
        ? Parsed.refused(Parsed.MALFORMED_ARGUMENT)
        : Parsed.read(new XclientCommand(attributes));
  }

  /**
   * The command without its line end, with the attributes that the peer takes; empty if there are
   * none of those.
   */
  public String line(Extensions peer) {
    String taken =
        attributes.entrySet().stream()
            .filter(attribute -> peer.xclientAttributes().contains(attribute.getKey()))
            .map(XclientCommand::encoded)
            .collect(Collectors.joining(" "));
    return taken.isEmpty() ? "" : "XCLIENT " + taken;
  }

  private static String encoded(Entry<String, String> attribute) {
    return attribute.getKey() + '=' + Xtext.encode(attribute.getValue());
  }
}
