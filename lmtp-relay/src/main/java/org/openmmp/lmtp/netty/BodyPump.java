package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.transport.StoreLink;

/**
 * Sends a message to one store, from its beginning, as fast as the store takes it and the message
 * comes in. On the event loop of its session.
 */
final class BodyPump {
  private static final int TOGETHER_OCTETS = 64 * 1024;

  private final StoreLink<StoreKey> link;
  private final SpoolWriter source;
  private final BodyFraming framing;
  private final Executor workers;
  private final EventLoop loop;
  private final MessageFlow.Events events;

  /** Where in the spool what was not read yet begins. */
  private long position;

  /** Why it could not be read. */
  private String trouble = "";

  /** The last octets of the message, if they leave with its end. */
  private List<ByteBuf> last = new ArrayList<>(2);

  private long given;
  private long pending;
  private boolean reading;

  /**
   * A piece is being handed over. Whatever its owner hears meanwhile may bring more of the message,
   * or room at the store: what is sent then would come before it.
   */
  private boolean sending;

  private boolean ended;
  private boolean stopped;

  BodyPump(
      StoreLink<StoreKey> link,
      SpoolWriter source,
      BodyFraming framing,
      Executor workers,
      EventLoop loop,
      MessageFlow.Events events) {
    this.link = link;
    this.source = source;
    this.framing = framing;
    this.workers = workers;
    this.loop = loop;
    this.events = events;
  }

  StoreLink<StoreKey> link() {
    return link;
  }

  /** How many octets of the message the store has taken. */
  long taken() {
    return Math.max(0, given - pending);
  }

  /** Sends nothing more; what is on its way stays there. */
  void stop() {
    stopped = true;
    release(last);
  }

  /** Sends what can be sent now; call when there is more, or the store takes more. */
  void run() {
    while (!stopped && !reading && !sending && !ended && link.isWritable()) {
      boolean end = source.complete() && position == source.octets();
      if ((!end && position == source.octets()) || !events.maySend(link, end)) {
        return;
      }
      if (end) {
        handOver(this::end);
      } else if (position >= source.heldFrom()) {
        handOver(() -> give(source.held(position, TOGETHER_OCTETS)));
      } else {
        readFile();
      }
    }
  }

  private void handOver(Runnable piece) {
    sending = true;
    try {
      piece.run();
    } finally {
      sending = false;
    }
  }

  private void readFile() {
    reading = true;
    int wanted = (int) Math.min(TOGETHER_OCTETS, source.heldFrom() - position);
    ByteBuf into = link.buffer(wanted);
    workers.execute(
        () -> {
          boolean done = read(into, wanted);
          loop.execute(() -> readByWorker(done, into));
        });
  }

  private boolean read(ByteBuf into, int count) {
    try {
      source.file().read(position, into.nioBuffer(0, count));
      into.writerIndex(count);
      return true;
    } catch (IOException e) {
      trouble = e.toString();
      return false;
    }
  }

  private void readByWorker(boolean done, ByteBuf octets) {
    reading = false;
    if (done && !stopped) {
      List<ByteBuf> piece = new ArrayList<>(2);
      piece.add(octets);
      handOver(() -> give(piece));
      run();
      return;
    }
    octets.release();
    if (!stopped) {
      stopped = true;
      events.failed(trouble);
    }
  }

  private void give(List<ByteBuf> octets) {
    int count = BodyFraming.count(octets);
    position += count;
    if (framing.inChunks() && source.complete() && position == source.octets()) {
      last = octets;
    } else {
      given += count;
      framing.piece(octets);
      if (BodyFraming.count(octets) == 0) {
        release(octets);
        return;
      }
      if (framing.inChunks()) {
        events.chunk(link);
      }
      send(octets);
    }
  }

  /** From here on the store may deliver: that is told before any octet of the end leaves. */
  private void end() {
    ended = true;
    if (!events.ending(link)) {
      stop();
      return;
    }
    List<ByteBuf> end = last;
    last = new ArrayList<>(0);
    given += BodyFraming.count(end);
    framing.end(end);
    send(end);
  }

  private void send(List<ByteBuf> octets) {
    int count = BodyFraming.count(octets);
    pending += count;
    events.pending(link, pending);
    if (stopped) {
      release(octets);
      return;
    }
    link.send(
        octets,
        out -> {
          pending -= count;
          if (!stopped && out.isSuccess()) {
            events.pending(link, pending);
            if (ended && pending == 0) {
              stopped = true;
              events.sent(link);
            }
          }
        });
  }

  private static void release(List<ByteBuf> octets) {
    octets.forEach(ByteBuf::release);
    octets.clear();
  }
}
