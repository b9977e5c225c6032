package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.internal.PlatformDependent;

/**
 * How much memory outside the heap the program had at one moment.
 *
 * @param octets as its buffers' allocator counts them
 */
record DirectMemory(long octets) {
  private static final long FLAT = 32 << 20;

  static DirectMemory now() {
    return new DirectMemory(PlatformDependent.usedDirectMemory());
  }

  /** Fails if there is much more now than there was. */
  void assertFlat() {
    long grown = now().octets() - octets;
    assertTrue(grown < FLAT, "direct memory grew by " + grown);
  }
}
