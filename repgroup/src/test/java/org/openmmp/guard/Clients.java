package org.openmmp.guard;

import java.net.InetAddress;
import java.util.Objects;
import org.openmmp.text.AddressLiteral;

/** Client addresses for the tests. */
final class Clients {
  private Clients() {}

  static InetAddress at(String ip) {
    return Objects.requireNonNull(AddressLiteral.parse(ip), ip);
  }

  /** One of 2^24 addresses. */
  static InetAddress number(int i) {
    return at("11." + (i >> 16 & 255) + "." + (i >> 8 & 255) + "." + (i & 255));
  }
}
