package org.openmmp.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.ServerProcess;

/** A front end that is measured: its processes, and the port that clients use. */
record FrontEndUnderTest(String name, ServerProcess process, int port) implements AutoCloseable {
  /** Linux counts processor time in hundredths of a second towards programs. */
  private static final double TICKS_PER_SECOND = 100.0;

  private static final int UTIME = 11;
  private static final int KIB_PER_PAGE = 4;

  /** Processor seconds, user and system, of the process and its children so far. */
  double cpuSeconds() {
    return processes().mapToDouble(FrontEndUnderTest::cpuSecondsOf).sum();
  }

  /** Lets a Java process give back what nothing refers to, which a C program has done already. */
  void collectGarbage() {
    if (name.startsWith("openmmp")) {
      Command.run("jcmd", String.valueOf(process.pid()), "GC.run").succeeded();
    }
  }

  /** Resident memory in KiB of the process and its children. */
  long residentKib() {
    return processes()
        .mapToLong(pid -> Long.parseLong(read(pid, "statm").split(" ", -1)[1]) * KIB_PER_PAGE)
        .sum();
  }

  private Stream<Long> processes() {
    return ProcessHandle.of(process.pid())
        .map(handle -> Stream.concat(Stream.of(handle), handle.descendants()))
        .orElseThrow()
        .map(ProcessHandle::pid);
  }

  private static double cpuSecondsOf(long pid) {
    String stat = read(pid, "stat");
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    return (Long.parseLong(fields.get(UTIME)) + Long.parseLong(fields.get(UTIME + 1)))
        / TICKS_PER_SECOND;
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(pid), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
