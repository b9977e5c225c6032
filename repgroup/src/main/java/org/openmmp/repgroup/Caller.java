package org.openmmp.repgroup;

/**
 * Who walks, as far as the policy may know it.
 *
 * @param name a keyed hash of the login name; 0: none, as for a delivery
 * @param proven whether this name was let in with this very credential within the memory of such
 *     logins: only what such a login meets may become a verdict on a host (rule B2.17)
 * @param known whether the credential was accepted before, or the name from this network (rule
 *     B2.10)
 * @param network the client's network, among which the places at a store are shared out that no
 *     known login has; empty if there is none, or the login is known
 */
public record Caller(long name, boolean proven, boolean known, String network) {
  /** Nobody in particular: no name, no proof. */
  public static final Caller UNKNOWN = new Caller(0, false, false, "");
}
