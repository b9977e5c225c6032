package org.openmmp.program;

import io.netty.channel.unix.Errors;
import java.net.BindException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The exit status of a start that failed: whoever supervises the program tries again only what may
 * pass.
 */
final class StartStatus {
  /** A configuration, certificate or key that is refused, and will be again (sysexits.h). */
  static final int EX_CONFIG = 78;

  /** A port in use, an address that is not there yet, a name that does not resolve (sysexits.h). */
  static final int EX_TEMPFAIL = 75;

  private static final int ADDRESS_IN_USE = 98;
  private static final int ADDRESS_NOT_AVAILABLE = 99;

  private StartStatus() {}

  /** The status for that failure. */
  static int of(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (mayPass(cause)) {
        return EX_TEMPFAIL;
      }
    }
    return EX_CONFIG;
  }

  private static boolean mayPass(Throwable cause) {
    if (cause instanceof Errors.NativeIoException kernel) {
      int error = Math.abs(kernel.expectedErr());
      return error == ADDRESS_IN_USE || error == ADDRESS_NOT_AVAILABLE;
    }
    // The JDK tells a port that needs a privilege by the text alone.
    return cause instanceof UnknownHostException
        || (cause instanceof BindException
            && !String.valueOf(cause.getMessage()).contains("Permission denied"));
  }
}
