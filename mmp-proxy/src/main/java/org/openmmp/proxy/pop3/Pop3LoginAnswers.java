package org.openmmp.proxy.pop3;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;
import org.openmmp.wire.Pop3Referral;
import org.openmmp.wire.ResponseCode;

/**
 * What a store's words mean (rules B2.5, B4.2, B4.3; RFC 2449 section 8.1, RFC 3206).
 *
 * <p>Reasons name codes and never repeat a store's text about a login: a store may echo what it was
 * sent.
 */
final class Pop3LoginAnswers {
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
      if (Pop3Referral.isIn(code)) {
        return referred(code);
      }
    }
    for (ResponseCode code : split.codes()) {
      AttemptOutcome outcome = meaningOf(code);
      if (outcome != null) {
        return answer(outcome, "-ERR " + text, "the store answered -ERR [" + printed(code) + ']');
      }
    }
    // Many a store says no more than this to a wrong password.
    return answer(
        AttemptOutcome.AUTH_REJECTED, "-ERR " + text, "the store answered -ERR without a code");
  }

  /** {@code -ERR} as the greeting. */
  static StoreAnswer refusedGreeting(String text) {
    for (ResponseCode code : ResponseCode.split(text).codes()) {
      if (Pop3Referral.isIn(code)) {
        return referred(code);
      }
    }
    return StoreAnswer.failed(AttemptOutcome.REFUSED_GREETING, "the store greeted with -ERR");
  }

  /**
   * What a code says of a login; null if nothing.
   *
   * <p>SYS speaks of the store, and never of the password, whatever follows. That holds for PERM
   * too: another host may have the mailbox whole, and its user can do nothing about it.
   */
  private static @Nullable AttemptOutcome meaningOf(ResponseCode code) {
    return switch (code.name()) {
      case "AUTH" -> AttemptOutcome.AUTH_REJECTED;
      case "IN-USE", "LOGIN-DELAY" -> AttemptOutcome.MAILBOX_BUSY;
      case "SYS" -> AttemptOutcome.TEMPORARY_FAILURE;
      default -> null;
    };
  }

  private static StoreAnswer referred(ResponseCode code) {
    Pop3Referral to = Pop3Referral.parse(code);
    if (to == null || to.host().isEmpty()) {
      return StoreAnswer.failed(
          AttemptOutcome.TEMPORARY_FAILURE, "the store's referral cannot be used");
    }
    return new StoreAnswer(
        AttemptOutcome.REFERRED,
        new Referral(to.host(), to.port(), to.user(), false),
        List.of(),
        "",
        "the store referred to " + to.host() + " with -ERR");
  }

  private static StoreAnswer answer(AttemptOutcome outcome, String last, String reason) {
    return new StoreAnswer(outcome, null, List.of(), last, reason);
  }

  /** The code as far as it is one of the registered ones. */
  private static String printed(ResponseCode code) {
    String detail = code.argument().toUpperCase(Locale.ROOT);
    boolean known = detail.equals("TEMP") || detail.equals("PERM");
    return code.name().equals("SYS") && known ? "SYS/" + detail : code.name();
  }
}
