package org.openmmp.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
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
  static final String BASELINE = "-base";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int KIB_PER_PAGE = 4;

  boolean speaks(String protocol) {
    return ports.containsKey(protocol);
  }

  /** Where clients that speak that come in. */
  Door door(String protocol) {
    int port = Objects.requireNonNull(ports.get(protocol), protocol);
    return new Door(port, protocol.endsWith("s") ? Optional.of(authority) : Optional.empty());
  }

  /** Whether the other is to be judged by this one. */
  boolean isBaselineOf(FrontEndUnderTest other) {
    return name.equals(other.name + BASELINE);
  }

  /** Processor seconds, user and system, of all threads of the process and its children so far. */
  double cpuSeconds() {
    return processes().mapToLong(FrontEndUnderTest::cpuNanosOf).sum() / NANOS_PER_SECOND;
  }

  /** Has it take its configuration over as it is written now, for the so-manieth time. */
  void reload(int time) {
    Command.run("kill", "-HUP", String.valueOf(process.pid())).succeeded();
    process.awaitLine(Pattern.compile("(?s)(reload result=ok.*){" + time + "}"));
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
        .mapToLong(
            pid ->
                Long.parseLong(
                        read(Path.of("/proc", String.valueOf(pid), "statm")).split(" ", -1)[1])
                    * KIB_PER_PAGE)
        .sum();
  }

  /** Its share of the machine's memory in KiB: resident pages, each divided by its holders. */
  long proportionalKib() {
    return processes()
        .flatMap(pid -> read(Path.of("/proc", String.valueOf(pid), "smaps_rollup")).lines())
        .filter(line -> line.startsWith("Pss:"))
        .mapToLong(line -> Long.parseLong(line.split("\\s+", -1)[1]))
        .sum();
  }

  private Stream<Long> processes() {
    return ProcessHandle.of(process.pid())
        .map(handle -> Stream.concat(Stream.of(handle), handle.descendants()))
        .orElseThrow()
        .map(ProcessHandle::pid);
  }

  /** The kernel's own count, which is finer than its hundredths of a second for the process. */
  private static long cpuNanosOf(long pid) {
    try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
      return threads.mapToLong(thread -> threadNanos(thread.resolve("schedstat"))).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long threadNanos(Path counts) {
    try {
      return Long.parseLong(Files.readString(counts).split(" ", -1)[0]);
    } catch (IOException ended) {
      return 0;
    }
  }

  /** Octets of the Java heap that something refers to; 0 for a C program. */
  long liveOctets() {
    if (!name.startsWith("openmmp")) {
      return 0;
    }
    String histogram =
        Command.run("jcmd", String.valueOf(process.pid()), "GC.class_histogram")
            .succeeded()
            .output();
    String total = histogram.substring(histogram.lastIndexOf("Total"));
    return Long.parseLong(total.strip().split("\\s+", -1)[2]);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
