package org.openmmp.transport;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.routing.StoreAccess;

/** The authorities that stores' certificates are verified with, read. Immutable. */
public final class StoreTrust {
  /** Nobody's authorities, before any were read. */
  public static final StoreTrust NONE = new StoreTrust(Map.of());

  private final Map<StoreAccess.Trust, StoreTls> read;

  private StoreTrust(Map<StoreAccess.Trust, StoreTls> read) {
    this.read = Map.copyOf(read);
  }

  /**
   * Reads those that are wanted from now on; those that were read before serve on, for the logins
   * that began with them. Blocks.
   *
   * @param profile versions and cipher suites
   * @throws IOException if a file cannot be read or used; the message names it
   */
  public StoreTrust reading(Set<StoreAccess.Trust> wanted, ServerTlsConfig.Profile profile)
      throws IOException {
    Map<StoreAccess.Trust, StoreTls> all = new HashMap<>(read);
    for (StoreAccess.Trust each : wanted) {
      all.put(each, StoreTls.of(each, profile));
    }
    return new StoreTrust(all);
  }

  /**
   * TLS to stores that are reached so.
   *
   * @throws NullPointerException if these authorities were never wanted
   */
  public StoreTls of(StoreAccess access) {
    return Objects.requireNonNull(read.get(access.trust()), "authorities that were not read");
  }
}
