package org.openmmp.it.attack;

import java.util.Collection;
import java.util.List;
import org.openmmp.storesim.LoopbackAddresses;

/** Free loopback addresses with one port. */
record Place(List<String> addresses, int port) {
  static Place of(int count) {
    List<String> addresses = LoopbackAddresses.next(count);
    return new Place(addresses, LoopbackAddresses.freePort(addresses));
  }

  String address(int index) {
    return addresses.get(index);
  }

  String group(String name, String... more) {
    return group(name, port, addresses, more);
  }

  /** A group whose stores listen at a port of their own, as settings. */
  static String group(String name, int port, Collection<String> hosts, String... more) {
    return "openmmp.proxy.\"%s\" { storehostlist = \"%s\", imapport = %d, popport = %d }\n"
            .formatted(name, String.join(" ", hosts), port, port)
        + List.of(more).stream()
            .map(each -> "openmmp.proxy.\"" + name + "\"." + each + "\n")
            .reduce("", String::concat);
  }
}
