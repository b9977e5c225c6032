package org.openmmp.directory;

import java.util.ArrayList;
import java.util.List;

/**
 * The local part of a recipient's address, taken apart: the mailbox, which the directory knows, and
 * the detail behind it, which only the store does (rule B5.2).
 *
 * @param mailbox not empty unless the local part is
 * @param detail from its delimiter on; empty if there is none
 */
public record LocalPart(String mailbox, String detail) {
  /**
   * All that the directory is asked for, the likeliest first: the whole local part, which may be a
   * mailbox with a delimiter in its name, then those with a detail. However many delimiters a
   * stranger writes, these are four at the most: the whole, the two longest, and the shortest (rule
   * B5.11).
   */
  public static List<LocalPart> forms(String text, String delimiters) {
    List<LocalPart> details = new ArrayList<>();
    for (int i = text.length() - 1; i > 0; i--) {
      if (delimiters.indexOf(text.charAt(i)) >= 0) {
        details.add(new LocalPart(text.substring(0, i), text.substring(i)));
      }
    }
    List<LocalPart> forms = new ArrayList<>();
    forms.add(new LocalPart(text, ""));
    int most = LookupRequest.MOST_FORMS - 1;
    if (details.size() <= most) {
      forms.addAll(details);
    } else {
      forms.addAll(details.subList(0, most - 1));
      forms.add(details.get(details.size() - 1));
    }
    return forms;
  }

  /** The mailbox' address; without a domain it is the mailbox alone. */
  public String mailboxAt(String domain) {
    return domain.isEmpty() ? mailbox : mailbox + '@' + domain;
  }
}
