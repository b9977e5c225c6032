package org.openmmp.directory.ldap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the JDK keeps of what a thread writes: it copies it into memory outside the heap, which it
 * keeps for the thread's next write, and gives back as it is when that needs more.
 */
final class NativeCopies {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCopies.class);

  /** More than any message of a bind. */
  private static final int LONGEST = 64 * 1024;

  private NativeCopies() {}

  /**
   * Overwrites it. Before a secret is written it makes that memory large enough for all messages,
   * so that it is not given back with the secret in it.
   */
  static void overwrite() {
    try (FileChannel nowhere = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.WRITE)) {
      nowhere.write(ByteBuffer.allocate(LONGEST));
    } catch (IOException e) {
      LOG.debug("the copy of what was written stays in memory: {}", e.toString());
    }
  }
}
