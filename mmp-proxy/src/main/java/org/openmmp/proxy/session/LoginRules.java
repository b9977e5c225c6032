package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupResult;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.Mechanism;

/**
 * What decides about one login before and after its search: the bounds of names and secrets, what
 * the directory says of a user, and what a store's answer means. Pure functions.
 */
final class LoginRules {
  /** SCRAM has two: the server's first message, and its last where success carries no data. */
  static final int MOST_CHALLENGES = 2;

  private static final int MOST_NAME_OCTETS = 255;

  /** Of a token, or of the first message of an exchange. */
  private static final int MOST_TOKEN_OCTETS = 12_288;

  private LoginRules() {}

  /**
   * Why nobody need be asked: no name and no secret is that long (rule B3.15); null if not so.
   *
   * @param mostPasswordOctets the longest password
   */
  static @Nullable LoginRefusal unfit(Credentials credentials, int mostPasswordOctets) {
    if (tooLong(credentials.authcid()) || tooLong(credentials.authzid())) {
      return wrong("the name has more than " + MOST_NAME_OCTETS + " octets");
    }
    int mostSecret =
        credentials.mechanism().proof() == Mechanism.Proof.PASSWORD
            ? mostPasswordOctets
            : MOST_TOKEN_OCTETS;
    return credentials.secret().length() > mostSecret
        ? wrong("the secret has more than " + mostSecret + " octets")
        : null;
  }

  private static boolean tooLong(String name) {
    return name.length() > MOST_NAME_OCTETS || name.getBytes(UTF_8).length > MOST_NAME_OCTETS;
  }

  /** Why the user that was looked up cannot log in; null if it was found. */
  static @Nullable LoginRefusal ofUser(LookupResult user) {
    return switch (user.kind()) {
      case FOUND -> null;
      case NO_SUCH_USER, DISABLED, DELETED, NOT_ALLOWED -> wrong(user.reason());
      case INACTIVE, NO_MAIL_HOST, AMBIGUOUS, BAD_ENTRY, DIRECTORY_DOWN -> unavailable(user);
    };
  }

  /**
   * Why the directory cannot check the password of who authenticates for somebody else; null if it
   * can: an administrator need have no mailbox, but has to have an entry.
   */
  static @Nullable LoginRefusal ofWhoAuthenticates(LookupResult who) {
    return switch (who.kind()) {
      case FOUND, NO_MAIL_HOST -> null;
      case NO_SUCH_USER, DISABLED, DELETED, NOT_ALLOWED ->
          wrong("the directory has to check the password of who authenticates: " + who.reason());
      case INACTIVE, AMBIGUOUS, BAD_ENTRY, DIRECTORY_DOWN -> unavailable(who);
    };
  }

  private static LoginRefusal unavailable(LookupResult found) {
    return new LoginRefusal(
        found.kind() == LookupResult.Kind.DIRECTORY_DOWN
            ? LoginFailure.DIRECTORY_DOWN
            : LoginFailure.USER_UNAVAILABLE,
        found.reason());
  }

  /**
   * Why this user cannot log in by the mechanism; null if that is possible.
   *
   * @param preAuthenticates whether the directory checks the password
   * @param wanted the authorization identity in its one spelling; empty if there is none
   */
  static @Nullable LoginRefusal ofMechanism(
      Credentials credentials, LookupResult user, boolean preAuthenticates, String wanted) {
    return switch (credentials.mechanism().proof()) {
      case PASSWORD, TOKEN -> null;
      case CERTIFICATE ->
          wanted.isEmpty() || wanted.equals(user.login())
              ? null
              : wrong("the client wants to be another than its certificate's owner");
      case EXCHANGE -> {
        if (preAuthenticates) {
          yield noExchange(credentials, "whose password the directory has to see first");
        }
        // The name is part of the proof, so that no other can be replayed (RFC 5802 section 3).
        yield user.storeName().equals(credentials.loginName())
            ? null
            : noExchange(credentials, "whose name at the store is not the one that was typed");
      }
    };
  }

  private static LoginRefusal noExchange(Credentials credentials, String ofWhom) {
    return new LoginRefusal(
        LoginFailure.MECHANISM_UNAVAILABLE,
        credentials.mechanism().saslName() + " cannot serve a user " + ofWhom);
  }

  /** Whether a refusal may come of an old answer of the directory (rule B1.10). */
  static boolean mayComeOfOldAnswer(LoginRefusal refusal) {
    return refusal.failure() == LoginFailure.BAD_CREDENTIALS
        || refusal.failure() == LoginFailure.REFUSED_BY_STORE;
  }

  /**
   * What a refusal is after the directory was asked again.
   *
   * @return null if the user is to be tried anew by the new answer
   */
  static @Nullable LoginRefusal confirmed(
      LoginRefusal refusal, Credentials credentials, LookupResult before, LookupResult now) {
    if (now.kind() == LookupResult.Kind.DIRECTORY_DOWN || now.leadsWhere(before)) {
      return refusal;
    }
    return credentials.mechanism().proof() == Mechanism.Proof.EXCHANGE
        ? new LoginRefusal(
            LoginFailure.NO_STORE_ANSWERED,
            "the mailbox has moved, and what the client said was for its former store")
        : null;
  }

  /** What a store's answer ends a login with; null if other hosts may be tried, or it let in. */
  static @Nullable LoginRefusal ofStore(AttemptOutcome outcome, StoreAnswer answer) {
    return switch (outcome) {
      case AUTH_REJECTED -> inItsWords(LoginFailure.BAD_CREDENTIALS, answer);
      case MAILBOX_BUSY -> inItsWords(LoginFailure.MAILBOX_BUSY, answer);
      case USER_REFUSED -> inItsWords(LoginFailure.REFUSED_BY_STORE, answer);
      case ABANDONED, GREETED -> new LoginRefusal(LoginFailure.NO_STORE_ANSWERED, answer.reason());
      case ACCEPTED,
          REFERRED,
          UNRESOLVED,
          CONNECTION_REFUSED,
          UNREACHABLE,
          NETWORK_UNREACHABLE,
          TLS_FAILED,
          REFUSED_GREETING,
          TEMPORARY_FAILURE,
          MAILBOXES_LOST,
          PROTOCOL_VIOLATION,
          LEFT ->
          null;
    };
  }

  /**
   * What is told in place of a wrong password, which may be a mailbox that is not there yet (rule
   * B2.27).
   *
   * @param restored what is in recovery; empty if nothing is
   */
  static LoginRefusal duringRecovery(LoginRefusal refusal, String restored) {
    return refusal.failure() != LoginFailure.BAD_CREDENTIALS || restored.isEmpty()
        ? refusal
        : new LoginRefusal(
            LoginFailure.IN_RECOVERY,
            refusal.reason() + "; told as temporary, for " + restored + " is in recovery");
  }

  private static LoginRefusal inItsWords(LoginFailure failure, StoreAnswer answer) {
    return new LoginRefusal(failure, answer, answer.reason());
  }

  static LoginRefusal wrong(String reason) {
    return new LoginRefusal(LoginFailure.BAD_CREDENTIALS, reason);
  }
}
