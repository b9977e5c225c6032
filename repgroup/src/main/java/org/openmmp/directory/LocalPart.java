package org.openmmp.directory;

/**
 * The local part of a recipient's address, taken apart: the mailbox, which the directory knows, and
 * the detail behind it, which only the store does (rule B5.2).
 *
 * @param mailbox not empty unless the local part is
 * @param detail from its delimiter on; empty if there is none
 */
public record LocalPart(String mailbox, String detail) {
  /**
   * Takes a local part apart at its first delimiter; one at the very begin is part of the mailbox.
   *
   * @param delimiters characters, any of which begins the detail; empty: there are no details
   */
  public static LocalPart of(String text, String delimiters) {
    for (int i = 1; i < text.length(); i++) {
      if (delimiters.indexOf(text.charAt(i)) >= 0) {
        return new LocalPart(text.substring(0, i), text.substring(i));
      }
    }
    return new LocalPart(text, "");
  }

  /** The mailbox' address; without a domain it is the mailbox alone. */
  public String mailboxAt(String domain) {
    return domain.isEmpty() ? mailbox : mailbox + '@' + domain;
  }
}
