package org.openmmp.lmtp.store;

import java.util.Map;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;

/**
 * Where an attempt goes, and for whom.
 *
 * @param host where
 * @param group the group that the host is tried for
 * @param access port, protection and limits
 * @param introduced what the store shall be told of the client by XCLIENT; empty for nothing
 */
public record StorePlace(
    StoreHost host, ReplicationGroup group, StoreAccess access, Map<String, String> introduced) {
  /** Copies the map. */
  public StorePlace {
    introduced = Map.copyOf(introduced);
  }

  /** Connections with equal keys may stand in for one another. */
  record Key(
      StoreHost host,
      String group,
      int port,
      TlsPolicy tls,
      StoreAccess.Trust trust,
      Map<String, String> introduced) {}

  Key key() {
    return new Key(host, group.name(), access.port(), access.tls(), access.trust(), introduced);
  }
}
