package org.openmmp.repgroup;

/**
 * How far an attempt has come; it never goes back. What fails is judged by it (rule B2.5): up to
 * {@link #OPENING} a host treats everybody alike, behind that it has heard who it deals with.
 */
public enum AttemptStage {
  /** Name, connect. */
  CONNECTING,
  /** Connected, and TLS where it comes first: the greeting is waited for. */
  GREETING,
  /** Greeted; what precedes any name, such as STARTTLS, CAPABILITY or LHLO. */
  OPENING,
  /** Connected, and the client was announced by a PROXY header: the greeting is waited for. */
  ANNOUNCED,
  /** A name, a credential, or our word of who the client is was sent. */
  NAMED
}
