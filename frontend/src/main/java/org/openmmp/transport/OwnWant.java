package org.openmmp.transport;

import io.netty.channel.unix.Errors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What this process or its machine can lack; nobody else is to blame for it (rule B2.22). */
public enum OwnWant {
  /** File descriptors, of the process or of the machine. */
  DESCRIPTOR("no file descriptor is left", -24, -23),
  /** Local ports towards one address. */
  PORT("no local port is left", -99, -98),
  /** An address to connect from that this machine does not have. */
  SOURCE_ADDRESS("openmmp.source-address is not on this machine"),
  /** Memory, the kernel's or ours. */
  MEMORY("no memory is left", -12, -105),
  /** Threads. */
  THREAD("no thread is left", -11),
  /** Room for the messages that the relay keeps until they are delivered. */
  SPOOL("no room is left for messages");

  private static final int DEEPEST_CAUSE = 12;

  private final String words;

  @SuppressWarnings("ImmutableEnumChecker") // written once, and never given away
  private final int[] errors;

  OwnWant(String words, int... errors) {
    this.words = words;
    this.errors = errors;
  }

  /** The beginning of a sentence for the log. */
  public String words() {
    return words;
  }

  /** What was lacking where something failed; null if that was not the reason. */
  public static @Nullable OwnWant of(Throwable thrown) {
    @Nullable Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
      OwnWant found = ofOne(cause);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable OwnWant ofOne(Throwable cause) {
    if (cause instanceof RejectedExecutionException) {
      return THREAD;
    }
    if (cause instanceof OutOfMemoryError) {
      return String.valueOf(cause.getMessage()).contains("thread") ? THREAD : MEMORY;
    }
    String text = String.valueOf(cause.getMessage());
    for (OwnWant want : values()) {
      for (int error : want.errors) {
        if ((cause instanceof Errors.NativeIoException told && told.expectedErr() == error)
            || text.contains("error(" + error + ")")) {
          return want;
        }
      }
    }
    // Java's own sockets have no numbers, and the system's words may be in any language.
    if (text.contains("Too many open files")) {
      return DESCRIPTOR;
    }
    if (text.contains("Cannot assign requested address")
        || text.contains("Address already in use")) {
      return PORT;
    }
    return text.contains("Cannot allocate memory") || text.contains("No buffer space available")
        ? MEMORY
        : null;
  }
}
