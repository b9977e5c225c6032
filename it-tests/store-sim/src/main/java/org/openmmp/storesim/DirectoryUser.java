package org.openmmp.storesim;

/**
 * A mail user for the {@link EmbeddedDirectory}.
 *
 * @param uid the local part of the user's name
 * @param domain the domain, which is added if it is not there
 * @param password {@code userPassword} in the clear; never printed
 * @param mailHost host or group; empty: the entry has none
 */
public record DirectoryUser(String uid, String domain, String password, String mailHost) {
  /** The user's whole name, which is {@code mail} too. */
  public String login() {
    return uid + "@" + domain;
  }

  @Override
  public String toString() {
    return login() + " at " + mailHost;
  }
}
