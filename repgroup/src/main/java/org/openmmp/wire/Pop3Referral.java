package org.openmmp.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostPort;

/**
 * A POP3 store's word "log in at that host instead": {@code [SYS/REFER/host]}, or {@code
 * [REFERRAL/user@host:port]} as Dovecot has it; any case.
 *
 * @param user empty if none is named; free of control characters
 * @param host name or address literal without brackets, in lower case; may be empty
 * @param port 1..65535, or 0 if none is named
 */
public record Pop3Referral(String user, String host, int port) {
  /** A longer code is no referral, whatever it says. */
  public static final int MAX_LENGTH = 2048;

  private static final String REFER = "REFER";

  /** Whether a code means a referral, sound or not. */
  public static boolean isIn(ResponseCode code) {
    return code.name().equals("REFERRAL") || refers(code);
  }

  /** The referral in a code, or null if there is none or it is malformed. */
  public static @Nullable Pop3Referral parse(ResponseCode code) {
    if (!code.closed() || code.octets().length() > MAX_LENGTH || !isIn(code)) {
      return null;
    }
    String target = code.argument();
    if (refers(code)) {
      return at("", target.substring(Math.min(REFER.length() + 1, target.length())));
    }
    // A user may hold an "@" of its own, as user@domain: the last one counts.
    int at = target.lastIndexOf('@');
    String user =
        at < 0
            ? ""
            : LoginOctets.name(target.substring(0, at).getBytes(StandardCharsets.ISO_8859_1));
    return user == null ? null : at(user, target.substring(at + 1));
  }

  private static boolean refers(ResponseCode code) {
    String argument = code.argument();
    return code.name().equals("SYS")
        && argument.regionMatches(true, 0, REFER, 0, REFER.length())
        && (argument.length() == REFER.length() || argument.charAt(REFER.length()) == '/');
  }

  private static @Nullable Pop3Referral at(String user, String hostPort) {
    // A bare IPv6 address is no host and port, and can be nothing else.
    HostPort target =
        HostPort.isIpv6(hostPort) ? HostPort.parse('[' + hostPort + ']') : HostPort.parse(hostPort);
    return target == null ? null : new Pop3Referral(user, target.host(), target.port());
  }
}
