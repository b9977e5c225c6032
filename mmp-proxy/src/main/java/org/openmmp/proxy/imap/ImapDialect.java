package org.openmmp.proxy.imap;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * In which dialect of IMAP a store speaks to its client: what was switched on, by ENABLE or by what
 * implies it, and what of that another store can be told as well.
 */
final class ImapDialect {
  private static final String CONDSTORE = "CONDSTORE";
  private static final String QRESYNC = "QRESYNC";
  private static final String REV2 = "IMAP4REV2";

  /** Extensions under which the name of a mailbox is UTF-8 (RFC 6855, RFC 9051). */
  private static final List<String> OF_NAMES = List.of("UTF8=ACCEPT", REV2);

  /** Extensions that are switched on for good, and can be switched on again elsewhere. */
  private static final Set<String> REPEATABLE = Set.of(CONDSTORE, QRESYNC, "UTF8=ACCEPT", REV2);

  /** What was switched on, with spaces between. */
  private String enabled = "";

  private boolean condstore;

  /** The tag of a command that would switch CONDSTORE on if it succeeded, hashed; 0 for none. */
  private long enablingTag;

  /**
   * That extension is switched on.
   *
   * @return whether it can be switched on elsewhere
   */
  boolean enable(String extension) {
    if (!REPEATABLE.contains(extension)) {
      return false;
    }
    if (!has(extension)) {
      enabled = enabled.isEmpty() ? extension : (enabled + " " + extension).intern();
      condstore |= extension.equals(CONDSTORE) || extension.equals(QRESYNC);
    }
    return true;
  }

  private boolean has(String extension) {
    return List.of(enabled.split(" ", -1)).contains(extension);
  }

  /** RFC 7162 section 3.1: more than ENABLE switches CONDSTORE on, if it succeeds. */
  void mayEnable(boolean would, long tag) {
    if (would && enablingTag == 0 && !condstore) {
      enablingTag = tag;
    }
  }

  /**
   * A command has ended.
   *
   * @return whether that leaves it open if CONDSTORE is on
   */
  boolean ended(long tag, boolean done) {
    if (tag != enablingTag) {
      return false;
    }
    enablingTag = 0;
    if (done) {
      enable(CONDSTORE);
    }
    return !condstore;
  }

  /** What was switched on, with spaces between. */
  String enabled() {
    return enabled;
  }

  boolean hasCondstore() {
    return condstore;
  }

  boolean hasQresync() {
    return has(QRESYNC);
  }

  /** Whether UIDs stand in each FETCH response that nobody asked for. */
  boolean wantsUids() {
    return has(QRESYNC) || has(REV2);
  }

  /** Whether the names of mailboxes are UTF-8. */
  boolean namesUnicode() {
    return OF_NAMES.stream().anyMatch(this::has);
  }

  /** What has to be switched on for that mailbox to have its name, with spaces between. */
  String ofName(ImapSelection mailbox) {
    return mailbox.nameIsOfDialect
        ? OF_NAMES.stream().filter(this::has).collect(Collectors.joining(" "))
        : "";
  }
}
