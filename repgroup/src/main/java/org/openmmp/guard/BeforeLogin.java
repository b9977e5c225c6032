package org.openmmp.guard;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The places and the memory that all clients together may take before they have logged in (rule
 * B6.1). At the limit a client that asks for more is turned away: strangers cannot take the memory
 * that the sessions of users need. Only a client that {@linkplain Place#mayBeGone may be gone}
 * makes room for a new one (rule B6.3). May be used on any thread.
 */
public final class BeforeLogin {
  /** The memory of a client that has sent nothing. */
  static final int OCTETS_OF_A_CLIENT = 16 * 1024;

  /** Buffers grow by doubling, and an octet may be in the line and in the command at one time. */
  private static final int MEMORY_OF_AN_OCTET = 2;

  private static final int PART_OF_THE_HEAP = 4;

  private final long heapOctets;
  private volatile int mostConnections;
  private volatile long mostOctets;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong octets = new AtomicLong();
  private final DoubtfulPlaces<Boolean> doubtful = new DoubtfulPlaces<>();

  /**
   * Begins with nobody inside.
   *
   * @param heapOctets the most that the heap grows to
   */
  BeforeLogin(LimitsConfig settings, long heapOctets) {
    this.heapOctets = heapOctets;
    change(settings);
  }

  /** Has other limits from now on; who is inside stays. */
  void change(LimitsConfig settings) {
    int octetsAllowed = settings.octetsBeforeLogin();
    int connectionsAllowed = settings.connectionsBeforeLogin();
    mostOctets = octetsAllowed == 0 ? heapOctets / PART_OF_THE_HEAP : octetsAllowed;
    mostConnections = connectionsAllowed == 0 ? Integer.MAX_VALUE : connectionsAllowed;
  }

  /**
   * Takes a place for one that has sent nothing yet, at the limit that of one who {@linkplain
   * Place#mayBeGone may be gone}, the oldest first; null if there is none.
   */
  public @Nullable Place enter() {
    Place place = enterIfFree();
    while (place == null && doubtful.free(true)) {
      place = enterIfFree();
    }
    return place;
  }

  private @Nullable Place enterIfFree() {
    if (connections.incrementAndGet() > mostConnections) {
      connections.decrementAndGet();
      return null;
    }
    Place place = new Place();
    if (!place.take(OCTETS_OF_A_CLIENT)) {
      connections.decrementAndGet();
      return null;
    }
    return place;
  }

  /** Clients inside now. */
  public int connections() {
    return connections.get();
  }

  /** Octets that are counted now. */
  public long octets() {
    return octets.get();
  }

  /** The place of one client; on any thread, for another client may take it. */
  public final class Place implements AutoCloseable {
    private final Permit permit = new Permit(this::leave);
    private long taken;
    private boolean left;

    private Place() {}

    /**
     * The client holds so many octets now that it has sent.
     *
     * @return false if that is more than there is room for; it has to go then
     */
    public synchronized boolean holds(int sent) {
      return left || take(OCTETS_OF_A_CLIENT + (long) MEMORY_OF_AN_OCTET * sent);
    }

    /**
     * The client has ended its sending: it waits for its answer, or is gone.
     *
     * @param end ends the client's connection, on whatever thread, if another one takes its place
     */
    public synchronized void mayBeGone(Runnable end) {
      if (!left) {
        doubtful.add(true, permit, end);
      }
    }

    private synchronized boolean take(long wanted) {
      long more = wanted - taken;
      if (octets.addAndGet(more) > mostOctets && more > 0) {
        octets.addAndGet(-more);
        return false;
      }
      taken = wanted;
      return true;
    }

    /** It has logged in, or has gone; may be called again. */
    @Override
    public void close() {
      permit.close();
      doubtful.remove(true, permit);
    }

    private synchronized void leave() {
      left = true;
      octets.addAndGet(-taken);
      connections.decrementAndGet();
    }
  }
}
