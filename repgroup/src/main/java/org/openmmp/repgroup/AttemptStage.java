package org.openmmp.repgroup;

/**
 * How far an attempt has come; it never goes back. What fails is judged by it (rule B2.5): up to
 * {@link #OPENING} a host treats everybody alike; once it has heard whom it deals with, what it
 * does concerns this login alone.
 */
public enum AttemptStage {
  /** Name, connect. */
  CONNECTING(false),
  /** Connected, and under TLS where that comes first: the greeting is waited for. */
  GREETING(false),
  /** Greeted; what precedes any name, such as STARTTLS, CAPABILITY or LHLO. */
  OPENING(false),
  /**
   * Connected, and the client was announced by a PROXY header: the greeting is waited for. Whether
   * a failure here is the host's is for a probe to find out.
   */
  ANNOUNCED(true),
  /** A name, a credential, or our word of who the client is was sent. */
  NAMED(true);

  private final boolean namesClient;

  AttemptStage(boolean namesClient) {
    this.namesClient = namesClient;
  }

  /** Whether the host has heard who the client is. */
  boolean namesClient() {
    return namesClient;
  }
}
