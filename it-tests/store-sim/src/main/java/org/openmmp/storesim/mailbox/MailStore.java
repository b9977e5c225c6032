package org.openmmp.storesim.mailbox;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** All mail of one group, and the count of changes to it, which stands for its log. */
public final class MailStore {
  private static final long FIRST_UID_VALIDITY = 1_700_000_000L;

  private final Map<String, UserMailboxes> users = new ConcurrentHashMap<>();
  private final AtomicLong uidValidities = new AtomicLong(FIRST_UID_VALIDITY);
  private final AtomicLong records = new AtomicLong();

  /** A user's mailboxes, made when first asked for; names are compared without case. */
  public UserMailboxes of(String user) {
    return users.computeIfAbsent(
        user.toLowerCase(Locale.ROOT),
        any -> new UserMailboxes(uidValidities, records::incrementAndGet));
  }

  /** How many changes were ever written. */
  public long records() {
    return records.get();
  }
}
