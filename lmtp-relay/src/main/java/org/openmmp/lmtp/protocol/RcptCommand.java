package org.openmmp.lmtp.protocol;

import java.util.List;

/**
 * RCPT (RFC 5321 section 4.1.1.3).
 *
 * @param recipient never the null path
 * @param parameters in the order they were sent, each understood and well formed
 */
public record RcptCommand(EnvelopeAddress recipient, List<EsmtpParameter> parameters) {
  /** Copies the parameters. */
  public RcptCommand {
    parameters = List.copyOf(parameters);
  }

  /**
   * Reads what stands behind the verb.
   *
   * @param offered a parameter of any other extension is refused
   */
  public static Parsed<RcptCommand> parse(String argument, Extensions offered) {
    var parsed =
        EnvelopeArgument.parse(argument, LmtpVerb.RCPT, "TO:", Parsed.BAD_RECIPIENT, offered);
    EnvelopeArgument argued = parsed.value();
    if (argued != null && argued.address().localPart().isBlank()) {
      return Parsed.refused(Parsed.BAD_RECIPIENT);
    }
    return parsed.map(read -> new RcptCommand(read.address(), read.parameters()));
  }

  /**
   * Reads an address that a setting gave, such as one a template made; it has no parameters, and
   * must follow the grammar.
   */
  public static Parsed<RcptCommand> to(String address) {
    EnvelopeAddress read = PathParser.whole('<' + address + '>');
    return read == null || read.isNull()
        ? Parsed.refused(Parsed.BAD_RECIPIENT)
        : Parsed.read(new RcptCommand(read, List.of()));
  }

  /** The same for another address. */
  public RcptCommand withRecipient(EnvelopeAddress address) {
    return new RcptCommand(address, parameters);
  }

  /** The command without its line end, with the parameters that a peer of those extensions has. */
  public String line(Extensions peer) {
    return "RCPT TO:"
        + recipient.path()
        + EnvelopeArgument.parametersFor(LmtpVerb.RCPT, parameters, peer);
  }
}
