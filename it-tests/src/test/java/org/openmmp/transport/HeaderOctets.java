package org.openmmp.transport;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a listener behind a load balancer makes of the first octets of a connection. */
public final class HeaderOctets {
  private HeaderOctets() {}

  /** Whom it takes the client for, why it turns it away, and what comes through behind that. */
  public static String read(List<byte[]> pieces) {
    Accepted accepted = Accepted.fromBalancer();
    StringBuilder passed = new StringBuilder();
    for (byte[] piece : pieces) {
      accepted.send(new String(piece, StandardCharsets.ISO_8859_1));
      passed.append(accepted.passed());
    }
    boolean open = accepted.channel.isOpen();
    accepted.channel.close();
    accepted.channel.runPendingTasks();
    return accepted.known.size()
        + (accepted.known.isEmpty() ? "" : " " + accepted.origin() + " " + accepted.tls())
        + (open ? " open " + passed : " " + accepted.refusals);
  }
}
