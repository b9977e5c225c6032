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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openmmp.storesim.DirectoryUser;

/**
 * Wrong passwords, cut sessions, failovers and reloads against a front end in a process of its own,
 * and the slope of its memory, descriptors and threads: {@code ./openmmp test soak}.
 */
public final class Soak {
  /** What the process is at one moment, at its quietest in an interval. */
  private record Sample(
      double seconds, double heap, double kib, double descriptors, double threads) {}

  private static final Pattern LISTENER = Pattern.compile(" (\\w+)=([^:,\\s]+):(\\d+)");
  private static final int WORKERS = 4;
  private static final int SAMPLES = 40;

  /** Before that share of the time the program is still warming up. */
  private static final double WARM = 0.4;

  /** A slope is one if it adds more than this in an hour, at both of the last halves. */
  private static final double MOST_KIB_AN_HOUR = 60 * 1024;

  private static final double MOST_DESCRIPTORS_AN_HOUR = 30;
  private static final double MOST_THREADS_AN_HOUR = 10;

  private final DemoWorld world;
  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
  private final PrintWriter nowhere =
      new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private final AtomicLong logins = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong cut = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
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
      boolean level = judge(watch(frontEnd, listeners, length));
      over = true;
      return level;
    } finally {
      over = true;
      workers.shutdownNow();
      if (!workers.awaitTermination(10, TimeUnit.SECONDS)) {
        out.println("a client did not end");
      }
      frontEnd.destroyForcibly();
    }
  }

  /** Samples it while stores die and come back, and the configuration is read again. */
  private List<Sample> watch(Process frontEnd, String listeners, Duration length) throws Exception {
    List<Sample> samples = new ArrayList<>();
    long begun = System.nanoTime();
    String[] stores = {"huey", "dewey", "louie"};
    for (int i = 0; i < SAMPLES; i++) {
      long until = begun + length.toNanos() * (i + 1) / SAMPLES;
      String store = stores[i % stores.length];
      if (i % 2 == 0) {
        world.groupOf(store).kill(store);
      } else {
        for (String each : stores) {
          world.groupOf(each).start(each);
        }
      }
      if (i % 4 == 3) {
        new ProcessBuilder("kill", "-HUP", String.valueOf(frontEnd.pid())).start().waitFor();
      }
      Sample least = sample(frontEnd.pid(), listeners, begun);
      while (until - System.nanoTime() > 0) {
        LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
        Sample now = sample(frontEnd.pid(), listeners, begun);
        least =
            new Sample(
                now.seconds(),
                Math.min(least.heap(), now.heap()),
                Math.min(least.kib(), now.kib()),
                Math.min(least.descriptors(), now.descriptors()),
                Math.min(least.threads(), now.threads()));
      }
      samples.add(least);
      out.printf(
          "%4.0f s  %6.0f KiB  %3.0f descriptors  %3.0f threads  %d logins, %d wrong passwords, %d"
              + " cut, %d failed%n",
          least.seconds(),
          least.kib(),
          least.descriptors(),
          least.threads(),
          logins.get(),
          wrong.get(),
          cut.get(),
          failed.get());
    }
    return samples;
  }

  private static Sample sample(long pid, String listeners, long begun) throws IOException {
    double kib = 0;
    double threads = 0;
    for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        kib = Double.parseDouble(line.replaceAll("[^0-9]", ""));
      } else if (line.startsWith("Threads:")) {
        threads = Double.parseDouble(line.replaceAll("[^0-9]", ""));
      }
    }
    try (Stream<Path> open = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
      double seconds = (System.nanoTime() - begun) / 1e9;
      return new Sample(seconds, heapKib(listeners), kib, open.count(), threads);
    }
  }

  /** What of the heap is in use, garbage with it: at its least in an interval, what is live. */
  private static double heapKib(String listeners) throws IOException {
    InetSocketAddress admin = address(listeners, "admin");
    URL page = new URL("http", admin.getHostString(), admin.getPort(), "/metrics");
    double octets = 0;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(page.openStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("jvm_memory_used_bytes") && line.contains("area=\"heap\"")) {
          octets += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        }
      }
    }
    return octets / 1024;
  }

  private boolean judge(List<Sample> all) {
    List<Sample> warm = all.subList((int) (all.size() * WARM), all.size());
    // All of them are told, whichever grows.
    boolean heap =
        level(
            "heap, KiB",
            warm.stream().map(each -> new double[] {each.seconds(), each.heap()}),
            MOST_KIB_AN_HOUR,
            0.1);
    boolean memory =
        level(
            "process, KiB",
            warm.stream().map(each -> new double[] {each.seconds(), each.kib()}),
            MOST_KIB_AN_HOUR,
            0.05);
    boolean descriptors =
        level(
            "descriptors",
            warm.stream().map(each -> new double[] {each.seconds(), each.descriptors()}),
            MOST_DESCRIPTORS_AN_HOUR,
            4);
    boolean threads =
        level(
            "threads",
            warm.stream().map(each -> new double[] {each.seconds(), each.threads()}),
            MOST_THREADS_AN_HOUR,
            3);
    return heap && memory && descriptors && threads;
  }

  /**
   * Whether there is no slope: less than so much in an hour, or no more over the whole time than
   * its own noise.
   *
   * @param noise what may be added over the whole time: a share of the level below 1, else a number
   */
  private boolean level(String what, Stream<double[]> points, double most, double noise) {
    List<double[]> all = points.toList();
    double meanX = all.stream().mapToDouble(each -> each[0]).average().orElse(0);
    double meanY = all.stream().mapToDouble(each -> each[1]).average().orElse(0);
    double covariance = 0;
    double variance = 0;
    for (double[] each : all) {
      covariance += (each[0] - meanX) * (each[1] - meanY);
      variance += (each[0] - meanX) * (each[0] - meanX);
    }
    double slope = variance == 0 ? 0 : covariance / variance;
    double span = all.get(all.size() - 1)[0] - all.get(0)[0];
    double allowed = noise < 1 ? noise * meanY : noise;
    boolean level = slope * 3_600 <= most || slope * span <= allowed;
    out.printf(
        "%-12s mean %.0f, slope %+.1f an hour (%+.1f in the %.0f s looked at): %s%n",
        what, meanY, slope * 3_600, slope * span, span, level ? "level" : "IT GROWS");
    return level;
  }

  // ---- clients

  private void work(String listeners, int worker) {
    for (int turn = worker; !over; turn++) {
      DirectoryUser user = world.users().get(turn % world.users().size());
      try {
        switch (turn % 4) {
          case 0 -> logIn(listeners, user, user.password());
          case 1 -> logIn(listeners, user, "wrong");
          case 2 -> cut(listeners, turn);
          default -> pop3(listeners, user);
        }
      } catch (IOException | RuntimeException | java.security.GeneralSecurityException trouble) {
        failed.incrementAndGet(); // a store has just died, or there is no master yet
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
