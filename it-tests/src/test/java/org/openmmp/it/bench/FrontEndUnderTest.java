package org.openmmp.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.ServerProcess;

/**
 * A front end that is measured.
 *
 * @param ports by protocol, such as {@code imaps}
 * @param authority who vouches for it under TLS
 */
record FrontEndUnderTest(
    String name, ServerProcess process, Map<String, Integer> ports, Path authority)
    implements AutoCloseable {
  /** Linux counts processor time in hundredths of a second towards programs. */
  private static final double TICKS_PER_SECOND = 100.0;

  private static final int UTIME = 11;
  private static final int CSTIME = 14;
  private static final int KIB_PER_PAGE = 4;

  boolean speaks(String protocol) {
    return ports.containsKey(protocol);
  }

  /** Where clients that speak that come in. */
  Door door(String protocol) {
    int port = Objects.requireNonNull(ports.get(protocol), protocol);
    return new Door(port, protocol.endsWith("s") ? Optional.of(authority) : Optional.empty());
  }

  /** Processor seconds, user and system, of the process and all its children so far. */
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
    return fields.subList(UTIME, CSTIME + 1).stream().mapToLong(Long::parseLong).sum()
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
