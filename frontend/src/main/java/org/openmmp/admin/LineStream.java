package org.openmmp.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.stream.ChunkedInput;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.Json;

/**
 * Lines for a reader, as they come: text, or a JSON object each. What a slow reader does not take
 * is counted and not kept. On any thread.
 */
public final class LineStream implements ChunkedInput<ByteBuf> {
  /** Lines that wait for the reader. */
  static final int MOST_WAITING = 2_000;

  private static final int MOST_CHUNK_CHARS = 32 * 1024;

  private final boolean text;
  private final Runnable resume;
  private final Queue<String> waiting = new ArrayDeque<>();
  private Runnable onClose = () -> {};
  private long untold;
  private long octets;
  private boolean ended;
  private boolean closed;

  /**
   * One without a line.
   *
   * @param text whether the reader wants text; else JSON
   * @param resume tells that there is something to send
   */
  LineStream(boolean text, Runnable resume) {
    this.text = text;
    this.resume = resume;
  }

  AdminReply reply() {
    return new AdminReply(
        HttpResponseStatus.OK,
        text ? "text/plain; charset=utf-8" : "application/x-ndjson; charset=utf-8",
        -1,
        this,
        Map.of("X-Accel-Buffering", "no"));
  }

  /** Hears when the reader takes no more; at once if that has come to pass. */
  public void onClose(Runnable heard) {
    boolean over;
    synchronized (this) {
      onClose = heard;
      over = closed;
    }
    if (over) {
      heard.run();
    }
  }

  /**
   * A line for the reader.
   *
   * @return how many octets it has
   */
  public int tell(String line, Map<String, ? extends @Nullable Object> tree) {
    String written = (text ? line : Json.write(tree)) + "\n";
    synchronized (this) {
      if (ended || closed) {
        return 0;
      }
      if (waiting.size() >= MOST_WAITING) {
        untold++;
        return 0;
      }
      waiting.add(written);
    }
    resume.run();
    return written.length();
  }

  /** Nothing for the reader but a sign of life, an empty line, which shows whether it is there. */
  public void live() {
    synchronized (this) {
      if (ended || closed || !waiting.isEmpty()) {
        return;
      }
      waiting.add("\n");
    }
    resume.run();
  }

  /** The last line. */
  public void end(String line, Map<String, ? extends @Nullable Object> tree) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      addUntold();
      waiting.add((text ? line : Json.write(tree)) + "\n");
    }
    resume.run();
  }

  private void addUntold() {
    if (untold > 0) {
      waiting.add(
          (text
                  ? "(" + untold + " lines were not read in time)"
                  : Json.write(Map.of("unread", untold)))
              + "\n");
      untold = 0;
    }
  }

  @Override
  public synchronized boolean isEndOfInput() {
    return ended && waiting.isEmpty();
  }

  @Override
  public void close() {
    Runnable heard;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      waiting.clear();
      heard = onClose;
    }
    heard.run();
  }

  @Override
  @Deprecated
  @SuppressWarnings("InlineMeSuggester") // it is Netty's, and so is who calls it
  public @Nullable ByteBuf readChunk(ChannelHandlerContext ctx) {
    return readChunk(ctx.alloc());
  }

  @Override
  public @Nullable ByteBuf readChunk(ByteBufAllocator allocator) {
    StringBuilder chunk = new StringBuilder();
    synchronized (this) {
      while (!waiting.isEmpty() && chunk.length() < MOST_CHUNK_CHARS) {
        chunk.append(waiting.remove());
      }
      if (waiting.isEmpty()) {
        addUntold();
      }
    }
    if (chunk.isEmpty()) {
      return null;
    }
    byte[] sent = chunk.toString().getBytes(UTF_8);
    octets += sent.length;
    return allocator.buffer(sent.length).writeBytes(sent);
  }

  @Override
  public long length() {
    return -1;
  }

  @Override
  public long progress() {
    return octets;
  }
}
