package org.openmmp.lmtp.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.StoreLink;

/**
 * One message on its way: from the client into the spool, and from there to each store at that
 * store's pace (rule B5.9). On the event loop of its session.
 */
final class MessageFlow {
  /** How far the client may be ahead of the slowest store. */
  private static final long MOST_AHEAD_OCTETS = 1 << 20;

  /** Hears how it goes. */
  interface Events {
    /** Whether more may be sent, or the end of the message; if not, a reply has to come first. */
    boolean maySend(StoreLink<StoreKey> link, boolean end);

    /** A piece is sent next that the store owes a reply to. */
    void chunk(StoreLink<StoreKey> link);

    /** So much is on its way. */
    void pending(StoreLink<StoreKey> link, long octets);

    /** The end of the message is sent next; false: it may not be, the store is given up. */
    boolean ending(StoreLink<StoreKey> link);

    /** All of it is out. */
    void sent(StoreLink<StoreKey> link);

    /** The client may be read again. */
    void roomAgain();

    /**
     * The message cannot be kept or read.
     *
     * @param why what is wrong with the spool; empty if that is in order
     */
    void failed(String why);
  }

  private final RelayParts parts;
  private final EventLoop loop;
  private final Events events;
  private final Map<StoreLink<StoreKey>, BodyPump> pumps = new HashMap<>();
  private @Nullable SpoolWriter writer;
  private boolean stuffed;
  private boolean more;

  MessageFlow(RelayParts parts, EventLoop loop, Events events) {
    this.parts = parts;
    this.loop = loop;
    this.events = events;
  }

  /**
   * Carries out a step that concerns the spool.
   *
   * @param incoming what the client sent of which the session made this step
   * @param view the same as the session knows it
   */
  void carryOut(RelayStep step, ByteBuf incoming, ByteBuffer view) {
    if (step instanceof RelayStep.Spool some) {
      append(some, incoming, view);
    } else if (step == RelayStep.Simple.OPEN_SPOOL || step == RelayStep.Simple.OPEN_DATA_SPOOL) {
      stuffed = step == RelayStep.Simple.OPEN_DATA_SPOOL;
      writer = parts.newSpool(loop, this::grown, events::failed);
    } else if (step == RelayStep.Simple.END_SPOOL) {
      if (writer != null) {
        writer.end();
      }
    } else if (step == RelayStep.Simple.DROP_SPOOL) {
      drop();
    }
  }

  @SuppressWarnings("ReferenceEquality") // the step is a part of that very view, or stands alone
  private void append(RelayStep.Spool some, ByteBuf incoming, ByteBuffer view) {
    if (writer == null) {
      return;
    }
    int count = some.to() - some.from();
    if (some.octets() == view) {
      writer.append(incoming, incoming.readerIndex() + some.from(), count);
    } else {
      writer.append(Unpooled.wrappedBuffer(some.octets()), some.from(), count);
    }
    more = true;
  }

  /** Passes on what was appended since the last time, all of it together. */
  void passOn() {
    if (more) {
      more = false;
      runPumps();
    }
  }

  private void runPumps() {
    List.copyOf(pumps.values()).forEach(BodyPump::run);
  }

  /**
   * Whether more of the message can be taken from the client: the disk keeps up, and so does the
   * slowest store (rule B5.15).
   *
   * @param deliveries to stores that have not come to their end; one that has not begun took
   *     nothing
   */
  boolean hasRoom(int deliveries) {
    SpoolWriter incoming = writer;
    return incoming == null
        || (incoming.hasRoom() && incoming.octets() - slowest(deliveries) < MOST_AHEAD_OCTETS);
  }

  private long slowest(int deliveries) {
    if (deliveries == 0) {
      return Long.MAX_VALUE;
    }
    if (pumps.size() < deliveries) {
      return 0;
    }
    long least = Long.MAX_VALUE;
    for (BodyPump each : pumps.values()) {
      least = Math.min(least, each.taken());
    }
    return least;
  }

  /** Begins to send it to a store, behind DATA or in chunks. */
  void begin(StoreLink<StoreKey> link, boolean chunks) {
    if (writer != null) {
      BodyFraming framing = new BodyFraming(chunks, stuffed, link.channel().alloc());
      BodyPump pump = new BodyPump(link, writer, framing, parts.workers(), loop, events);
      pumps.put(link, pump);
      pump.run();
    }
  }

  /** The store takes more. */
  void resume(StoreLink<StoreKey> link) {
    BodyPump pump = pumps.get(link);
    if (pump != null) {
      pump.run();
    }
  }

  /** Sends that store nothing more. */
  void stop(StoreLink<StoreKey> link) {
    BodyPump pump = pumps.remove(link);
    if (pump != null) {
      pump.stop();
    }
  }

  private void drop() {
    pumps.values().forEach(BodyPump::stop);
    pumps.clear();
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  /** More is spooled, be it of another message by now. */
  private void grown() {
    runPumps();
    events.roomAgain();
  }
}
