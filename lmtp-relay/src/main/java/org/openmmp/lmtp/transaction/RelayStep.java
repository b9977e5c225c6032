package org.openmmp.lmtp.transaction;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.openmmp.directory.LookupRequest;
import org.openmmp.lmtp.store.StoreKey;

/** What a session wants the adapter to carry out, in the order given. */
@SuppressWarnings("ArrayRecordComponent") // messages in passing, never compared
public sealed interface RelayStep {
  /** Write to the client. */
  record Reply(byte[] octets) implements RelayStep {}

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

  /**
   * Tell {@link RelaySession#onWake} when something changes that is waited for.
   *
   * @param what stands for it
   */
  record Await(Object what, Consumer<Runnable> registration) implements RelayStep {}

  /**
   * Append to the spooled message.
   *
   * @param octets the client's, which last as long as this turn, or an array that lasts longer
   * @param from the index of the first
   * @param to behind the last
   */
  record Spool(ByteBuffer octets, int from, int to) implements RelayStep {}

  /** The steps that carry nothing. */
  enum Simple implements RelayStep {
    /** Begin TLS with the client once all that was written is out. */
    START_TLS,
    /** Begin to spool a message as it is. */
    OPEN_SPOOL,
    /** Begin to spool one as it stands behind DATA, dots stuffed, without its end. */
    OPEN_DATA_SPOOL,
    /** The message is complete: its end follows where it is passed on. */
    END_SPOOL,
    /** The message is needed no more. */
    DROP_SPOOL
  }

  /**
   * Do that with the connection to a store.
   *
   * @param octets to send; empty for any other act
   */
  record AtStore(Act act, StoreKey store, byte[] octets) implements RelayStep {
    AtStore(Act act, StoreKey store) {
      this(act, store, new byte[0]);
    }
  }

  /** What is done with a connection to a store. */
  enum Act {
    /** Make it, and tell the session of its octets. */
    CONNECT,
    /** One that was kept is this session's from now on. */
    ADOPT,
    /** Write to it. */
    SEND,
    /** Begin TLS now; nothing waits behind the store's go-ahead. */
    START_TLS,
    /** Send the spooled message from its beginning, behind DATA, and its end once that is there. */
    SEND_BODY,
    /** The same in pieces behind BDAT. */
    SEND_CHUNKS,
    /** Keep it for another transaction; the session hears of it no more. */
    KEEP,
    /** End it with QUIT, this session's or one that is kept; the session hears of it no more. */
    QUIT,
    /** The same without a word, which would become part of a message. */
    BREAK_OFF
  }
}
