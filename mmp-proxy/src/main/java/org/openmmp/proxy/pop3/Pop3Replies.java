package org.openmmp.proxy.pop3;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.PreAuthReplies;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.text.SafeText;
import org.openmmp.wire.ResponseCode;

/**
 * The proxy's replies to a client, each with its line end (RFC 2449 section 8, RFC 3206). POP3 has
 * no tags.
 */
final class Pop3Replies implements PreAuthReplies {
  /** Of one reply before its line end (RFC 1939 section 3: 512 octets with it). */
  private static final int MAX_REPLY_OCTETS = 510;

  private static final String ERR = "-ERR ";

  /** Without a code: AUTH would blame the password, and SYS the server (RFC 3206). */
  private static final String AUTHENTICATION_FAILED = "-ERR [AUTH] Authentication failed.\r\n";

  private static final String UNAVAILABLE =
      "-ERR [SYS/TEMP] Your mailbox cannot be reached at the moment. Your password is not the"
          + " cause. Please try again later.\r\n";

  /**
   * The greeting.
   *
   * @param takesClaims whether XCLIENT is taken, which Dovecot looks for here when it is in front
   */
  static String greeting(String hostName, boolean takesClaims) {
    return ok((takesClaims ? "[XCLIENT] " : "") + hostName + " POP3 service is ready.");
  }

  static String ok(String text) {
    return "+OK " + text + "\r\n";
  }

  /** A reply of several lines, each given with its end (RFC 1939 section 3). */
  static String list(String text, String lines) {
    return ok(text) + lines + ".\r\n";
  }

  @Override
  public String bad(String tag, String why) {
    return "-ERR " + why + "\r\n";
  }

  @Override
  public String authenticationFailed(String tag) {
    return AUTHENTICATION_FAILED;
  }

  @Override
  public String privacyRequired(String tag) {
    return "-ERR Begin TLS first.\r\n";
  }

  @Override
  public String noSuchMechanism(String tag) {
    return "-ERR No such mechanism.\r\n";
  }

  /** No code says so: AUTH would blame the token. */
  @Override
  public String nameless(String tag) {
    return "-ERR The message names no user, by whom your mailbox is found.\r\n";
  }

  @Override
  public String cancelled(String tag) {
    return "-ERR Authentication cancelled.\r\n";
  }

  @Override
  public String proxyLoop(String tag) {
    return "-ERR [SYS/TEMP] Too many proxies stand between you and your mailbox.\r\n";
  }

  @Override
  public String challenge(byte[] base64) {
    return "+ " + new String(base64, StandardCharsets.US_ASCII) + "\r\n";
  }

  @Override
  public String beginTls(String tag) {
    return ok("Begin TLS negotiation now.");
  }

  @Override
  public String loggedOut(String tag) {
    return ok("Goodbye.");
  }

  @Override
  public String refusal(String tag, LoginFailure failure, @Nullable StoreAnswer answer) {
    return switch (failure) {
      case BAD_CREDENTIALS -> AUTHENTICATION_FAILED;
      case MAILBOX_BUSY ->
          refusedBy(answer, "-ERR [IN-USE] Another session holds your mailbox.\r\n");
      // No code says so: AUTH would blame the password.
      case MECHANISM_UNAVAILABLE ->
          "-ERR This mechanism does not serve your account. Use another one.\r\n";
      case REFUSED_BY_STORE, NO_STORE_ANSWERED, NO_MASTER -> refusedBy(answer, UNAVAILABLE);
      case DIRECTORY_DOWN, USER_UNAVAILABLE, IN_RECOVERY, NO_TRUSTED_STORE -> UNAVAILABLE;
      case OVER_LIMIT ->
          "-ERR [SYS/TEMP] Too many connections or logins. Please try again later.\r\n";
      case BLOCKED -> "-ERR [SYS/TEMP] The administrator has blocked this login for now.\r\n";
      case SHUTTING_DOWN -> "-ERR [SYS/TEMP] The server is going down. Please try again later.\r\n";
    };
  }

  @Override
  public String accepted(String tag, StoreAnswer answer) {
    String last = answer.finalResponse();
    return last.isEmpty() ? ok("Logged in.") : passedOn(last);
  }

  /** A store's refusal in its own words; without a code they would blame the password. */
  private static String refusedBy(@Nullable StoreAnswer answer, String otherwise) {
    String words = answer == null ? "" : answer.finalResponse();
    List<ResponseCode> codes =
        ResponseCode.split(words.startsWith(ERR) ? words.substring(ERR.length()) : "").codes();
    return codes.isEmpty() || !codes.get(0).closed() ? otherwise : passedOn(words);
  }

  private static String passedOn(String reply) {
    return SafeText.passedOn(reply, MAX_REPLY_OCTETS) + "\r\n";
  }

  /** RFC 1939 section 3: a client that was silent for too long is not told so. */
  @Override
  public String farewell(Farewell why) {
    return switch (why) {
      case IDLE -> "";
      case PROTOCOL_ABUSE -> "-ERR Too many bad commands, or one that is too long.\r\n";
      case TOO_MANY_FAILURES -> "-ERR Too many failed logins.\r\n";
      case OVER_LIMIT -> "-ERR [SYS/TEMP] Too many connections. Please try again later.\r\n";
      case BLOCKED -> "-ERR [SYS/TEMP] The administrator has blocked your network for now.\r\n";
      case NOT_LISTED -> "-ERR No service for clients of this network.\r\n";
      case KICKED -> "-ERR [SYS/TEMP] An administrator ended this session.\r\n";
      case DRAINED -> "-ERR [SYS/TEMP] The store goes out of service. Please log in again.\r\n";
      case STORE_SILENT -> "-ERR [SYS/TEMP] The store does not answer. Please log in again.\r\n";
      case STORE_LOST ->
          "-ERR [SYS/TEMP] Your mailbox's server has failed. Please log in again.\r\n";
      case SHUTTING_DOWN -> "-ERR [SYS/TEMP] The server is going down.\r\n";
      case INJECTION -> "-ERR Plain text was waiting behind STLS.\r\n";
      case INTERNAL_ERROR -> "-ERR [SYS/TEMP] Internal error.\r\n";
    };
  }
}
