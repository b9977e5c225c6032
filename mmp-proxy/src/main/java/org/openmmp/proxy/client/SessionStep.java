package org.openmmp.proxy.client;

import java.util.List;
import java.util.function.Consumer;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.wire.Secret;

/**
 * What is to be done next, in the order given: of the client's dialogue for its session, and of the
 * session for its adapter. The client's login, its refused commands and that it gives up are for
 * the session itself.
 */
public sealed interface SessionStep {
  /** The client logs in; its dialogue reads no further until it is told how that ended. */
  record LogIn(Credentials credentials) implements SessionStep {}

  /**
   * A command was refused, and the client was told; for the log.
   *
   * @param clearPassword whether it is, or leads to, a password without TLS
   */
  record Refused(boolean clearPassword, String detail) implements SessionStep {}

  /** Write to the client; the array is the adapter's from then on. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Write(byte[] octets) implements SessionStep {}

  /** The steps that carry nothing. */
  enum Simple implements SessionStep {
    /** The client gave the login up, or broke it off, instead of responding to a challenge. */
    GIVE_UP,
    /**
     * Begin TLS with the client once all that was written is out. Bytes that already wait behind
     * the command are an attack: the dialogue answers them with {@link Close} and never with this.
     */
    START_TLS,
    /** Take leave of the store under way, whatever it is doing. */
    HANG_UP,
    /** Take leave of the store that was warmed, whatever it is doing. */
    LEAVE_WARM
  }

  /** Where the answer to one question goes; one that comes too late changes nothing. */
  @FunctionalInterface
  interface Reply<T> {
    /** The answer has come; returns what is to be done now. On the session's thread. */
    List<SessionStep> answered(T answer, long nowNanos);
  }

  /** Ask the directory. */
  record LookUp(LookupRequest request, Reply<LookupResult> reply) implements SessionStep {}

  /** Have the directory check the password by a bind. */
  record Bind(LookupResult user, Secret password, Reply<BindResult> reply) implements SessionStep {}

  /**
   * Connect to a store and run the attempt's dialogue there; if that is warmed already, let it log
   * in.
   */
  record Dial(LoginAttempt attempt) implements SessionStep {}

  /**
   * Connect to a store beside the one under way, and run the attempt's dialogue there up to where
   * it holds.
   */
  record Warm(LoginAttempt attempt) implements SessionStep {}

  /** The client's response, in base64, to the challenge of the store under way: for that store. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Respond(byte[] base64) implements SessionStep {}

  /**
   * Tell {@link FrontEndSession#onWake} when something changes in the group.
   *
   * @param registration takes the one to wake, on any thread, and wakes at once if it is too late
   */
  record Await(Consumer<Runnable> registration) implements SessionStep {}

  /**
   * Join client and store: these bytes first, to the client before what the store sent behind its
   * answer, to the store before anything else from the client.
   *
   * @param answer what the store said to the login
   */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record HandOver(byte[] toClient, byte[] toStore, StoreAnswer answer) implements SessionStep {}

  /**
   * Our own login for a session that is to go on at another store was let in there (rule B9.3): the
   * connection is its move's from now on.
   *
   * @param login what was said there, for a second connection
   */
  record Carried(StoreAnswer answer, StoreLogin login) implements SessionStep {}

  /**
   * That login came to nothing.
   *
   * @param administrator whether a store refused us rather than the user
   */
  record NotCarried(LoginFailure why, boolean administrator) implements SessionStep {}

  /** Close the client's connection once all that was written is out. */
  record Close(String reason) implements SessionStep {}
}
