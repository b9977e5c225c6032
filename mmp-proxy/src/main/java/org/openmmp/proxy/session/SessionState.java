package org.openmmp.proxy.session;

/** What a session waits for. */
public enum SessionState {
  /** That its greeting is made. */
  GREETING,
  /** The client's next command, or the rest of one. */
  NOT_AUTHENTICATED,
  /** The client's TLS handshake. */
  STARTING_TLS,
  /** The time that a login from a suspicious network waits before anybody is asked. */
  HELD_BACK,
  /** The directory's answer. */
  LOOKING_UP,
  /** The directory's word on the password. */
  BINDING,
  /** Another session's discovery, a free place at a store, or the next round. */
  WAITING,
  /** A store's connect, TLS and greeting. */
  CONNECTING,
  /** A store's answer to the login. */
  LOGGING_IN,
  /** The client's response to a store's challenge. */
  CHALLENGED,

  /** The time to pass before a refusal is told. */
  DELAYING,
  /** The end of the spliced session. */
  RELAYING,
  /** Nothing. */
  CLOSED;

  /** Whether it is the client's turn, and the session ends if nothing comes in time. */
  boolean awaitsClient() {
    return readsClient() || this == STARTING_TLS;
  }

  /** Whether the client's bytes are wanted before it is over. */
  boolean readsClient() {
    return this == GREETING || this == NOT_AUTHENTICATED || this == CHALLENGED;
  }
}
