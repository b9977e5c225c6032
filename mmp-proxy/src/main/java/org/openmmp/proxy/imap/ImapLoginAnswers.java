package org.openmmp.proxy.imap;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;
import org.openmmp.wire.ResponseCode;

/**
 * What a store's words mean (rules B2.5, B3.5, B3.10; RFC 2221, RFC 5530).
 *
 * <p>Reasons name codes and never repeat a store's text about a login: a store may echo what it was
 * sent.
 */
final class ImapLoginAnswers {
  /** RFC 5530: these speak of the store, and another may let the user in. */
  private static final Set<String> TEMPORARY = Set.of("UNAVAILABLE", "SERVERBUG");

  /** RFC 5530: only these say that the credentials are wrong. */
  private static final Set<String> WRONG = Set.of("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED");

  private static final Set<String> KNOWN =
      Set.of(
          "UNAVAILABLE",
          "SERVERBUG",
          "INUSE",
          "LIMIT",
          "AUTHENTICATIONFAILED",
          "AUTHORIZATIONFAILED",
          "EXPIRED",
          "PRIVACYREQUIRED",
          "CONTACTADMIN",
          "NOPERM",
          "OVERQUOTA",
          "CORRUPTION",
          "CANNOT",
          "CLIENTBUG",
          "ALERT");

  private static final String REFERRAL = "REFERRAL";
  private static final String CAPABILITY = "CAPABILITY";

  private ImapLoginAnswers() {}

  /**
   * The tagged response to the login, which is OK, NO or BAD.
   *
   * @param alerts what the user shall read beside it
   * @param untagged what the client hears before it if it is OK, the alerts among it
   */
  static StoreAnswer tagged(ImapResponse response, List<String> alerts, List<String> untagged) {
    return switch (response.word()) {
      case OK -> accepted(response.text(), untagged);
      case NO -> refused(ResponseCode.split(response.text()), alerts);
      // A client's odd octets may provoke a BAD, so the host is not blamed; nor is it a wrong
      // password unless the store says so.
      case BAD -> {
        ResponseCode.Split split = ResponseCode.split(response.text());
        yield answer(
            split.has("AUTHENTICATIONFAILED")
                ? AttemptOutcome.AUTH_REJECTED
                : AttemptOutcome.TEMPORARY_FAILURE,
            "",
            "the store answered BAD" + codes(split));
      }
      case BYE, PREAUTH, CAPABILITY, OTHER ->
          answer(
              AttemptOutcome.PROTOCOL_VIOLATION,
              "",
              "the store's answer is neither OK, NO nor BAD");
    };
  }

  /**
   * A BYE, at the greeting or later.
   *
   * @param otherwise what it means without a referral
   */
  static StoreAnswer bye(ImapResponse response, AttemptOutcome otherwise) {
    ResponseCode.Split split = ResponseCode.split(response.text());
    Referral referral = referral(split, false);
    return referral != null
        ? referred(referral, List.of(), "", "BYE")
        : answer(otherwise, "", "the store said BYE" + codes(split));
  }

  private static StoreAnswer accepted(String said, List<String> untagged) {
    String text = ResponseCode.without(said, REFERRAL);
    String last = "OK " + (text.isBlank() ? "Logged in." : text);
    boolean refers = ResponseCode.isIn(said, REFERRAL);
    Referral referral = refers ? referral(ResponseCode.split(said), true) : null;
    if (referral != null) {
      return referred(referral, untagged, last, "OK");
    }
    String reason =
        refers
            ? "the store accepted the login; its referral cannot be used"
            : "the store accepted the login";
    return new StoreAnswer(AttemptOutcome.ACCEPTED, null, untagged, last, reason);
  }

  private static StoreAnswer refused(ResponseCode.Split split, List<String> alerts) {
    String last =
        "NO " + ResponseCode.split(split.without(REFERRAL)).without(CAPABILITY).stripTrailing();
    Referral referral = referral(split, false);
    if (referral != null) {
      return referred(referral, List.of(), last, "NO");
    }
    if (split.has(REFERRAL)) {
      return answer(AttemptOutcome.TEMPORARY_FAILURE, last, "the store's referral cannot be used");
    }
    String reason = "the store answered NO" + codes(split);
    return new StoreAnswer(meaningOf(split), null, alerts, last, reason);
  }

  /** What a NO without a referral says of the login. */
  private static AttemptOutcome meaningOf(ResponseCode.Split split) {
    // Whoever holds the lock holds it at every host that has the mailbox.
    if (split.has("INUSE")) {
      return AttemptOutcome.MAILBOX_BUSY;
    }
    if (hasOneOf(TEMPORARY, split)) {
      return AttemptOutcome.TEMPORARY_FAILURE;
    }
    // A bare refusal of the login command is a wrong password; a code nobody knows is none.
    boolean bare = split.codes().stream().allMatch(code -> code.name().equals(CAPABILITY));
    return bare || hasOneOf(WRONG, split)
        ? AttemptOutcome.AUTH_REJECTED
        : AttemptOutcome.USER_REFUSED;
  }

  private static boolean hasOneOf(Set<String> names, ResponseCode.Split split) {
    return split.codes().stream().anyMatch(code -> names.contains(code.name()));
  }

  /** The first referral, if it is whole and names a host. */
  private static @Nullable Referral referral(ResponseCode.Split split, boolean loggedIn) {
    ResponseCode code = split.first(REFERRAL);
    Referral to = code != null && code.closed() ? Referral.ofUrl(code.argument(), loggedIn) : null;
    return to == null || to.host().isEmpty() ? null : to;
  }

  private static StoreAnswer referred(
      Referral referral, List<String> untagged, String last, String word) {
    return new StoreAnswer(
        AttemptOutcome.REFERRED,
        referral,
        untagged,
        last,
        "the store referred to " + referral.host() + " with " + word);
  }

  private static StoreAnswer answer(AttemptOutcome outcome, String last, String reason) {
    return new StoreAnswer(outcome, null, List.of(), last, reason);
  }

  private static String codes(ResponseCode.Split split) {
    StringBuilder names = new StringBuilder();
    for (ResponseCode code : split.codes()) {
      if (KNOWN.contains(code.name())) {
        names.append(" [").append(code.name()).append(']');
      }
    }
    boolean unknown = names.isEmpty() && !split.codes().isEmpty();
    return unknown ? " with a code of its own" : names.toString();
  }
}
