package org.openmmp.proxy.pop3;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;
import org.openmmp.wire.ResponseCode;

/**
 * What a store's words mean (rules B2.5, B4.2, B4.3; RFC 2449 section 8.1, RFC 3206).
 *
 * <p>Reasons name codes and never repeat a store's text about a login: a store may echo what it was
 * sent.
 */
final class Pop3LoginAnswers {
  private static final Set<String> KNOWN = Set.of("AUTH", "IN-USE", "LOGIN-DELAY", "SYS", "ALERT");

  private Pop3LoginAnswers() {}

  /** The last {@code +OK}. */
  static StoreAnswer accepted(String text) {
    return new StoreAnswer(
        AttemptOutcome.ACCEPTED,
        null,
        List.of(),
        text.isBlank() ? "" : "+OK " + text,
        "the store accepted the login");
  }

  /** {@code -ERR} as the answer to USER, PASS or AUTH. */
  static StoreAnswer refused(String text) {
    ResponseCode.Split split = ResponseCode.split(text);
    for (ResponseCode code : split.codes()) {
      if (Referral.isIn(code)) {
        return referred(code);
      }
    }
    if (split.codes().isEmpty()) {
      // Many a store says no more than this to a wrong password.
      return answer(
          AttemptOutcome.AUTH_REJECTED, "-ERR " + text, "the store answered -ERR without a code");
    }
    ResponseCode telling = split.codes().get(0);
    for (ResponseCode code : split.codes()) {
      if (meaningOf(telling) == AttemptOutcome.USER_REFUSED) {
        telling = code;
      }
    }
    return answer(
        meaningOf(telling), "-ERR " + text, "the store answered -ERR [" + printed(telling) + ']');
  }

  /** {@code -ERR} as the greeting. */
  static StoreAnswer refusedGreeting(String text) {
    for (ResponseCode code : ResponseCode.split(text).codes()) {
      if (Referral.isIn(code)) {
        return referred(code);
      }
    }
    return StoreAnswer.failed(AttemptOutcome.REFUSED_GREETING, "the store greeted with -ERR");
  }

  /**
   * What a code says of a login (rule B3.10). SYS never speaks of the password, whatever follows;
   * SYS/PERM is about this user's mailbox, which somebody has to mend or to allow, so that no other
   * host is asked. A code that nobody knows is no wrong password.
   */
  private static AttemptOutcome meaningOf(ResponseCode code) {
    return switch (code.name()) {
      case "AUTH" -> AttemptOutcome.AUTH_REJECTED;
      case "IN-USE", "LOGIN-DELAY" -> AttemptOutcome.MAILBOX_BUSY;
      case "SYS" ->
          isSys(code, "PERM") ? AttemptOutcome.USER_REFUSED : AttemptOutcome.TEMPORARY_FAILURE;
      default -> AttemptOutcome.USER_REFUSED;
    };
  }

  private static StoreAnswer referred(ResponseCode code) {
    Referral to = Referral.ofCode(code);
    if (to == null || to.host().isEmpty()) {
      return StoreAnswer.failed(
          AttemptOutcome.TEMPORARY_FAILURE, "the store's referral cannot be used");
    }
    return new StoreAnswer(
        AttemptOutcome.REFERRED,
        to,
        List.of(),
        "",
        "the store referred to " + to.host() + " with -ERR");
  }

  private static StoreAnswer answer(AttemptOutcome outcome, String last, String reason) {
    return new StoreAnswer(outcome, null, List.of(), last, reason);
  }

  /** The code as far as it is one of the registered ones. */
  private static String printed(ResponseCode code) {
    if (isSys(code, "TEMP") || isSys(code, "PERM")) {
      return "SYS/" + code.argument().toUpperCase(Locale.ROOT);
    }
    return KNOWN.contains(code.name()) ? code.name() : "a code of its own";
  }

  private static boolean isSys(ResponseCode code, String detail) {
    return code.name().equals("SYS") && code.argument().equalsIgnoreCase(detail);
  }
}
