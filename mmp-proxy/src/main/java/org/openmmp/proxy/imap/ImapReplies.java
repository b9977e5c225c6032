package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.PreAuthReplies;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.text.SafeText;
import org.openmmp.wire.ResponseCode;

/**
 * The proxy's responses to a client, each with its line end.
 *
 * @param alertText shown to a user whose store is unreachable (rule B3.10); empty for none
 */
record ImapReplies(String alertText) implements PreAuthReplies {
  private static final String AUTHENTICATION_FAILED =
      "NO [AUTHENTICATIONFAILED] Authentication failed.";

  /** The answer to ID (RFC 2971). */
  static final String ID = "* ID (\"name\" \"OpenMMP\")\r\n";

  private static final String NO = "NO ";

  /** Of a store's words in a refusal; a user reads no more. */
  private static final int MAX_WORDS_OCTETS = 1000;

  private static final String UNAVAILABLE =
      "NO [UNAVAILABLE] Your mailbox cannot be reached at the moment. Your password is not the"
          + " cause. Please try again later.";

  static String greeting(String capabilities, String hostName) {
    return "* OK [CAPABILITY " + capabilities + "] " + hostName + " IMAP service is ready.\r\n";
  }

  static String capability(String capabilities) {
    return "* CAPABILITY " + capabilities + "\r\n";
  }

  static String tagged(String tag, String text) {
    return tag + ' ' + text + "\r\n";
  }

  @Override
  public String bad(String tag, String why) {
    return tagged(tag.isEmpty() ? "*" : tag, "BAD " + why);
  }

  @Override
  public String authenticationFailed(String tag) {
    return tagged(tag, AUTHENTICATION_FAILED);
  }

  @Override
  public String privacyRequired(String tag) {
    return tagged(tag, "NO [PRIVACYREQUIRED] Begin TLS first.");
  }

  @Override
  public String noSuchMechanism(String tag) {
    return tagged(tag, "NO [CANNOT] No such mechanism.");
  }

  @Override
  public String nameless(String tag) {
    return tagged(tag, "NO [CANNOT] The message names no user, by whom your mailbox is found.");
  }

  @Override
  public String cancelled(String tag) {
    return tagged(tag, "BAD Authentication cancelled.");
  }

  @Override
  public String proxyLoop(String tag) {
    return tagged(tag, "NO [UNAVAILABLE] Too many proxies stand between you and your mailbox.");
  }

  @Override
  public String challenge(byte[] base64) {
    return "+ " + new String(base64, StandardCharsets.US_ASCII) + "\r\n";
  }

  @Override
  public String beginTls(String tag) {
    return tagged(tag, "OK Begin TLS negotiation now.");
  }

  @Override
  public String loggedOut(String tag) {
    return "* BYE Logging out.\r\n" + tagged(tag, "OK Logged out.");
  }

  /** The answer to a login that failed, after an alert where that helps the user. */
  @Override
  public String refusal(String tag, LoginFailure failure, @Nullable StoreAnswer answer) {
    return switch (failure) {
      case BAD_CREDENTIALS -> rejection(tag, answer);
      case MECHANISM_UNAVAILABLE ->
          tagged(tag, "NO [CANNOT] This mechanism does not serve your account. Use another one.");
      case REFUSED_BY_STORE, NO_STORE_ANSWERED, NO_MASTER ->
          refusedBy(answer, tag, alert(alertText) + tagged(tag, UNAVAILABLE));
      case DIRECTORY_DOWN, USER_UNAVAILABLE, IN_RECOVERY, NO_TRUSTED_STORE ->
          alert(alertText) + tagged(tag, UNAVAILABLE);
      case MAILBOX_BUSY ->
          refusedBy(
              answer,
              tag,
              tagged(
                  tag, "NO [INUSE] Another session holds your mailbox. Please try again later."));
      case OVER_LIMIT ->
          tagged(tag, "NO [LIMIT] Too many connections or logins. Please try again later.");
      case BLOCKED ->
          tagged(tag, "NO [CONTACTADMIN] The administrator has blocked this login for now.");
      case SHUTTING_DOWN ->
          tagged(tag, "NO [UNAVAILABLE] The server is going down. Please try again later.");
    };
  }

  /** The tagged response of a login that succeeded, after the untagged ones. */
  @Override
  public String accepted(String tag, StoreAnswer answer) {
    String last = answer.finalResponse();
    String tagged = tagged(tag, last.isEmpty() ? "OK Logged in." : last);
    if (answer.untagged().isEmpty()) {
      return tagged;
    }
    StringBuilder text = new StringBuilder();
    for (String untagged : answer.untagged()) {
      text.append(untagged).append("\r\n");
    }
    return text.append(tagged).toString();
  }

  @Override
  public String farewell(Farewell why) {
    return switch (why) {
      case IDLE -> "* BYE You took too long to log in.\r\n";
      case PROTOCOL_ABUSE -> "* BYE Too many bad commands, or one that is too long.\r\n";
      case TOO_MANY_FAILURES -> "* BYE Too many failed logins.\r\n";
      case OVER_LIMIT -> "* BYE [LIMIT] Too many connections. Please try again later.\r\n";
      case BLOCKED ->
          "* BYE [CONTACTADMIN] The administrator has blocked your network for now.\r\n";
      case NOT_LISTED -> "* BYE No service for clients of this network.\r\n";
      case KICKED -> "* BYE [UNAVAILABLE] An administrator ended this session.\r\n";
      case DRAINED -> "* BYE [UNAVAILABLE] The store goes out of service. Please log in again.\r\n";
      case STORE_SILENT ->
          "* BYE [UNAVAILABLE] The store does not answer. Please log in again.\r\n";
      case STORE_LOST ->
          "* BYE [UNAVAILABLE] Your mailbox's server has failed. Please log in again.\r\n";
      case SHUTTING_DOWN -> "* BYE [UNAVAILABLE] The server is going down.\r\n";
      case INJECTION -> "* BYE Plain text was waiting behind STARTTLS.\r\n";
      case INTERNAL_ERROR -> "* BYE [SERVERBUG] Internal error.\r\n";
    };
  }

  /**
   * A wrong password is answered in the same words whatever the store said, so that nobody learns
   * who exists. AUTHORIZATIONFAILED is said to one whose password was right (RFC 5530).
   */
  private static String rejection(String tag, @Nullable StoreAnswer answer) {
    String otherwise = tagged(tag, AUTHENTICATION_FAILED);
    boolean told = answer != null && codes(answer).has("AUTHORIZATIONFAILED");
    return told ? refusedBy(answer, tag, otherwise) : otherwise;
  }

  /**
   * The store's refusal in its own words, with the alerts before it; {@code otherwise} if it has no
   * code, without which its words would blame the password.
   */
  private static String refusedBy(@Nullable StoreAnswer answer, String tag, String otherwise) {
    if (answer == null
        || codes(answer).codes().isEmpty()
        || !codes(answer).codes().get(0).closed()) {
      return otherwise;
    }
    StringBuilder text = new StringBuilder();
    for (String alert : answer.untagged()) {
      text.append(SafeText.passedOn(alert, MAX_WORDS_OCTETS)).append("\r\n");
    }
    String words = SafeText.passedOn(answer.finalResponse(), MAX_WORDS_OCTETS);
    return text.append(tagged(tag, words)).toString();
  }

  private static ResponseCode.Split codes(StoreAnswer answer) {
    String words = answer.finalResponse();
    return ResponseCode.split(words.startsWith(NO) ? words.substring(NO.length()) : "");
  }

  private static String alert(String text) {
    if (text.isEmpty()) {
      return "";
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return "* NO [ALERT] " + new String(utf8, StandardCharsets.ISO_8859_1) + "\r\n";
  }
}
