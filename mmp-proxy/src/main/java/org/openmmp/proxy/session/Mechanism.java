package org.openmmp.proxy.session;

/** How a client presented its credentials. */
public enum Mechanism {
  /** A protocol's own command with a name and a password: IMAP LOGIN, POP3 USER and PASS. */
  COMMAND("command", false),
  /** SASL PLAIN (RFC 4616). */
  PLAIN("PLAIN", false),
  /** SASL LOGIN, never standardised, still asked for. */
  LOGIN("LOGIN", false),
  /** SASL OAUTHBEARER (RFC 7628). */
  OAUTHBEARER("OAUTHBEARER", true),
  /** SASL XOAUTH2, the form before it. */
  XOAUTH2("XOAUTH2", true),
  /** SASL EXTERNAL (RFC 4422 appendix A), by client certificate: there is no secret. */
  EXTERNAL("EXTERNAL", false);

  private final String saslName;
  private final boolean token;

  Mechanism(String saslName, boolean token) {
    this.saslName = saslName;
    this.token = token;
  }

  /** The registered name; {@code command} for the command. */
  public String saslName() {
    return saslName;
  }

  /** Whether the secret is a token and not a password. */
  public boolean token() {
    return token;
  }
}
