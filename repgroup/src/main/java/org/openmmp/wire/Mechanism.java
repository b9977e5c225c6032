package org.openmmp.wire;

import org.jspecify.annotations.Nullable;

/** How a client presented its credentials. */
public enum Mechanism {
  /** A protocol's own command with a name and a password: IMAP LOGIN, POP3 USER and PASS. */
  COMMAND("command", Proof.PASSWORD),
  /** SASL PLAIN (RFC 4616). */
  PLAIN("PLAIN", Proof.PASSWORD),
  /** SASL LOGIN, never standardised, still asked for. */
  LOGIN("LOGIN", Proof.PASSWORD),
  /** SASL OAUTHBEARER (RFC 7628). */
  OAUTHBEARER("OAUTHBEARER", Proof.TOKEN),
  /** SASL XOAUTH2, the form before it. */
  XOAUTH2("XOAUTH2", Proof.TOKEN),
  /** SASL EXTERNAL (RFC 4422 appendix A), by client certificate: there is no secret. */
  EXTERNAL("EXTERNAL", Proof.CERTIFICATE),

  /** SASL SCRAM-SHA-1 (RFC 5802). */
  SCRAM_SHA_1("SCRAM-SHA-1", Proof.EXCHANGE),

  /** SASL SCRAM-SHA-256 (RFC 7677). */
  SCRAM_SHA_256("SCRAM-SHA-256", Proof.EXCHANGE);

  /** What shows that the client is who it says. */
  public enum Proof {
    /** A password, which the proxy reads and replays in whatever way a store takes it. */
    PASSWORD,

    /** A token, which the proxy reads and which means something to a store only. */
    TOKEN,

    /** The client's certificate, which the proxy verified. */
    CERTIFICATE,

    /**
     * Messages between client and store, each bound to those before it: the proxy reads the name in
     * the first and carries the others.
     */
    EXCHANGE
  }

  private final String saslName;
  private final Proof proof;

  Mechanism(String saslName, Proof proof) {
    this.saslName = saslName;
    this.proof = proof;
  }

  /** The mechanism of that registered name in upper case; null if there is none. */
  public static @Nullable Mechanism named(String saslName) {
    for (Mechanism each : values()) {
      if (each.saslName.equals(saslName)) {
        return each;
      }
    }
    return null;
  }

  /** The registered name; {@code command} for the command. */
  public String saslName() {
    return saslName;
  }

  /** What shows that the client is who it says. */
  public Proof proof() {
    return proof;
  }

  /** Whether only a store that has this mechanism can be logged in to by it. */
  public boolean needsStore() {
    return proof == Proof.TOKEN || proof == Proof.EXCHANGE;
  }
}
