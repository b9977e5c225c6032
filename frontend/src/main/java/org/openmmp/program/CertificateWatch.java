package org.openmmp.program;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every two seconds whether the files of certificates, keys and lists of revoked certificates
 * were exchanged, as ACME clients do, and has them taken over once they rest and fit each other.
 */
final class CertificateWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
  private static final long PERIOD_MILLIS = 2_000;

  private final SharedRooms rooms;
  private final Thread thread;
  private @Nullable Settings known;
  private Map<Path, String> judged = Map.of();
  private Map<Path, String> seen = Map.of();

  /** Begins to look. */
  CertificateWatch(SharedRooms rooms) {
    this.rooms = rooms;
    thread = new Thread(this::run, "certificate-watch");
    thread.setDaemon(true);
    look();
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(PERIOD_MILLIS);
        look();
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  /** What changed since it was last read is judged once it was the same at two looks. */
  @SuppressWarnings("ReferenceEquality") // settings are replaced as a whole
  private void look() {
    Settings now = rooms.now();
    Map<Path, String> files = Settings.tlsFilesNow(now.config().tls());
    if (now != known) {
      known = now;
      judged = now.tlsFiles();
    }
    if (!files.equals(judged) && files.equals(seen)) {
      judged = files;
      takeOver();
    }
    seen = files;
  }

  private void takeOver() {
    try {
      rooms.readTlsAgain();
      known = rooms.now();
      judged = known.tlsFiles();
      log.info("certificates result=ok: their files have changed and were read again");
    } catch (IOException unfit) {
      log.warn(
          "certificates result=refused: {}; those from before go on until the files change again",
          unfit.getMessage());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
