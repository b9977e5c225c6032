package org.openmmp.lmtp.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.transaction.Bulkheads;
import org.openmmp.lmtp.transaction.HeardStores;
import org.openmmp.lmtp.transaction.KnownMailboxes;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.transport.OwnWant;

/**
 * What a relay keeps from session to session, and from one configuration to the next: what stores
 * were heard to take, connections to them, and threads. On any thread.
 */
public final class RelayMemory implements AutoCloseable {
  private static final int SPOOL_THREADS = 4;
  private static final long SPOOL_IDLE_SECONDS = 30;

  private final HeardStores heard = new HeardStores(System.nanoTime());
  private final KnownMailboxes known = new KnownMailboxes();
  private final Bulkheads bulkheads = new Bulkheads();
  private final StoreCapacity capacity = new StoreCapacity();
  private final ThreadPoolExecutor workers = spoolThreads();
  private final BiConsumer<OwnWant, String> wants;
  private final Map<EventLoop, IdleLinks> idle = new ConcurrentHashMap<>();

  /**
   * Remembers nothing yet.
   *
   * @param wants hears what is lacking here, and for what
   */
  public RelayMemory(BiConsumer<OwnWant, String> wants) {
    this.wants = wants;
  }

  HeardStores heard() {
    return heard;
  }

  KnownMailboxes known() {
    return known;
  }

  Bulkheads bulkheads() {
    return bulkheads;
  }

  /** How many connections each store gives. */
  public StoreCapacity capacity() {
    return capacity;
  }

  /** Reads and writes spool files, so that no event loop waits for a disk. */
  Executor workers() {
    return workers;
  }

  /** Starts none before it is needed; whoever submits bounds what waits. */
  private static ThreadPoolExecutor spoolThreads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            SPOOL_THREADS,
            SPOOL_THREADS,
            SPOOL_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("spool", true),
            new ThreadPoolExecutor.DiscardPolicy()); // after the close nothing runs
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /**
   * A message cannot be kept, which is a want of ours (rule B2.22); empty: the spool is in order.
   */
  void spoolFailed(Path directory, String why) {
    if (!why.isEmpty()) {
      wants.accept(
          OwnWant.SPOOL,
          "messages are put off, for they cannot be kept in " + directory + ": " + why);
    }
  }

  /**
   * The connections that this event loop keeps; on that loop.
   *
   * @param settings how long and how many, from now on
   */
  IdleLinks idleAt(EventLoop loop, LmtpConfig.Pool settings) {
    IdleLinks links = idle.computeIfAbsent(loop, each -> new IdleLinks(each, settings));
    links.keepBy(settings);
    return links;
  }

  /** Closes kept connections to hosts that are not to be used any more; returns before they are. */
  public void leaveWithdrawn(StoreSelector selector) {
    idle.forEach(
        (loop, links) ->
            loop.execute(() -> links.leave(place -> !selector.keeps(place.group(), place.host()))));
  }

  /** Closes what is kept; sessions are gone, or about to go. May be called again. */
  @Override
  public void close() {
    for (EventLoop loop : List.copyOf(idle.keySet())) {
      IdleLinks links = idle.remove(loop);
      if (links != null) {
        loop.execute(links::closeAll);
      }
    }
    workers.shutdownNow();
  }
}
