package org.openmmp.storesim;

import java.time.Duration;

/**
 * How one node behaves towards those who connect.
 *
 * @param fault how it misbehaves
 * @param greetingDelay time before the greeting, not negative
 * @param loginDelay time between a login and its answer, not negative
 * @param referralForm how it refers, if it does
 * @param verbatimReferral what it refers everybody to, whatever its role, in the words of the
 *     protocol: a URL in IMAP, a response code in POP3; empty: replicas refer to the master
 * @param portInReferral whether a referral to the master names the master's port
 */
public record NodeBehaviour(
    Fault fault,
    Duration greetingDelay,
    Duration loginDelay,
    ReferralForm referralForm,
    String verbatimReferral,
    boolean portInReferral) {

  private static final NodeBehaviour HEALTHY =
      new NodeBehaviour(
          Fault.NONE, Duration.ZERO, Duration.ZERO, ReferralForm.ACCEPTING, "", false);

  /** Without fault or delay; a replica accepts logins and refers. */
  public static NodeBehaviour healthy() {
    return HEALTHY;
  }

  /** Healthy but for one fault. */
  public static NodeBehaviour failing(Fault fault) {
    return HEALTHY.with(fault);
  }

  /** The same with another fault. */
  public NodeBehaviour with(Fault other) {
    return new NodeBehaviour(
        other, greetingDelay, loginDelay, referralForm, verbatimReferral, portInReferral);
  }

  /** The same, greeting after a delay. */
  public NodeBehaviour greetingAfter(Duration delay) {
    return new NodeBehaviour(
        fault, delay, loginDelay, referralForm, verbatimReferral, portInReferral);
  }

  /** The same, answering logins after a delay. */
  public NodeBehaviour slow(Duration delay) {
    return new NodeBehaviour(
        fault, greetingDelay, delay, referralForm, verbatimReferral, portInReferral);
  }

  /** The same with another form of referral. */
  public NodeBehaviour referringBy(ReferralForm form) {
    return new NodeBehaviour(
        fault, greetingDelay, loginDelay, form, verbatimReferral, portInReferral);
  }

  /** The same, referring everybody in these words, right or wrong. */
  public NodeBehaviour referringTo(String words) {
    return new NodeBehaviour(fault, greetingDelay, loginDelay, referralForm, words, portInReferral);
  }

  /** The same, naming the master's port in referrals. */
  public NodeBehaviour namingPort() {
    return new NodeBehaviour(
        fault, greetingDelay, loginDelay, referralForm, verbatimReferral, true);
  }
}
