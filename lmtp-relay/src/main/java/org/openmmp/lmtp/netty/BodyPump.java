package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.openmmp.lmtp.spool.MessageSpool;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.StoreLink;

/**
 * Sends a spooled message to one store, from its beginning, as fast as the store takes it and the
 * message comes in. On the event loop of its session.
 */
final class BodyPump {
  private static final int PIECE_OCTETS = 32 * 1024;
  private static final int TOGETHER_OCTETS = 64 * 1024;
  private static final int UNREADABLE = -1;

  private final StoreLink<StoreKey> link;
  private final SpoolWriter source;
  private final BodyFraming framing;
  private final MessageSpool.Reader reader;
  private final Executor workers;
  private final EventLoop loop;
  private final MessageFlow.Events events;

  /** What is read of the spool, by a worker or here, until it is framed. */
  private byte[] buffer = {};

  /** Why it could not be read. */
  private String trouble = "";

  /** The last octets of the message, if they leave with its end. */
  private List<RelayStep.Spool> last = List.of();

  private long given;
  private long pending;
  private boolean reading;
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
    this.reader = source.spool().reader();
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
  }

  /** Sends what can be sent now; call when there is more, or the store takes more. */
  void run() {
    while (!stopped && !reading && !ended && link.isWritable()) {
      boolean end = allRead();
      boolean recent = !end && source.recentAt(reader.position()) != null;
      if ((!end && !recent && reader.available() == 0) || !events.maySend(link, end)) {
        return;
      }
      if (end) {
        end();
      } else if (recent) {
        give(recent());
      } else if (source.spool().inMemory()) {
        give(read());
      } else {
        reading = true;
        workers.execute(
            () -> {
              int count = read();
              loop.execute(() -> readByWorker(count));
            });
      }
    }
  }

  private boolean allRead() {
    return source.complete() && reader.available() == 0;
  }

  /** What came lately and is not sent yet, as much of it as leaves together. */
  private List<RelayStep.Spool> recent() {
    List<RelayStep.Spool> pieces = new ArrayList<>();
    int count = 0;
    RelayStep.Spool next = source.recentAt(reader.position());
    while (next != null && (pieces.isEmpty() || count + next.count() <= TOGETHER_OCTETS)) {
      pieces.add(next);
      count += next.count();
      reader.skip(next.count());
      next = source.recentAt(reader.position());
    }
    return pieces;
  }

  private void readByWorker(int count) {
    reading = false;
    give(count);
    run();
  }

  /** Reads the next piece; gives its octets, or {@link #UNREADABLE}. */
  private int read() {
    int wanted = (int) Math.min(PIECE_OCTETS, reader.available());
    if (buffer.length < wanted) {
      buffer = new byte[wanted];
    }
    try {
      return reader.read(ByteBuffer.wrap(buffer, 0, wanted));
    } catch (IOException e) {
      trouble = e.toString();
      return UNREADABLE;
    }
  }

  private void give(int count) {
    if (stopped) {
      return;
    }
    if (count == UNREADABLE) {
      stopped = true;
      events.failed(trouble);
    } else if (count > 0) {
      give(List.of(new RelayStep.Spool(buffer, 0, count, false)));
    }
  }

  private void give(List<RelayStep.Spool> octets) {
    if (framing.endsWithPiece() && allRead()) {
      last = octets;
    } else {
      int count = BodyFraming.count(octets);
      given += count;
      ByteBuf framed = link.buffer(framing.room(count));
      framing.piece(octets, framed);
      if (framing.repliesToPieces()) {
        events.chunk(link);
      }
      send(framed);
    }
  }

  /** From here on the store may deliver: that is told before any octet of the end leaves. */
  private void end() {
    ended = true;
    if (!events.ending(link)) {
      stopped = true;
      return;
    }
    int count = BodyFraming.count(last);
    given += count;
    ByteBuf end = link.buffer(framing.room(count));
    framing.end(last, end);
    send(end);
  }

  private void send(ByteBuf octets) {
    int count = octets.readableBytes();
    pending += count;
    events.pending(link, pending);
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
}
