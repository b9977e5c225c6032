package org.openmmp.lmtp.transaction;

import java.util.Map;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;

/**
 * What a transaction's deliveries have in common.
 *
 * @param mail the client's MAIL
 * @param client who sends
 * @param routing where mail hosts lead, the same for all recipients of the transaction
 */
record Envelope(EnvelopeCommand mail, RelayClient client, Routing routing) {
  /** What stores of that group are told of the client; the address alone, so that it recurs. */
  Map<String, String> introducedTo(ReplicationGroup group) {
    if (routing.accessTo(group).clientId() != StoreAccess.ClientId.ID) {
      return Map.of();
    }
    String address = client.described().getOrDefault("ADDR", client.address());
    boolean ipv6 = address.indexOf(':') >= 0 && !address.regionMatches(true, 0, "IPV6:", 0, 5);
    return Map.of("ADDR", ipv6 ? "IPV6:" + address : address);
  }
}
