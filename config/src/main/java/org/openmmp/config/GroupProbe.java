package org.openmmp.config;

import java.time.Duration;
import java.util.Set;
import org.openmmp.routing.HostTraits;
import org.openmmp.wire.Secret;

/**
 * How the hosts of a group are asked whether they serve although nobody waits for one (rule B2.38):
 * {@code openmmp.proxy.<group>.probe}.
 *
 * @param interval from one question to a host's service to the next
 * @param user who logs in, as the stores know the name; empty unless logins are tried
 * @param password that user's; never cleared, the configuration owns it
 * @param compare in what hosts of the group are to be alike (rule B2.39)
 */
public record GroupProbe(
    Kind kind, Duration interval, String user, Secret password, Set<HostTraits.Kind> compare) {
  /** Copies the set. */
  public GroupProbe {
    compare = Set.copyOf(compare);
  }

  /** How far a probe goes. */
  public enum Kind {
    /** None is made. */
    OFF,
    /** Up to where a login would begin. */
    GREETING,
    /** Through a login. */
    LOGIN
  }
}
