package org.openmmp.program;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * Writes the log's lines to standard error by a thread of its own, so that no event loop waits for
 * whoever reads the log: what comes within {@value #PAUSE_MILLIS} ms together, so that a login's
 * lines cost one awakening and one write, and while lines keep coming what comes within {@value
 * #LONGER_PAUSE_MILLIS} ms, for which nobody awakens the thread; but a warning or an error at once.
 * While {@value #MOST_WAITING} lines wait, further ones are lost, and counted, and so are those for
 * which there is no room on a disk: the log says how many as soon as it is read, or has room,
 * again.
 */
public final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  static final int MOST_WAITING = 16_384;

  private static final int AT_A_TIME = 512;
  private static final long PAUSE_MILLIS = 10;
  private static final long LONGER_PAUSE_MILLIS = 50;
  private static final long LONGER_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGER_PAUSE_MILLIS);
  private static final long END_LIMIT_SECONDS = 2;
  private static final AtomicLong lost = new AtomicLong();

  private final ArrayBlockingQueue<ILoggingEvent> waiting;
  private final OutputStream target;
  private @Nullable Encoder<ILoggingEvent> encoder;
  private volatile @Nullable Encoder<ILoggingEvent> other;
  private volatile @Nullable Thread writer;

  /** Writes to standard error. */
  public LineAppender() {
    this(new FileOutputStream(FileDescriptor.err), MOST_WAITING);
  }

  LineAppender(OutputStream target, int mostWaiting) {
    this.target = target;
    this.waiting = new ArrayBlockingQueue<>(mostWaiting);
  }

  /** Lines that this process lost since its start. */
  static long lost() {
    return lost.get();
  }

  /** The form of a line; for logback's configuration. */
  public void setEncoder(Encoder<ILoggingEvent> form) {
    encoder = form;
  }

  /** Another form of a line than that of logback's configuration; null: that one. */
  void writeAs(@Nullable Encoder<ILoggingEvent> form) {
    other = form;
  }

  @Override
  public void start() {
    if (encoder == null) {
      addError("an encoder is needed");
      return;
    }
    Encoder<ILoggingEvent> form = encoder;
    Thread thread = new Thread(() -> write(form), "log");
    thread.setDaemon(true);
    writer = thread;
    super.start();
    thread.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!WrittenLines.isOfEvent(event)) {
      event.getFormattedMessage(); // arguments may change once the caller goes on
    }
    if (!waiting.offer(event)) {
      lost.incrementAndGet();
    } else if (isUrgent(event)) {
      LockSupport.unpark(writer);
    }
  }

  private static boolean isUrgent(ILoggingEvent event) {
    return event.getLevel().isGreaterOrEqual(Level.WARN);
  }

  /** Writes what still waits, within {@value #END_LIMIT_SECONDS} s, and ends. */
  @Override
  public void stop() {
    super.stop();
    Thread thread = writer;
    if (thread != null) {
      writer = null;
      thread.interrupt();
      try {
        thread.join(TimeUnit.SECONDS.toMillis(END_LIMIT_SECONDS));
      } catch (InterruptedException hurried) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write(Encoder<ILoggingEvent> first) {
    List<ILoggingEvent> taken = new ArrayList<>(AT_A_TIME);
    ByteArrayOutputStream octets = new ByteArrayOutputStream(8_192);
    long told = lost.get();
    String trouble = ""; // with the last write
    long writtenNanos = System.nanoTime();
    boolean more = false;
    boolean keepComing = false;
    boolean ended = false;
    while (!ended || !waiting.isEmpty()) {
      try {
        if (!ended && !more && (keepComing || !waiting.isEmpty())) {
          pause(LONGER_PAUSE_MILLIS);
          keepComing = !waiting.isEmpty();
        }
        if (!ended && waiting.isEmpty()) {
          taken.add(waiting.take());
          keepComing = System.nanoTime() - writtenNanos < LONGER_PAUSE_NANOS;
          if (!isUrgent(taken.get(0))) {
            pause(PAUSE_MILLIS);
          }
        }
      } catch (InterruptedException end) {
        ended = true;
      }
      waiting.drainTo(taken, AT_A_TIME - taken.size());
      more = taken.size() == AT_A_TIME;
      Encoder<ILoggingEvent> instead = other;
      Encoder<ILoggingEvent> form = instead == null ? first : instead;
      long missing = lost.get() - told;
      if (!trouble.isEmpty()) {
        octets.write('\n'); // behind what may be the begin of a line
        octets.writeBytes(missingLines(form, missing, trouble));
      }
      for (ILoggingEvent event : taken) {
        octets.writeBytes(shown(form.encode(event)));
      }
      if (missing > 0 && trouble.isEmpty()) {
        octets.writeBytes(missingLines(form, missing, "its reader was too slow"));
      }
      try {
        octets.writeTo(target);
        told += missing;
        trouble = "";
      } catch (IOException noReader) {
        lost.addAndGet(taken.size());
        trouble =
            "it could not be written (" + SafeText.of(String.valueOf(noReader.getMessage())) + ")";
      }
      writtenNanos = System.nanoTime();
      taken.clear();
      octets.reset();
    }
  }

  /** Until somebody has something urgent, at the longest. */
  private static void pause(long millis) throws InterruptedException {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** The line as it may be shown; what a peer said was made safe before, a library's words not. */
  private static byte[] shown(byte[] line) {
    for (byte octet : line) {
      if ((octet < ' ' && octet != '\n' && octet != '\t') || octet == 0x7f) {
        return SafeText.lines(new String(line, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
      }
    }
    return line;
  }

  private static byte[] missingLines(Encoder<ILoggingEvent> form, long missing, String why) {
    LoggingEvent event = new LoggingEvent();
    event.setTimeStamp(System.currentTimeMillis());
    event.setLevel(Level.WARN);
    event.setLoggerName(LineAppender.class.getName());
    event.setMessage(missing + " lines of the log were lost here: " + why);
    return form.encode(event);
  }
}
