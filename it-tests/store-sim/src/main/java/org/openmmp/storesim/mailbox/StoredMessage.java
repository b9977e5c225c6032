package org.openmmp.storesim.mailbox;

import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/** One message in one mailbox at one moment; immutable. */
public final class StoredMessage {
  private final long uid;
  private final NavigableSet<String> flags;
  private final OffsetDateTime internalDate;
  private final byte[] octets;

  StoredMessage(long uid, Collection<String> flags, OffsetDateTime internalDate, byte[] octets) {
    this.uid = uid;
    NavigableSet<String> sorted = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    sorted.addAll(flags);
    this.flags = Collections.unmodifiableNavigableSet(sorted);
    this.internalDate = internalDate;
    this.octets = octets;
  }

  /** Unique in its mailbox, ascending, 1..4294967295. */
  public long uid() {
    return uid;
  }

  /** Flags and keywords, such as {@code \Seen}; compared without case. */
  public NavigableSet<String> flags() {
    return flags;
  }

  /** When it was received. */
  public OffsetDateTime internalDate() {
    return internalDate;
  }

  /** The message as received; the array is not to be changed. */
  public byte[] octets() {
    return octets;
  }

  /** Its length in octets. */
  public int size() {
    return octets.length;
  }

  StoredMessage withFlags(Collection<String> other) {
    return new StoredMessage(uid, other, internalDate, octets);
  }

  StoredMessage withUid(long other) {
    return new StoredMessage(other, flags, internalDate, octets);
  }
}
