package org.openmmp.lmtp.protocol;

import java.util.List;
import java.util.OptionalLong;

/**
 * MAIL (RFC 5321 section 4.1.1.2).
 *
 * @param reversePath may be the null one
 * @param parameters in the order they were sent, each understood and well formed
 */
public record MailCommand(EnvelopeAddress reversePath, List<EsmtpParameter> parameters) {
  /** Copies the parameters. */
  public MailCommand {
    parameters = List.copyOf(parameters);
  }

  /**
   * Reads what stands behind the verb.
   *
   * @param offered a parameter of any other extension is refused
   */
  public static Parsed<MailCommand> parse(String argument, Extensions offered) {
    var parsed =
        EnvelopeArgument.parse(argument, LmtpVerb.MAIL, "FROM:", Parsed.BAD_REVERSE_PATH, offered);
    return parsed.map(read -> new MailCommand(read.address(), read.parameters()));
  }

  /** The message's size as the client estimates it, in octets (RFC 1870). */
  public OptionalLong sizeOctets() {
    String size = EnvelopeArgument.value(parameters, ParameterKeyword.SIZE);
    return size == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(size));
  }

  /** Whether addresses and headers may be UTF-8 (RFC 6531). */
  public boolean smtpUtf8() {
    return EnvelopeArgument.value(parameters, ParameterKeyword.SMTPUTF8) != null;
  }

  /** The command without its line end, with the parameters that a peer of those extensions has. */
  public String line(Extensions peer) {
    return "MAIL FROM:"
        + reversePath.path()
        + EnvelopeArgument.parametersFor(LmtpVerb.MAIL, parameters, peer);
  }
}
