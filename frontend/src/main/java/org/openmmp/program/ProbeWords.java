package org.openmmp.program;

import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreAccess;

/** How a server's protocol asks a store for its greeting. */
public interface ProbeWords {
  /** A new dialogue with a host of that group, which waits for the greeting. */
  ProbeDialogue dialogue(StoreHost host, ReplicationGroup group, StoreAccess access);
}
