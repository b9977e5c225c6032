package org.openmmp.proxy.pop3;

import java.util.List;
import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.identity.ClientFacts;

/**
 * What one client may use at this moment, by what is known of its connection (rules B3.2, B4.1).
 *
 * @param client facts of the connection as it is now
 * @param settings the operator's decisions
 */
record Pop3Offer(ClientFacts client, Pop3Settings settings) {
  MechanismOffer mechanisms() {
    return new MechanismOffer(client, settings.mechanisms(), settings.capabilities().common());
  }

  boolean stls() {
    return settings.stls() && !client.tls();
  }

  boolean utf8() {
    List<String> names = settings.capabilities().common().names();
    return names.contains("UTF8") || names.contains("UTF8 USER");
  }

  /** Whether whoever is connected may say who its own client is (rule B3.12). */
  boolean takesClaims() {
    return settings.trustedProxy().test(client.clientIp());
  }

  /** The lines for CAPA, each with its end. */
  String capabilities() {
    MechanismOffer mechanisms = mechanisms();
    StringBuilder lines = new StringBuilder(256);
    mechanisms.stores().names().forEach(name -> lines.append(name).append("\r\n"));
    if (stls()) {
      lines.append("STLS\r\n");
    }
    if (mechanisms.takesSecrets()) {
      lines.append("USER\r\n");
    }
    List<String> usable = mechanisms.usableNames();
    if (!usable.isEmpty()) {
      lines.append("SASL ").append(String.join(" ", usable)).append("\r\n");
    }
    return lines.toString();
  }
}
