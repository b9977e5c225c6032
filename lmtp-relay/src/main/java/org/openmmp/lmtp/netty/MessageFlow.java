package org.openmmp.lmtp.netty;

import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.transaction.RelayStep;
import org.openmmp.transport.StoreLink;

/**
 * One message on its way: from the client into the spool, and from there to each store at that
 * store's pace (rule B5.9). On the event loop of its session.
 */
final class MessageFlow {
  /** How far the client may be ahead of the slowest store. */
  private static final long MOST_AHEAD_OCTETS = 1 << 20;

  /** Hears how it goes; see {@link BodyPump.Progress}. */
  interface Events extends BodyPump.Progress {
    /** The client may be read again. */
    void roomAgain();

    /**
     * The message cannot be kept or read.
     *
     * @param why what is wrong with the spool; empty if that is in order
     */
    void failed(String why);

    @Override
    default void unreadable(String why) {
      failed(why);
    }
  }

  private final RelayParts parts;
  private final EventLoop loop;
  private final Events events;
  private final Map<StoreLink<StoreConversation>, BodyPump> pumps = new HashMap<>();
  private @Nullable SpoolWriter writer;

  MessageFlow(RelayParts parts, EventLoop loop, Events events) {
    this.parts = parts;
    this.loop = loop;
    this.events = events;
  }

  /** Carries out a step that concerns the spool. */
  void carryOut(RelayStep step) {
    if (step instanceof RelayStep.Spool octets) {
      if (writer != null) {
        writer.append(octets);
      }
    } else if (step instanceof RelayStep.OpenSpool) {
      writer = new SpoolWriter(parts.newSpool(), loop, parts.workers(), new Spooled());
    } else if (step instanceof RelayStep.EndSpool) {
      if (writer != null) {
        writer.end();
      }
    } else if (step instanceof RelayStep.DropSpool) {
      drop();
    }
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
    return pumps.size() < deliveries
        ? 0
        : pumps.values().stream().mapToLong(BodyPump::taken).min().orElse(0);
  }

  /** Begins to send it to a store, behind DATA or in chunks. */
  void begin(StoreLink<StoreConversation> link, boolean chunks) {
    if (writer != null) {
      BodyFraming framing = chunks ? new ChunkFraming() : new DataFraming();
      BodyPump pump = new BodyPump(link, writer, framing, parts.workers(), loop, events);
      pumps.put(link, pump);
      pump.run();
    }
  }

  /** The store takes more. */
  void resume(StoreLink<StoreConversation> link) {
    BodyPump pump = pumps.get(link);
    if (pump != null) {
      pump.run();
    }
  }

  /** Sends that store nothing more. */
  void stop(StoreLink<StoreConversation> link) {
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

  /** Hears of the spool, which may be another message's by now. */
  private final class Spooled implements SpoolWriter.Progress {
    @Override
    public void grown() {
      List.copyOf(pumps.values()).forEach(BodyPump::run);
      events.roomAgain();
    }

    @Override
    public void failed(String why) {
      events.failed(why);
    }
  }
}
