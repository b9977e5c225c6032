package org.openmmp.storesim.imap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.mailbox.StoredMessage;

/**
 * A mailbox as one session sees it: message numbers stay as they are until the client was told of a
 * change.
 */
final class SelectedMailbox {
  private final Mailbox mailbox;
  private final boolean examined;
  private final List<StoredMessage> view;
  private long newestUid;

  SelectedMailbox(Mailbox mailbox, boolean examined) {
    this.mailbox = mailbox;
    this.examined = examined;
    this.view = new ArrayList<>(mailbox.messages());
    this.newestUid = view.isEmpty() ? 0 : view.get(view.size() - 1).uid();
  }

  Mailbox mailbox() {
    return mailbox;
  }

  /** Whether it was opened with EXAMINE. */
  boolean examined() {
    return examined;
  }

  /** The number of messages that the client knows of. */
  int size() {
    return view.size();
  }

  /** The message with a number, 1 at the least. */
  StoredMessage message(int number) {
    return view.get(number - 1);
  }

  /** The numbers of the messages in a set. */
  List<Integer> numbers(SequenceSet set, boolean byUid) {
    long largest = byUid ? (view.isEmpty() ? 0 : view.get(view.size() - 1).uid()) : view.size();
    List<Integer> numbers = new ArrayList<>();
    for (int number = 1; number <= view.size(); number++) {
      if (set.contains(byUid ? message(number).uid() : number, largest)) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  /** The UIDs of messages. */
  Set<Long> uids(List<Integer> numbers) {
    Set<Long> uids = new LinkedHashSet<>();
    numbers.forEach(number -> uids.add(message(number).uid()));
    return uids;
  }

  /** Takes the flags of these messages as known to the client. */
  void noteFlags(Set<Long> uids) {
    Map<Long, StoredMessage> current = current();
    view.replaceAll(old -> uids.contains(old.uid()) ? current.getOrDefault(old.uid(), old) : old);
  }

  /**
   * Tells the client what has changed.
   *
   * @param removals whether removed messages may be told now (RFC 3501 section 7.4.1)
   */
  void announceChanges(ImapOutput out, boolean removals) {
    Map<Long, StoredMessage> current = current();
    if (removals) {
      int number = 1;
      while (number <= view.size()) {
        if (current.containsKey(message(number).uid())) {
          number++;
        } else {
          view.remove(number - 1);
          out.untagged(number + " EXPUNGE");
        }
      }
    }
    for (int number = 1; number <= view.size(); number++) {
      StoredMessage now = current.get(message(number).uid());
      if (now != null && !now.flags().equals(message(number).flags())) {
        view.set(number - 1, now);
        out.untagged(number + " FETCH (UID " + now.uid() + " FLAGS " + flags(now) + ")");
      }
    }
    announceArrivals(out);
  }

  private void announceArrivals(ImapOutput out) {
    int before = view.size();
    for (StoredMessage message : mailbox.messages()) {
      if (message.uid() > newestUid) {
        view.add(message);
        newestUid = message.uid();
      }
    }
    if (view.size() > before) {
      out.untagged(view.size() + " EXISTS");
    }
  }

  /** Flags as a list in parentheses. */
  static String flags(StoredMessage message) {
    return "(" + String.join(" ", message.flags()) + ")";
  }

  private Map<Long, StoredMessage> current() {
    Map<Long, StoredMessage> current = new HashMap<>();
    mailbox.messages().forEach(message -> current.put(message.uid(), message));
    return current;
  }
}
