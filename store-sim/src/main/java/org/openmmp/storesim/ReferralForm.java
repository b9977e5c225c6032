package org.openmmp.storesim;

/** How a replica refers to the master (rule B3.5). */
public enum ReferralForm {
  /** The login succeeds, and its answer carries the referral. */
  OK,
  /** The login is refused with the referral. */
  NO,
  /** The greeting is a refusal with the referral. */
  BYE
}
