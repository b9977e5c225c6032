package org.openmmp.lmtp.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;

/**
 * The file of a message that is too long for memory (rules B5.7, B5.9); there is none before the
 * first octets.
 *
 * <p>One thread at a time appends. Any number of others may read what was appended before.
 */
public final class MessageSpool implements Closeable {
  private final SpoolFile files;
  private volatile @Nullable FileChannel file;
  private volatile boolean closed;
  private volatile String trouble = "";
  private long length;

  /** An empty spool; it opens no file before it needs one. */
  public MessageSpool(LmtpConfig.Spool settings) {
    this(SpoolFile.in(directoryOf(settings)));
  }

  /** Where files are. */
  public static Path directoryOf(LmtpConfig.Spool settings) {
    return settings.directory().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
  }

  MessageSpool(SpoolFile files) {
    this.files = files;
  }

  /**
   * Adds the octets that remain in those buffers at the end. Not on an event loop.
   *
   * @return whether they are there; if not, the spool was closed meanwhile, or its file cannot be
   *     made or written, as when a disk is full (452 4.3.1): it holds nothing any more
   */
  public boolean append(ByteBuffer... octets) {
    try {
      FileChannel into = opened();
      if (into == null) {
        return false;
      }
      into.position(length);
      int first = 0;
      while (first < octets.length) {
        if (octets[first].hasRemaining()) {
          length += into.write(octets, first, octets.length - first);
        } else {
          first++;
        }
      }
      return true;
    } catch (IOException e) {
      trouble = e.toString();
      close();
      return false;
    }
  }

  /** What was wrong when the file could not be made or written; empty if nothing was. */
  public String trouble() {
    return trouble;
  }

  /** Frees the file; whoever reads on then fails. It never blocks for long, nor fails. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    closeQuietly(file);
  }

  /**
   * Copies octets from that position on, until there is no room for more. Not on an event loop.
   *
   * @throws IOException if so many were not appended, the spool is closed, or its file cannot be
   *     read
   */
  public void read(long position, ByteBuffer into) throws IOException {
    FileChannel from = file;
    if (closed || from == null) {
      throw new IOException("the spool is closed");
    }
    long at = position;
    while (into.hasRemaining()) {
      int read = from.read(into, at);
      if (read < 0) {
        throw new IOException("the spool's file is shorter than what was written to it");
      }
      at += read;
    }
  }

  /** The file; null if the spool is closed, be it meanwhile. */
  private @Nullable FileChannel opened() throws IOException {
    FileChannel present = file;
    if (closed || present != null) {
      return closed ? null : present;
    }
    FileChannel opened = files.open();
    synchronized (this) {
      if (!closed) {
        file = opened;
        return opened;
      }
    }
    closeQuietly(opened);
    return null;
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
}
