package org.openmmp.testkit;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address of this machine that no other process of a test run uses: a port that was given back
 * there stays without a listener, where on 127.0.0.1 another test may have it at once.
 */
public final class OwnLoopback {
  private static final long PID = ProcessHandle.current().pid();

  /** The address in text form. */
  public static final String TEXT = "127.%d.%d.1".formatted(192 + (PID >> 8) % 63, PID & 0xff);

  private OwnLoopback() {}

  /** The address. */
  public static InetAddress address() {
    try {
      return InetAddress.getByName(TEXT);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
