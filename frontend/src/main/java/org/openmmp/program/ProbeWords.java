package org.openmmp.program;

import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreAccess;
import org.openmmp.wire.Secret;

/** How a server's protocol asks a store for its greeting. */
public interface ProbeWords {
  /**
   * A new dialogue with a host of that group, which waits for the greeting.
   *
   * @param name whose login or delivery is tried, as the store knows it; empty: nobody's
   * @param password for a login; empty: none is tried, or the group's administrator logs in for
   *     that name. Read, not cleared
   * @param asAdministrator whether he does, as when a session is moved (rule B9.3)
   */
  ProbeDialogue dialogue(
      StoreHost host,
      ReplicationGroup group,
      StoreAccess access,
      String name,
      Secret password,
      boolean asAdministrator);
}
