package org.openmmp.storesim;

import io.netty.channel.Channel;

/** Accepts, and has nothing to say. */
final class SilentEndpoint implements ProtocolEndpoint {
  @Override
  public String service() {
    return "silent";
  }

  @Override
  public void serve(Channel connection, StoreNode node) {
    // The connection stays as it is.
  }
}
