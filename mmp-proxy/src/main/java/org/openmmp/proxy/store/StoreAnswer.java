package org.openmmp.proxy.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;

/**
 * What one store said to one login.
 *
 * @param outcome {@link AttemptOutcome#REFERRED} exactly if {@code referral} is there
 * @param referral the referral, not yet judged
 * @param untagged responses, each a line without its end, that the client must see before the final
 *     one; octets as ISO-8859-1; none where the protocol has no such responses
 * @param finalResponse the store's last word without line end, and without a tag where the protocol
 *     has tags, such as {@code OK [CAPABILITY …] Logged in} or {@code +OK Logged in.}, free of any
 *     referral; empty if the store gave none
 * @param reason one sentence for log and explain; no secret, safe to print
 * @param lacksMechanism whether the store was not even told the credentials, for it cannot take
 *     them in the form that they came in
 * @param refusesAdministrator whether it was our own credentials that it refused (rule B3.10)
 */
public record StoreAnswer(
    AttemptOutcome outcome,
    @Nullable Referral referral,
    List<String> untagged,
    String finalResponse,
    String reason,
    boolean lacksMechanism,
    boolean refusesAdministrator) {

  /** Copies the responses. */
  public StoreAnswer {
    untagged = List.copyOf(untagged);
  }

  /** What a store said. */
  public StoreAnswer(
      AttemptOutcome outcome,
      @Nullable Referral referral,
      List<String> untagged,
      String finalResponse,
      String reason) {
    this(outcome, referral, untagged, finalResponse, reason, false, false);
  }

  /** The store cannot take the credentials in their form; another one may. */
  public static StoreAnswer lackingMechanism(String reason) {
    return new StoreAnswer(
        AttemptOutcome.TEMPORARY_FAILURE, null, List.of(), "", reason, true, false);
  }

  /**
   * The store does not take the administrator that we log users in by: our trouble, not theirs.
   *
   * @param said what it answered
   */
  static StoreAnswer refusingAdministrator(String said) {
    return new StoreAnswer(
        AttemptOutcome.TEMPORARY_FAILURE,
        null,
        List.of(),
        "",
        "the store refused imapadmin: " + said,
        false,
        true);
  }

  /** Whether the store said it in words. */
  public boolean worded() {
    return !finalResponse.isEmpty();
  }

  /** An answer that the store did not give in words. */
  public static StoreAnswer failed(AttemptOutcome outcome, String reason) {
    return new StoreAnswer(outcome, null, List.of(), "", reason);
  }
}
