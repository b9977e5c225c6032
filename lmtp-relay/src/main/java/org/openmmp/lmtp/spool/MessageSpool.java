package org.openmmp.lmtp.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;

/**
 * Holds one message: in memory as long as it is short, then in a file (rules B5.7, B5.9).
 *
 * <p>One thread at a time appends. Readers, any number of them and each at its own position, see
 * all that was appended, while it grows. While {@link #inMemory} holds nothing here blocks; whoever
 * appends asks {@link #fitsMemory} first.
 */
public final class MessageSpool implements Closeable {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int FIRST_SIZE = 4096;

  /**
   * What readers see. Octets before the length never change.
   *
   * @param memory the message from index 0 on, if there is no file
   * @param file the message, or null
   */
  private record Contents(ByteBuffer memory, @Nullable FileChannel file, long length) {}

  private final int memoryOctets;
  private final long maxOctets;
  private final SpoolFile files;
  private volatile Contents contents = new Contents(NOTHING, null, 0);
  private volatile boolean closed;
  private volatile String trouble = "";

  /** An empty spool; it opens no file before it needs one. */
  public MessageSpool(LmtpConfig.Spool settings) {
    this(settings.memoryOctets(), settings.maxMessageOctets(), SpoolFile.in(directoryOf(settings)));
  }

  /** Where files are. */
  public static Path directoryOf(LmtpConfig.Spool settings) {
    return settings.directory().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
  }

  MessageSpool(int memoryOctets, long maxOctets, SpoolFile files) {
    this.memoryOctets = memoryOctets;
    this.maxOctets = maxOctets;
    this.files = files;
  }

  /** Adds a copy of the octets of that range at the end. */
  public AppendResult append(byte[] octets, int from, int to) {
    Contents now = contents;
    if (closed) {
      return AppendResult.CLOSED;
    }
    if (now.length() + (to - from) > maxOctets) {
      close();
      return AppendResult.OVER_LIMIT;
    }
    try {
      Contents next =
          fitsMemory(to - from)
              ? inMemory(now, octets, from, to)
              : inFile(now, ByteBuffer.wrap(octets, from, to - from));
      return publish(next) ? AppendResult.STORED : AppendResult.CLOSED;
    } catch (IOException e) {
      boolean wasClosed = closed;
      trouble = e.toString();
      close();
      return wasClosed ? AppendResult.CLOSED : AppendResult.NO_ROOM;
    }
  }

  /** What was wrong when the file could not be made or written; empty if nothing was. */
  public String trouble() {
    return trouble;
  }

  /** Whether so many octets more can be appended without touching a file. */
  public boolean fitsMemory(int more) {
    Contents now = contents;
    return now.file() == null && now.length() + more <= memoryOctets;
  }

  /** Whether the message is in memory: then reading does not block. */
  public boolean inMemory() {
    return contents.file() == null;
  }

  /** How many octets were appended. */
  public long length() {
    return contents.length();
  }

  /** A reader at the beginning. */
  public Reader reader() {
    return new Reader();
  }

  /** Frees memory and file; whoever reads on then fails. It never blocks for long, nor fails. */
  @Override
  public void close() {
    FileChannel file;
    synchronized (this) {
      closed = true;
      file = contents.file();
      contents = new Contents(NOTHING, null, 0);
    }
    closeQuietly(file);
  }

  /**
   * Copies octets from that position on, as many as there are and as there is room for.
   *
   * @throws IOException if the spool is closed or its file cannot be read
   */
  private int read(long position, ByteBuffer into) throws IOException {
    Contents now = contents;
    if (closed) {
      throw new IOException("the spool is closed");
    }
    int count = (int) Math.min(now.length() - position, into.remaining());
    if (count <= 0) {
      return 0;
    }
    FileChannel file = now.file();
    if (file == null) {
      into.put(now.memory().slice((int) position, count));
    } else {
      readFully(file, position, into, count);
    }
    return count;
  }

  private static void readFully(FileChannel file, long position, ByteBuffer into, int count)
      throws IOException {
    int limit = into.limit();
    into.limit(into.position() + count);
    try {
      long at = position;
      while (into.hasRemaining()) {
        int read = file.read(into, at);
        if (read < 0) {
          throw new IOException("the spool's file is shorter than what was written to it");
        }
        at += read;
      }
    } finally {
      into.limit(limit);
    }
  }

  private Contents inMemory(Contents now, byte[] octets, int from, int to) {
    int length = (int) now.length();
    int needed = length + to - from;
    byte[] memory = now.memory().array();
    if (needed > memory.length) {
      int size = Math.max(needed, Math.max(FIRST_SIZE, 2 * memory.length));
      memory = Arrays.copyOf(memory, Math.min(size, memoryOctets));
    }
    System.arraycopy(octets, from, memory, length, to - from);
    return new Contents(ByteBuffer.wrap(memory), null, needed);
  }

  private Contents inFile(Contents now, ByteBuffer octets) throws IOException {
    FileChannel file = now.file();
    if (file != null) {
      return new Contents(NOTHING, file, written(file, now.length(), octets));
    }
    FileChannel opened = files.open();
    try {
      long spilled = written(opened, 0, now.memory().slice(0, (int) now.length()));
      return new Contents(NOTHING, opened, written(opened, spilled, octets));
    } catch (IOException e) {
      closeQuietly(opened);
      throw e;
    }
  }

  /** Writes all of it, and returns the position behind. */
  private static long written(FileChannel file, long position, ByteBuffer octets)
      throws IOException {
    long at = position;
    while (octets.hasRemaining()) {
      at += file.write(octets, at);
    }
    return at;
  }

  /** False if the spool was closed meanwhile, and what it was to hold is freed. */
  private boolean publish(Contents next) {
    synchronized (this) {
      if (!closed) {
        contents = next;
        return true;
      }
    }
    closeQuietly(next.file());
    return false;
  }

  private static void closeQuietly(@Nullable FileChannel file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      // The file has no name any more and its descriptor is gone: nothing is left to free.
    }
  }

  /** Reads the message from its beginning, once or again; for one thread at a time. */
  public final class Reader {
    private long position;

    private Reader() {}

    /**
     * Copies the octets that follow, as many as there are and as there is room for. Not on an event
     * loop, unless the spool is {@link MessageSpool#inMemory in memory}.
     *
     * @return how many; 0 if there are none yet
     * @throws IOException if the spool is closed or its file cannot be read
     */
    public int read(ByteBuffer into) throws IOException {
      int count = MessageSpool.this.read(position, into);
      position += count;
      return count;
    }

    /** Goes on behind octets that were got otherwise, be it before they were appended. */
    public void skip(int count) {
      position += count;
    }

    /** How many octets stand between here and the end of what was appended. */
    public long available() {
      return Math.max(0, length() - position);
    }

    /** How many octets were read since the beginning. */
    public long position() {
      return position;
    }
  }
}
