package org.openmmp.lmtp.transaction;

import java.util.function.Consumer;
import org.openmmp.directory.LookupRequest;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.repgroup.Choice;

/** What a session wants the adapter to carry out, in the order given. */
@SuppressWarnings("ArrayRecordComponent") // messages in passing, never compared
public sealed interface RelayStep {
  /** Write to the client. */
  record Reply(byte[] octets) implements RelayStep {}

  /** Begin TLS with the client once all that was written is out. */
  record StartTls() implements RelayStep {}

  /** Close the client's connection once all that was written is out. */
  record Close(String reason) implements RelayStep {}

  /**
   * Ask the directory, and tell {@link RelaySession#onLookup}.
   *
   * @param recipient the key of whom it is about
   */
  record LookUp(int recipient, LookupRequest request) implements RelayStep {}

  /** Have the directory forget what it knows of that login name: a store says that it is old. */
  record Forget(String login) implements RelayStep {}

  /** Tell {@link RelaySession#onWake} when something changes that the choice waits for. */
  record Await(Choice choice, Consumer<Runnable> registration) implements RelayStep {}

  /** Connect to the store and tell the session of its octets. */
  record Connect(StoreKey store) implements RelayStep {}

  /** The connection that was kept is this session's from now on. */
  record Adopt(StoreKey store) implements RelayStep {}

  /** Write to the store. */
  record Send(StoreKey store, byte[] octets) implements RelayStep {}

  /** Begin TLS with the store now; nothing waits behind its go-ahead. */
  record StartStoreTls(StoreKey store) implements RelayStep {}

  /**
   * Send the spooled message from its beginning, and its end once that is spooled.
   *
   * @param chunks by BDAT; else behind DATA, which was answered
   */
  record SendBody(StoreKey store, boolean chunks) implements RelayStep {}

  /** Keep the connection for another transaction; the session hears of it no more. */
  record Keep(StoreKey store) implements RelayStep {}

  /**
   * End the connection, this session's or one that is kept; the session hears of it no more.
   *
   * @param politely whether QUIT may be said: not within a message, whose end it would become
   */
  record HangUp(StoreKey store, boolean politely) implements RelayStep {}

  /** Begin to spool a message. */
  record OpenSpool() implements RelayStep {}

  /** Append to the spooled message; the array is the adapter's from then on. */
  record Spool(byte[] octets, int from, int to) implements RelayStep {}

  /** The message is complete: its end follows where it is passed on. */
  record EndSpool() implements RelayStep {}

  /** The message is needed no more. */
  record DropSpool() implements RelayStep {}
}
