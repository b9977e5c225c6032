package org.openmmp.storesim.mailbox;

import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One user's mailboxes by name; levels are separated by a slash, and INBOX is always there. */
public final class UserMailboxes {
  /** Separates the levels of a name. */
  public static final char SEPARATOR = '/';

  private static final String INBOX = "INBOX";

  private final NavigableMap<String, Mailbox> mailboxes = new TreeMap<>();
  private final Set<String> subscriptions = new TreeSet<>();
  private final AtomicLong uidValidities;
  private final Runnable logRecord;

  UserMailboxes(AtomicLong uidValidities, Runnable logRecord) {
    this.uidValidities = uidValidities;
    this.logRecord = logRecord;
    mailboxes.put(INBOX, empty());
    subscriptions.add(INBOX);
  }

  /** The mailbox that always exists. */
  public synchronized Mailbox inbox() {
    Mailbox inbox = mailboxes.get(INBOX);
    if (inbox == null) {
      throw new IllegalStateException("INBOX is never deleted");
    }
    return inbox;
  }

  /** The mailbox of that name, or null. */
  public synchronized @Nullable Mailbox find(String name) {
    return mailboxes.get(canonical(name));
  }

  /** The names, in order. */
  public synchronized List<String> names() {
    return List.copyOf(mailboxes.keySet());
  }

  /** The subscribed names, whether such mailboxes exist or not. */
  public synchronized List<String> subscriptions() {
    return List.copyOf(subscriptions);
  }

  /** Subscribes or unsubscribes. */
  public synchronized void subscribe(String name, boolean wanted) {
    if (wanted) {
      subscriptions.add(canonical(name));
    } else {
      subscriptions.remove(canonical(name));
    }
    logRecord.run();
  }

  /** Creates a mailbox and those above it; false if it exists or the name cannot be one. */
  public synchronized boolean create(String name) {
    String wanted = canonical(stripSeparator(name));
    if (wanted.isEmpty() || mailboxes.containsKey(wanted)) {
      return false;
    }
    int level = wanted.indexOf(SEPARATOR);
    while (level > 0) {
      mailboxes.computeIfAbsent(wanted.substring(0, level), any -> empty());
      level = wanted.indexOf(SEPARATOR, level + 1);
    }
    mailboxes.put(wanted, empty());
    logRecord.run();
    return true;
  }

  /** Deletes a mailbox; false if there is none, or it is INBOX. */
  public synchronized boolean delete(String name) {
    String wanted = canonical(name);
    boolean deleted = !wanted.equals(INBOX) && mailboxes.remove(wanted) != null;
    if (deleted) {
      logRecord.run();
    }
    return deleted;
  }

  /** Renames a mailbox and those under it; false if it is not there, or the new name is taken. */
  public synchronized boolean rename(String from, String to) {
    String old = canonical(from);
    String wanted = canonical(stripSeparator(to));
    if (old.equals(INBOX)
        || !mailboxes.containsKey(old)
        || mailboxes.containsKey(wanted)
        || wanted.startsWith(old + SEPARATOR)) {
      return false;
    }
    for (String name : names()) {
      Mailbox moved = isWithin(name, old) ? mailboxes.remove(name) : null;
      if (moved != null) {
        mailboxes.put(wanted + name.substring(old.length()), moved);
      }
    }
    logRecord.run();
    return true;
  }

  private static boolean isWithin(String name, String top) {
    return name.equals(top) || name.startsWith(top + SEPARATOR);
  }

  private static String stripSeparator(String name) {
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  /** INBOX is one name in any case (RFC 3501 section 5.1). */
  private static String canonical(String name) {
    return name.equalsIgnoreCase(INBOX) ? INBOX : name;
  }

  private Mailbox empty() {
    return new Mailbox(uidValidities.incrementAndGet(), logRecord);
  }
}
