package org.openmmp.lmtp.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opens the file that a message goes to when it is too long for memory. */
@FunctionalInterface
interface SpoolFile {
  /** An empty file, open to read and write, that is gone once it is closed. */
  FileChannel open() throws IOException;

  /**
   * Files of a directory that nobody else may read. Each is unlinked while it is opened, so that
   * none is left behind however the process ends.
   */
  static SpoolFile in(Path directory) {
    return () -> {
      Path file = Files.createTempFile(directory, "openmmp-", ".spool");
      try {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(file);
        return channel;
      } catch (IOException e) {
        Files.deleteIfExists(file);
        throw e;
      }
    };
  }
}
