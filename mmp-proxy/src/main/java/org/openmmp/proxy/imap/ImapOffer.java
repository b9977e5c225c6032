package org.openmmp.proxy.imap;

import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.identity.ClientFacts;

/**
 * What one client may use at this moment, by what is known of its connection (rules B3.2, B3.3).
 *
 * @param client facts of the connection as it is now
 * @param settings the operator's decisions
 */
record ImapOffer(ClientFacts client, ImapSettings settings) {
  MechanismOffer mechanisms() {
    return new MechanismOffer(client, settings.mechanisms(), settings.capabilities().common());
  }

  boolean startTls() {
    return settings.startTls() && !client.tls();
  }

  /** The longest literal that may come without being asked for (RFC 7888 section 5). */
  int nonSynchronizingOctets() {
    int limit = settings.literalOctets();
    return settings.capabilities().common().names().contains("LITERAL+")
        ? limit
        : Math.min(limit, 4096);
  }

  /** The list for the greeting and for CAPABILITY, without that word. */
  String capabilities() {
    MechanismOffer mechanisms = mechanisms();
    StringBuilder list = new StringBuilder(256);
    list.append(String.join(" ", mechanisms.stores().names()));
    if (startTls()) {
      list.append(" STARTTLS");
    }
    if (!mechanisms.takesSecrets()) {
      list.append(" LOGINDISABLED");
    }
    for (String name : mechanisms.usableNames()) {
      list.append(" AUTH=").append(name);
    }
    return list.toString();
  }
}
