package org.openmmp.lmtp.protocol;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostPort;

/**
 * Finds a store's word "deliver over there instead" in its greeting (rule B5.6).
 *
 * <p>The expression is a site's own and meets text that a store sent: each line is cut, and a match
 * that does not come to an end within bounds is none.
 */
public final class ReferralPattern {
  /** The project's own form: {@code [REFERRAL lmtp://host/]}, with a port or without. */
  public static final String OWN_FORM =
      "\\[REFERRAL lmtp://(?:[^/\\[\\] ]*@)?(?<host>(?:\\[[0-9a-f:.]*+\\])?+[^@/\\[\\] ]*+)/?+\\]";

  private static final String HOST = "host";
  private static final int MAX_CHARS = 512;
  private static final int MAX_LOOKS = 100_000;

  private static final int REFERRED = 550;
  private static final String REFERRED_STATUS = "5.2.900";

  private final Pattern pattern;

  /**
   * The pattern of that expression.
   *
   * @param expression matched anywhere in a line of the greeting behind its code, in any case; its
   *     named group {@code host} holds {@code host}, {@code host:port} or {@code [IPv6]:port}
   * @throws IllegalArgumentException if it is none, or has no such group; the message says what is
   *     wrong
   */
  public ReferralPattern(String expression) {
    this.pattern = compiled(expression);
    if (!namesHost(expression)) {
      throw new IllegalArgumentException("it has no group named " + HOST + ", (?<host>…)");
    }
  }

  /** Where a greeting refers to, or null if it does not, or to no host. */
  public @Nullable HostPort in(LmtpReply greeting) {
    if (greeting.code() != 220 && greeting.code() != 421) {
      return null;
    }
    for (String line : greeting.lines()) {
      HostPort target = in(line.length() > MAX_CHARS ? line.substring(0, MAX_CHARS) : line);
      if (target != null) {
        return target;
      }
    }
    return null;
  }

  /**
   * Whether a reply to RCPT, or a final reply, is Dovecot's referral of this recipient: {@code 550
   * 5.2.900 <address> user@host:port Referral}.
   */
  public static boolean refersRecipient(LmtpReply reply) {
    return reply.code() == REFERRED && reply.status().equals(REFERRED_STATUS);
  }

  /**
   * Where {@link #refersRecipient Dovecot's referral} leads, or null if it is none, or malformed.
   */
  public static @Nullable HostPort ofRecipient(LmtpReply reply) {
    if (!refersRecipient(reply)) {
      return null;
    }
    String text = reply.lines().get(0);
    int behindAddress = text.indexOf("> ") + "> ".length();
    if (text.startsWith("<") && behindAddress < "> ".length()) {
      return null;
    }
    int start = text.startsWith("<") ? behindAddress : 0;
    int end = text.indexOf(' ', start);
    String target = text.substring(start, end < 0 ? text.length() : end);
    return host(target.substring(target.lastIndexOf('@') + 1));
  }

  private @Nullable HostPort in(String line) {
    try {
      var matcher = pattern.matcher(new BoundedText(line, MAX_LOOKS));
      String found = matcher.find() ? matcher.group(HOST) : null;
      return found == null ? null : host(found);
    } catch (BoundedText.ExhaustedException | StackOverflowError e) {
      return null;
    }
  }

  private static @Nullable HostPort host(String text) {
    HostPort target = HostPort.parse(text);
    return target == null || target.host().isEmpty() ? null : target;
  }

  private static Pattern compiled(String expression) {
    try {
      return Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "it is no regular expression: " + e.getDescription() + " at " + e.getIndex(), e);
    }
  }

  /** A group that is there cannot be defined again. */
  private static boolean namesHost(String expression) {
    try {
      Pattern.compile(expression + "(?<" + HOST + ">)");
      return false;
    } catch (PatternSyntaxException e) {
      return true;
    }
  }
}
