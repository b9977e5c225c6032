package org.openmmp.proxy.imap;

import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.Mechanism;

/**
 * What one client may use at this moment, by what is known of its connection (rules B3.2, B3.3).
 *
 * @param client facts of the connection as it is now
 * @param settings the operator's decisions
 */
record ImapOffer(ClientFacts client, ImapSettings settings) {
  /** Whether a password or a token may be sent now. */
  boolean takesSecrets() {
    return client.tls() || client.secretsInClearAllowed();
  }

  boolean startTls() {
    return settings.startTls() && !client.tls();
  }

  /**
   * Whether a mechanism is there at all. A token means something to a store only, so that every
   * store must take it; a password can be replayed in another way.
   */
  boolean has(Mechanism mechanism) {
    ImapCapabilities.Common common = settings.capabilities().common();
    return settings.mechanisms().contains(mechanism)
        && (mechanism != Mechanism.EXTERNAL || !client.certificateName().isEmpty())
        && (!mechanism.token()
            || !common.learnt()
            || common.mechanisms().contains(mechanism.saslName()));
  }

  /** The longest literal that may come without being asked for (RFC 7888 section 5). */
  int nonSynchronizingOctets() {
    int limit = settings.limits().literalOctets();
    return settings.capabilities().common().names().contains("LITERAL+")
        ? limit
        : Math.min(limit, 4096);
  }

  /** The list for the greeting and for CAPABILITY, without that word. */
  String capabilities() {
    StringBuilder list = new StringBuilder(256);
    list.append(String.join(" ", settings.capabilities().common().names()));
    if (startTls()) {
      list.append(" STARTTLS");
    }
    if (!takesSecrets()) {
      list.append(" LOGINDISABLED");
    }
    for (Mechanism mechanism : settings.mechanisms()) {
      if (has(mechanism) && (takesSecrets() || mechanism == Mechanism.EXTERNAL)) {
        list.append(" AUTH=").append(mechanism.saslName());
      }
    }
    return list.toString();
  }
}
