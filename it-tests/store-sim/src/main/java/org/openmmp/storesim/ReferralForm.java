package org.openmmp.storesim;

/** Where in the dialogue a replica refers to the master (rules B3.5 and B4.2). */
public enum ReferralForm {
  /** The login succeeds and its answer refers; refuses where a protocol has no words for that. */
  ACCEPTING,
  /** The login is refused with the referral. */
  REFUSING,
  /** The user's name is refused with it where it comes alone, else the login. */
  NAMING,
  /** The greeting is a refusal with it. */
  GREETING
}
