package org.openmmp.transport;

import io.netty.channel.FileRegion;
import io.netty.channel.epoll.Native;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * Octets in a {@link KernelPipe} on their way to a socket, as a message that an epoll channel can
 * write: it keeps their place among the channel's pending writes.
 */
final class PipedOctets extends AbstractReferenceCounted implements FileRegion {
  private final KernelPipe pipe;
  private final int count;
  private final int socket;
  private final Runnable progress;
  private int transferred;

  PipedOctets(KernelPipe pipe, int count, int socket, Runnable progress) {
    this.pipe = pipe;
    this.count = count;
    this.socket = socket;
    this.progress = progress;
  }

  /** Moves what the socket takes now; whether that was everything, so that the pipe is empty. */
  boolean leaveAtOnce() {
    try {
      int moved;
      do {
        moved = move();
      } while (moved > 0 && transferred < count);
    } catch (IOException e) {
      // The channel will meet the same error when it writes the rest, and close.
      return false;
    }
    return transferred == count;
  }

  private int move() throws IOException {
    int moved = Native.splice(pipe.exit(), -1, socket, -1, count - transferred);
    transferred += moved;
    return moved;
  }

  @Override
  public long transferTo(WritableByteChannel target, long position) throws IOException {
    int moved = move();
    if (moved > 0) {
      progress.run();
    }
    return moved;
  }

  @Override
  public long position() {
    return 0;
  }

  @Override
  @Deprecated
  public long transfered() {
    return transferred;
  }

  @Override
  public long transferred() {
    return transferred;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  protected void deallocate() {
    if (transferred == count) {
      pipe.giveBack();
    } else {
      pipe.close();
    }
  }

  @Override
  public PipedOctets retain() {
    super.retain();
    return this;
  }

  @Override
  public PipedOctets retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public PipedOctets touch() {
    return this;
  }

  @Override
  public PipedOctets touch(Object hint) {
    return this;
  }
}
