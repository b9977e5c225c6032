package org.openmmp.lmtp.protocol;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What MAIL and RCPT have in common: a keyword, a path, parameters. */
record EnvelopeArgument(EnvelopeAddress address, List<EsmtpParameter> parameters) {
  /**
   * Reads {@code FROM:<path> parameters}.
   *
   * @param keyword with its colon, in upper case
   * @param badAddress what a path is refused with
   */
  static Parsed<EnvelopeArgument> parse(
      String argument, LmtpVerb verb, String keyword, LmtpReply badAddress, Extensions offered) {
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
        ? Parsed.read(new EnvelopeArgument(address, List.copyOf(parameters)))
        : Parsed.refused(fault);
  }

  /** The parameters that a peer with those extensions may be sent, each after a space. */
  static String parametersFor(LmtpVerb verb, List<EsmtpParameter> parameters, Extensions peer) {
    return parameters.stream()
        .filter(parameter -> isOffered(ParameterKeyword.of(verb, parameter), peer))
        .map(parameter -> " " + parameter)
        .collect(Collectors.joining());
  }

  /** The value of the first parameter of that keyword, empty if it has none; null if not there. */
  static @Nullable String value(List<EsmtpParameter> parameters, ParameterKeyword keyword) {
    for (EsmtpParameter parameter : parameters) {
      if (parameter.keyword().equals(keyword.name())) {
        return parameter.value();
      }
    }
    return null;
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
}
