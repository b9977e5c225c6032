package org.openmmp.storesim.mailbox;

import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongPredicate;

/** The messages of one mailbox; readers take a snapshot, and listeners hear of every change. */
public final class Mailbox {
  private final long uidValidity;
  private final Runnable logRecord;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile List<StoredMessage> messages = List.of();
  private volatile long uidNext = 1;

  Mailbox(long uidValidity, Runnable logRecord) {
    this.uidValidity = uidValidity;
    this.logRecord = logRecord;
  }

  /** Never the same for two mailboxes of one name. */
  public long uidValidity() {
    return uidValidity;
  }

  /** The UID that the next message gets. */
  public long uidNext() {
    return uidNext;
  }

  /** The messages now, ascending by UID; the list does not change. */
  public List<StoredMessage> messages() {
    return messages;
  }

  /**
   * Adds a message.
   *
   * @param octets taken over: the caller changes them no more
   * @return its UID
   */
  public long append(Collection<String> flags, OffsetDateTime internalDate, byte[] octets) {
    return add(new StoredMessage(0, flags, internalDate, octets));
  }

  /** Adds a copy of a message of another mailbox; returns its UID. */
  public long add(StoredMessage message) {
    long uid;
    synchronized (this) {
      uid = uidNext++;
      List<StoredMessage> next = new ArrayList<>(messages);
      next.add(message.withUid(uid));
      messages = List.copyOf(next);
    }
    changed();
    return uid;
  }

  /** Changes the flags of the messages of these UIDs; those that are gone are passed over. */
  public void changeFlags(Set<Long> uids, FlagChange change, Collection<String> flags) {
    synchronized (this) {
      List<StoredMessage> next = new ArrayList<>();
      for (StoredMessage each : messages) {
        next.add(
            uids.contains(each.uid()) ? each.withFlags(change.apply(each.flags(), flags)) : each);
      }
      messages = List.copyOf(next);
    }
    changed();
  }

  /** Removes the messages of these UIDs that have {@code \Deleted}. */
  public void expunge(LongPredicate uids) {
    synchronized (this) {
      messages =
          messages.stream()
              .filter(each -> !(uids.test(each.uid()) && each.flags().contains("\\Deleted")))
              .toList();
    }
    changed();
  }

  /** Removes the messages of these UIDs, whatever their flags. */
  public void remove(LongPredicate uids) {
    synchronized (this) {
      messages = messages.stream().filter(each -> !uids.test(each.uid())).toList();
    }
    changed();
  }

  /** Has a listener called after every change, on the thread that made it. */
  public void addListener(Runnable listener) {
    listeners.add(listener);
  }

  /** Ends {@link #addListener}. */
  public void removeListener(Runnable listener) {
    listeners.remove(listener);
  }

  private void changed() {
    logRecord.run();
    listeners.forEach(Runnable::run);
  }
}
