package org.openmmp.program;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import org.openmmp.config.ConfigLint;
import org.openmmp.config.OpenMmpConfig;

/** The servers that are on the class path, and whether they can be started. */
final class FrontEnds {
  private static final String ADMIN_KEY = "openmmp.admin.listen";

  private FrontEnds() {}

  /** All of them, in the order of their names. */
  static List<FrontEndProvider> all() {
    return List.copyOf(known().values());
  }

  private static Map<String, FrontEndProvider> known() {
    Map<String, FrontEndProvider> known = new TreeMap<>();
    ServiceLoader.load(FrontEndProvider.class).forEach(each -> known.put(each.name(), each));
    return known;
  }

  /**
   * Those of these names, in the order of the names.
   *
   * @throws IOException if one of them is not there; the message names it
   */
  static List<FrontEndProvider> named(Set<String> names) throws IOException {
    Map<String, FrontEndProvider> known = known();
    List<FrontEndProvider> found = new ArrayList<>();
    for (String name : names.stream().sorted().toList()) {
      FrontEndProvider provider = known.get(name);
      if (provider == null) {
        throw new IOException(
            "the " + name + " is not part of this installation, which has " + known.keySet());
      }
      found.add(provider);
    }
    return found;
  }

  /** A sentence for each two listeners of theirs that cannot be open at once. */
  static List<String> sharingPorts(List<FrontEndProvider> servers, OpenMmpConfig config) {
    Set<String> opened = new HashSet<>(Set.of(ADMIN_KEY));
    servers.forEach(each -> opened.addAll(each.listenKeys()));
    return ConfigLint.sharedPorts(config, opened::contains);
  }

  /** A sentence for each of them that no client could reach; empty if there is none. */
  static List<String> withoutListeners(List<FrontEndProvider> servers, OpenMmpConfig config) {
    return servers.stream()
        .filter(each -> !each.listens(config))
        .map(
            each ->
                "no client could connect to the "
                    + each.name()
                    + ": set "
                    + String.join(" or ", each.listenKeys()))
        .toList();
  }
}
