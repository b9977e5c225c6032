package org.openmmp.lmtp.netty;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that read and write spool files, so that no event loop waits for a disk. */
public final class SpoolWorkers implements Executor, AutoCloseable {
  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 30;

  private final ThreadPoolExecutor threads;

  /** Starts none before it is needed. */
  public SpoolWorkers() {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("spool", true));
    threads.allowCoreThreadTimeOut(true);
  }

  /** Runs it soon; whoever submits bounds what waits. After the close nothing runs. */
  @Override
  public void execute(Runnable task) {
    if (!threads.isShutdown()) {
      threads.execute(task);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
