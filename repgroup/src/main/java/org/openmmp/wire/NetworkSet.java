package org.openmmp.wire;

import java.net.InetAddress;
import java.util.List;

/**
 * Some networks, asked whether one of them has an address.
 *
 * @param networks a short list: each question walks it
 */
public record NetworkSet(List<Network> networks) {
  /** No network at all. */
  public static final NetworkSet NONE = new NetworkSet(List.of());

  /** Copies the list. */
  public NetworkSet {
    networks = List.copyOf(networks);
  }

  /**
   * Reads each text by {@link Network#parse}.
   *
   * @throws IllegalArgumentException for the first that is none
   */
  public static NetworkSet parse(List<String> texts) {
    return new NetworkSet(texts.stream().map(Network::parse).toList());
  }

  /** Whether one of the networks has the address. */
  public boolean contains(InetAddress address) {
    if (networks.isEmpty()) {
      return false;
    }
    Network whole = Network.of(address);
    for (int i = 0; i < networks.size(); i++) {
      if (networks.get(i).contains(whole)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return networks.toString();
  }
}
