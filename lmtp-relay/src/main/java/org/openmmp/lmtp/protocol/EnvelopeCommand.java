package org.openmmp.lmtp.protocol;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MAIL or RCPT (RFC 5321 sections 4.1.1.2 and 4.1.1.3).
 *
 * @param verb which of them
 * @param address the reverse-path of MAIL, which may be the null one, or the recipient of RCPT,
 *     which never is
 * @param parameters in the order they were sent, each understood and well formed
 */
public record EnvelopeCommand(
    LmtpVerb verb, EnvelopeAddress address, List<EsmtpParameter> parameters) {

  /** Copies the parameters. */
  public EnvelopeCommand {
    parameters = List.copyOf(parameters);
  }

  /**
   * Reads what stands behind the verb MAIL.
   *
   * @param offered a parameter of any other extension is refused
   */
  public static Parsed<EnvelopeCommand> mail(String argument, Extensions offered) {
    return parse(LmtpVerb.MAIL, "FROM:", argument, Parsed.BAD_REVERSE_PATH, offered);
  }

  /**
   * Reads what stands behind the verb RCPT.
   *
   * @param offered a parameter of any other extension is refused
   */
  public static Parsed<EnvelopeCommand> rcpt(String argument, Extensions offered) {
    Parsed<EnvelopeCommand> parsed =
        parse(LmtpVerb.RCPT, "TO:", argument, Parsed.BAD_RECIPIENT, offered);
    EnvelopeCommand read = parsed.value();
    return read != null && read.address().localPart().isBlank()
        ? Parsed.refused(Parsed.BAD_RECIPIENT)
        : parsed;
  }

  /**
   * RCPT to an address that a setting gave, such as one a template made; it has no parameters, and
   * must follow the grammar.
   */
  public static Parsed<EnvelopeCommand> rcptTo(String address) {
    EnvelopeAddress read = PathParser.whole('<' + address + '>');
    return read == null || read.isNull()
        ? Parsed.refused(Parsed.BAD_RECIPIENT)
        : Parsed.read(new EnvelopeCommand(LmtpVerb.RCPT, read, List.of()));
  }

  /**
   * Reads {@code FROM:<path> parameters}.
   *
   * @param keyword with its colon, in upper case
   * @param badAddress what a path is refused with
   */
  private static Parsed<EnvelopeCommand> parse(
      LmtpVerb verb, String keyword, String argument, LmtpReply badAddress, Extensions offered) {
    if (!argument.regionMatches(true, 0, keyword, 0, keyword.length())) {
      return Parsed.refused(Parsed.MALFORMED_ARGUMENT);
    }
    // MTAs put a space behind the colon, which RFC 5321 section 3.3 forbids.
    PathParser parser = new PathParser(argument.substring(keyword.length()).stripLeading());
    EnvelopeAddress address = parser.path();
    String rest = parser.rest();
    if (address == null || (!rest.isEmpty() && rest.charAt(0) != ' ')) {
      return Parsed.refused(badAddress);
    }
    List<EsmtpParameter> parameters = new ArrayList<>();
    LmtpReply fault = readParameters(rest, verb, offered, parameters);
    return fault == null
        ? Parsed.read(new EnvelopeCommand(verb, address, parameters))
        : Parsed.refused(fault);
  }

  private static @Nullable LmtpReply readParameters(
      String text, LmtpVerb verb, Extensions offered, List<EsmtpParameter> into) {
    Set<ParameterKeyword> seen = EnumSet.noneOf(ParameterKeyword.class);
    for (String word : text.split(" ", -1)) {
      if (word.isEmpty()) {
        continue;
      }
      EsmtpParameter parameter = EsmtpParameter.parse(word);
      if (parameter == null) {
        return Parsed.MALFORMED_ARGUMENT;
      }
      ParameterKeyword keyword = ParameterKeyword.of(verb, parameter);
      if (keyword == null || !isOffered(keyword, offered)) {
        return Parsed.UNKNOWN_PARAMETER;
      }
      if (!keyword.accepts(parameter.value()) || !seen.add(keyword)) {
        return Parsed.BAD_PARAMETER;
      }
      into.add(parameter);
    }
    return null;
  }

  private static boolean isOffered(@Nullable ParameterKeyword keyword, Extensions offered) {
    return keyword != null && offered.has(keyword.extension());
  }

  /** The same for another address. */
  public EnvelopeCommand at(EnvelopeAddress other) {
    return new EnvelopeCommand(verb, other, parameters);
  }

  /** The message's size as the client estimates it, in octets (RFC 1870). */
  public OptionalLong sizeOctets() {
    String size = value(ParameterKeyword.SIZE);
    return size == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(size));
  }

  /** Whether addresses and headers may be UTF-8 (RFC 6531). */
  public boolean smtpUtf8() {
    return value(ParameterKeyword.SMTPUTF8) != null;
  }

  /** The value of the first parameter of that keyword, empty if it has none; null if not there. */
  private @Nullable String value(ParameterKeyword keyword) {
    for (EsmtpParameter parameter : parameters) {
      if (parameter.keyword().equals(keyword.name())) {
        return parameter.value();
      }
    }
    return null;
  }

  /** The command without its line end, with the parameters that a peer of those extensions has. */
  public String line(Extensions peer) {
    String taken =
        parameters.stream()
            .filter(parameter -> isOffered(ParameterKeyword.of(verb, parameter), peer))
            .map(parameter -> " " + parameter)
            .collect(Collectors.joining());
    return (verb == LmtpVerb.MAIL ? "MAIL FROM:" : "RCPT TO:") + address.path() + taken;
  }
}
