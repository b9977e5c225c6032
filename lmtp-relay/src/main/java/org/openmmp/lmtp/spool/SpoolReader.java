package org.openmmp.lmtp.spool;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a {@link MessageSpool} from its beginning, once or again; for one thread at a time. */
public final class SpoolReader {
  private final MessageSpool spool;
  private long position;

  SpoolReader(MessageSpool spool) {
    this.spool = spool;
  }

  /**
   * Copies the octets that follow, as many as there are and as there is room for. Not on an event
   * loop, unless the spool is {@link MessageSpool#inMemory in memory}.
   *
   * @return how many; 0 if there are none yet
   * @throws IOException if the spool is closed or its file cannot be read
   */
  public int read(ByteBuffer into) throws IOException {
    int count = spool.read(position, into);
    position += count;
    return count;
  }

  /** How many octets stand between here and the end of what was appended. */
  public long available() {
    return Math.max(0, spool.length() - position);
  }

  /** How many octets were read since the beginning. */
  public long position() {
    return position;
  }
}
