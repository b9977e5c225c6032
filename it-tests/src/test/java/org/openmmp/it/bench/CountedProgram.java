package org.openmmp.it.bench;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;

/**
 * Counts what the threads of a program ask for while it does some work: all but those of the
 * virtual machine itself, of what looks at it, and of those that look after idle connections to the
 * directory, which work in their own time.
 *
 * @param pid the program's
 * @param folder for what strace writes
 */
record CountedProgram(long pid, Path folder) {
  private static final Pattern OF_THE_MACHINE =
      Pattern.compile(
          "java|main|(C1|C2|VM|GC|G1|RMI|JMX|Attach|Notification|Health|Service|Monitor|Signal"
              + "|Sweeper|Finalizer|Reference|Common-Cleaner|DestroyJavaVM|StartupWatch|JFR|Serial).*");

  private static final Pattern WAITING =
      Pattern.compile("epoll_p?wait2?|futex|gettid|sched_yield|restart_syscall");

  /** Work that is counted. */
  private interface Work {
    void begin() throws IOException;
  }

  /** Work of which there are equal pieces. */
  interface Pieces {
    void repeat(int times) throws IOException;
  }

  /**
   * Counts what a piece of some work costs once as many were done before, and prints it: the calls
   * of the system of all threads but the log's, whose number hangs on how fast all is, and but for
   * those that wait or wake another thread; and the octets that all threads take from the heap.
   *
   * @return what was found, if it is more than it may be
   */
  Optional<String> above(double mostCalls, long mostOctets, String piece, int pieces, Pieces work)
      throws Exception {
    work.repeat(pieces);
    Map<String, Map<String, Integer>> calls = calls(() -> work.repeat(pieces));
    Map<String, Long> octets = octets(() -> work.repeat(pieces));
    octets.replaceAll((thread, all) -> all / pieces);
    double called =
        calls.entrySet().stream()
                .filter(each -> !each.getKey().equals("log"))
                .flatMap(each -> each.getValue().entrySet().stream())
                .filter(call -> !WAITING.matcher(call.getKey()).matches())
                .mapToInt(Map.Entry::getValue)
                .sum()
            / (double) pieces;
    long taken = octets.values().stream().mapToLong(Long::longValue).sum();
    StringBuilder found =
        new StringBuilder("COST %s: %.2f calls, %d octets of heap".formatted(piece, called, taken));
    calls.forEach(
        (thread, by) -> {
          found.append("\n  ").append(thread);
          by.forEach(
              (name, number) -> found.append(" %s %.2f".formatted(name, number / (double) pieces)));
        });
    found.append("\n  octets by thread ").append(octets);
    System.out.println(found);
    return called <= mostCalls && taken <= mostOctets
        ? Optional.empty()
        : Optional.of("at most %.1f and %d: %s".formatted(mostCalls, mostOctets, found));
  }

  /** The calls of the system: by thread, without the number at its end, then by name. */
  private Map<String, Map<String, Integer>> calls(Work work)
      throws IOException, InterruptedException {
    Map<String, String> threads = threads();
    Path written = folder.resolve("calls");
    Path said = folder.resolve("said");
    List<String> command = new ArrayList<>(List.of("strace", "-q", "-o", written.toString()));
    threads.keySet().forEach(id -> command.addAll(List.of("-p", id)));
    Process strace =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      Await.until(
          () -> "strace follows " + threads + "\n" + text(said),
          Duration.ofSeconds(60),
          () -> strace.isAlive() && threads.keySet().stream().allMatch(this::isFollowed));
      work.begin();
    } finally {
      Command.run("kill", "-INT", String.valueOf(strace.pid())).succeeded();
      strace.waitFor();
    }
    return counted(written, threads);
  }

  private boolean isFollowed(String thread) {
    return !text(task().resolve(thread).resolve("status")).contains("TracerPid:\t0\n");
  }

  private static Map<String, Map<String, Integer>> counted(
      Path written, Map<String, String> threads) throws IOException {
    Pattern call = Pattern.compile("(\\d+) +(\\w+)\\(.*");
    Map<String, Map<String, Integer>> all = new TreeMap<>();
    for (String line : Files.readAllLines(written, StandardCharsets.ISO_8859_1)) {
      Matcher found = call.matcher(line);
      if (found.matches()) {
        String thread = threads.getOrDefault(found.group(1), "?").replaceFirst("[-0-9]+$", "");
        all.computeIfAbsent(thread, first -> new TreeMap<>())
            .merge(found.group(2), 1, Integer::sum);
      }
    }
    return all;
  }

  private Path task() {
    return Path.of("/proc", String.valueOf(pid), "task");
  }

  /** Names by number. */
  private Map<String, String> threads() throws IOException {
    Map<String, String> threads = new TreeMap<>();
    try (Stream<Path> all = Files.list(task())) {
      for (Path each : all.toList()) {
        String name = text(each.resolve("comm")).strip();
        if (!OF_THE_MACHINE.matcher(name).matches()) {
          threads.put(each.getFileName().toString(), name);
        }
      }
    }
    return threads;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  /** Octets that were taken from the heap, by thread. */
  @SuppressWarnings("BanJNDI") // the other end is a process that this test has started
  private Map<String, Long> octets(Work work) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
    String at = machine.startLocalManagementAgent();
    machine.detach();
    try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(at))) {
      ThreadMXBean threads =
          ManagementFactory.newPlatformMXBeanProxy(
              connector.getMBeanServerConnection(),
              ManagementFactory.THREAD_MXBEAN_NAME,
              ThreadMXBean.class);
      Map<String, Long> before = octetsUntilNow(threads);
      work.begin();
      Map<String, Long> after = octetsUntilNow(threads);
      after.replaceAll((thread, octets) -> octets - before.getOrDefault(thread, 0L));
      after.values().removeIf(octets -> octets == 0);
      return after;
    }
  }

  private static Map<String, Long> octetsUntilNow(ThreadMXBean threads) {
    long[] ids = threads.getAllThreadIds();
    long[] octets = threads.getThreadAllocatedBytes(ids);
    ThreadInfo[] known = threads.getThreadInfo(ids);
    Map<String, Long> all = new TreeMap<>();
    for (int i = 0; i < ids.length; i++) {
      String name = known[i] == null ? "" : known[i].getThreadName();
      if (!name.isEmpty() && !OF_THE_MACHINE.matcher(name).matches()) {
        all.merge(name.replaceFirst("[-0-9]+$", ""), octets[i], Long::sum);
      }
    }
    return all;
  }
}
