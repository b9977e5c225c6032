package org.openmmp.storesim.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.DirectoryUser;

/**
 * Wrong passwords, cut sessions, failovers and reloads against a front end in a process of its own,
 * and whether its heap, buffers, descriptors and threads grow: {@code ./openmmp test soak}.
 *
 * <p>What is judged is what it has at quiet points, when nobody is connected and the heap was
 * collected; its resident memory, which depends on which pages were touched once, is told only.
 */
public final class Soak {
  private static final Pattern LISTENER = Pattern.compile(" (\\w+)=([^:,\\s]+):(\\d+)");
  private static final int OCTETS_OF_KIB = 1024;
  private static final int WORKERS = 4;
  private static final int MOST_SAMPLES = 40;
  private static final int FEWEST_SAMPLES = 12;
  private static final int SECONDS_OF_SAMPLE = 8;
  private static final Duration UNTIL_QUIET = Duration.ofSeconds(10);

  private final DemoWorld world;
  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
  private final PrintWriter nowhere =
      new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private final AtomicLong logins = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong cut = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /** Clients work under the one, and nobody does under the other. */
  private final ReentrantReadWriteLock quiet = new ReentrantReadWriteLock(true);

  private volatile boolean over;

  private Soak(DemoWorld world) {
    this.world = world;
  }

  /**
   * Runs for some seconds against the front end that the command behind them starts, to which the
   * name of a configuration file is added. The exit status is 1 if something grows.
   */
  public static void main(String[] words) throws Exception {
    Duration length = Duration.ofSeconds(Long.parseLong(words[0]));
    Path directory = Files.createTempDirectory("openmmp-soak");
    boolean level;
    try (DemoWorld world = DemoWorld.start(directory)) {
      level = new Soak(world).run(length, Arrays.asList(words).subList(1, words.length));
    } finally {
      Demo.remove(directory);
    }
    System.exit(level ? 0 : 1);
  }

  private boolean run(Duration length, List<String> command) throws Exception {
    List<String> words = new ArrayList<>(command);
    Path config = world.configFile();
    Files.writeString(
        config,
        Files.readString(config)
            + "\nopenmmp.limits { logins-per-second-per-address = 0, penalty.first = 0 }\n");
    words.add(config.toString());
    Process frontEnd = new ProcessBuilder(words).redirectErrorStream(true).start();
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    try (BufferedReader said = frontEnd.inputReader(StandardCharsets.UTF_8)) {
      try {
        String ready = said.readLine();
        while (ready != null && !ready.startsWith("ready ")) {
          out.println(ready);
          ready = said.readLine();
        }
        if (ready == null) {
          return false;
        }
        String listeners = ready;
        Thread log = new Thread(() -> said.lines().forEach(line -> {}), "front-end-log");
        log.setDaemon(true);
        log.start();
        for (int i = 0; i < WORKERS; i++) {
          int worker = i;
          workers.execute(() -> work(listeners, worker));
        }
        return judge(watch(frontEnd, collector(words.get(0)), listeners, length));
      } finally {
        over = true;
        frontEnd.destroyForcibly(); // or its reader, which waits for words, could not be closed
      }
    } finally {
      workers.shutdownNow();
      if (!workers.awaitTermination(10, TimeUnit.SECONDS)) {
        out.println("a client did not end");
      }
    }
  }

  /** What has the heap of a process collected; null: this Java has nothing for it. */
  private @Nullable Path collector(String java) {
    Path found = Path.of(java).resolveSibling("jcmd");
    if (Files.isExecutable(found)) {
      return found;
    }
    out.println("there is no " + found + ": the heap is judged with the garbage in it");
    return null;
  }

  /** Samples it while stores die and come back, and the configuration is read again. */
  private List<Growth.Sample> watch(
      Process frontEnd, @Nullable Path collector, String listeners, Duration length)
      throws Exception {
    List<Growth.Sample> samples = new ArrayList<>();
    long begun = System.nanoTime();
    long count =
        Math.max(FEWEST_SAMPLES, Math.min(MOST_SAMPLES, length.toSeconds() / SECONDS_OF_SAMPLE));
    String[] stores = {"huey", "dewey", "louie"};
    for (int i = 0; i < count; i++) {
      String store = stores[i % stores.length];
      if (i % 2 == 0) {
        world.groupOf(store).kill(store);
      }
      if (i % 4 == 3) {
        new ProcessBuilder("kill", "-HUP", String.valueOf(frontEnd.pid())).start().waitFor();
      }
      long until = begun + length.toNanos() * (i + 1) / count;
      while (until - System.nanoTime() > 0) {
        LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
      }
      for (String each : stores) {
        world.groupOf(each).start(each);
      }
      quiet.writeLock().lock();
      try {
        awaitQuiet(listeners);
        if (collector != null) {
          collect(collector, frontEnd.pid());
        }
        samples.add(sample(frontEnd.pid(), listeners, begun));
      } finally {
        quiet.writeLock().unlock();
      }
      tell(frontEnd.pid(), samples.get(samples.size() - 1));
    }
    return samples;
  }

  /** Waits until nobody is connected; what stays for longer is for the judgement to see. */
  private static void awaitQuiet(String listeners) throws IOException {
    long until = System.nanoTime() + UNTIL_QUIET.toNanos();
    while (metric(listeners, "openmmp_connections ", "") > 0 && until - System.nanoTime() > 0) {
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private static void collect(Path collector, long pid) throws Exception {
    new ProcessBuilder(collector.toString(), String.valueOf(pid), "GC.run")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void tell(long pid, Growth.Sample now) throws IOException {
    out.printf(
        "%4.0f s  heap %6.0f KiB  buffers %6.0f KiB  %3.0f descriptors  %3.0f threads  resident"
            + " %6.0f KiB  %d logins, %d wrong passwords, %d cut, %d failed%n",
        now.seconds(),
        now.heapKib(),
        now.bufferKib(),
        now.descriptors(),
        now.threads(),
        status(pid, "VmRSS:"),
        logins.get(),
        wrong.get(),
        cut.get(),
        failed.get());
  }

  private static Growth.Sample sample(long pid, String listeners, long begun) throws IOException {
    double heap = metric(listeners, "jvm_memory_used_bytes", "area=\"heap\"") / OCTETS_OF_KIB;
    double buffers =
        (metric(listeners, "openmmp_buffer_bytes ", "")
                + metric(listeners, "jvm_buffer_memory_used_bytes", "id=\"direct\""))
            / OCTETS_OF_KIB;
    try (Stream<Path> open = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
      double seconds = (System.nanoTime() - begun) / 1e9;
      return new Growth.Sample(seconds, heap, buffers, open.count(), status(pid, "Threads:"));
    }
  }

  /** A number that the system tells of a process. */
  private static double status(long pid, String name) throws IOException {
    return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
        .sum();
  }

  /** The sum of a metric's values that have this label. */
  private static double metric(String listeners, String name, String label) throws IOException {
    InetSocketAddress admin = address(listeners, "admin");
    URL page = new URL("http", admin.getHostString(), admin.getPort(), "/metrics");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(page.openStream(), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> line.startsWith(name) && line.contains(label))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }

  private boolean judge(List<Growth.Sample> samples) {
    List<Growth> found = Growth.of(samples);
    found.forEach(out::println);
    return !found.isEmpty() && found.stream().noneMatch(Growth::leaks);
  }

  // ---- clients

  private void work(String listeners, int worker) {
    for (int turn = worker; !over; turn++) {
      DirectoryUser user = world.users().get(turn % world.users().size());
      quiet.readLock().lock();
      try {
        switch (turn % 4) {
          case 0 -> logIn(listeners, user, user.password());
          case 1 -> logIn(listeners, user, "wrong");
          case 2 -> cut(listeners, turn);
          default -> pop3(listeners, user);
        }
      } catch (IOException | RuntimeException | java.security.GeneralSecurityException trouble) {
        failed.incrementAndGet(); // a store has just died, or there is no master yet
      } finally {
        quiet.readLock().unlock();
      }
    }
  }

  private void logIn(String listeners, DirectoryUser user, String password)
      throws IOException, java.security.GeneralSecurityException {
    try (DemoClient client =
        DemoClient.secured(address(listeners, "imaps"), world.certificate(), nowhere)) {
      new ImapLogin(client).run(user.login(), password);
      (password.equals(user.password()) ? logins : wrong).incrementAndGet();
    }
  }

  private void pop3(String listeners, DirectoryUser user)
      throws IOException, java.security.GeneralSecurityException {
    try (DemoClient client =
        DemoClient.secured(address(listeners, "pop3s"), world.certificate(), nowhere)) {
      new Pop3Login(client).run(user.login(), user.password());
      logins.incrementAndGet();
    }
  }

  /** Leaves at any point, by a reset. */
  private void cut(String listeners, int turn) throws IOException {
    String[] begins = {"", "a LOG", "a LOGIN alice@example.com {12+}\r\nalice", "\u0016\u0003"};
    try (Socket socket = new Socket()) {
      socket.connect(address(listeners, turn % 8 == 2 ? "imaps" : "lmtp"));
      socket
          .getOutputStream()
          .write(begins[turn / 4 % begins.length].getBytes(StandardCharsets.ISO_8859_1));
      socket.setSoLinger(true, 0);
    }
    cut.incrementAndGet();
  }

  private static InetSocketAddress address(String ready, String service) {
    Matcher listener = LISTENER.matcher(ready);
    while (listener.find()) {
      if (listener.group(1).equals(service)) {
        return new InetSocketAddress(listener.group(2), Integer.parseInt(listener.group(3)));
      }
    }
    throw new IllegalStateException("no " + service + " in: " + ready);
  }
}
