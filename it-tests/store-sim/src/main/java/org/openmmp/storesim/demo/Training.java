package org.openmmp.storesim.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.storesim.DirectoryUser;

/**
 * A short working day of a front end in a process of its own, from which {@code ./openmmp train}
 * makes the cache that shortens later starts.
 */
public final class Training {
  private static final Pattern LISTENER = Pattern.compile(" (\\w+)=([^:,\\s]+):(\\d+)");
  private static final int ENDED_BY_SIGTERM = 143;
  private static final int TIMES = 1_500;
  private static final Duration LONGEST = Duration.ofSeconds(15);

  /** One client may come as often as it likes, and in the clear as well. */
  private static final String FOR_CROWDS =
      """

        limits.exempt-networks = ["127.0.0.0/8"]
        imap.clear-text-passwords = loopback
        pop3.clear-text-passwords = loopback
      """;

  private final DemoWorld world;
  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

  private Training(DemoWorld world) {
    this.world = world;
  }

  /**
   * Starts a front end by the command given, to which the name of a configuration file is added,
   * logs in and delivers through it, and ends it. The exit status is 0, or 1 if anything failed.
   */
  public static void main(String[] command) throws Exception {
    Path directory = Files.createTempDirectory("openmmp-training");
    boolean done;
    try (DemoWorld world = DemoWorld.start(directory)) {
      done = new Training(world).train(List.of(command));
    } finally {
      Demo.remove(directory);
    }
    System.exit(done ? 0 : 1);
  }

  private boolean train(List<String> command) throws Exception {
    List<String> words = new ArrayList<>(command);
    Path config = world.configFile().resolveSibling("training.conf");
    Files.writeString(
        config, Files.readString(world.configFile()) + "openmmp {" + FOR_CROWDS + "}\n");
    words.add(config.toString());
    Process frontEnd = new ProcessBuilder(words).redirectErrorStream(true).start();
    try (BufferedReader said = frontEnd.inputReader(StandardCharsets.UTF_8)) {
      String ready = said.readLine();
      while (ready != null && !ready.startsWith("ready ")) {
        out.println(ready);
        ready = said.readLine();
      }
      if (ready == null) {
        return false;
      }
      Thread log = new Thread(() -> said.lines().forEach(out::println), "front-end-log");
      log.start();
      useAll(ready);
      frontEnd.toHandle().destroy(); // Process.destroy would close the stream that is read
      log.join();
      return frontEnd.waitFor() == ENDED_BY_SIGTERM;
    } finally {
      frontEnd.destroyForcibly();
    }
  }

  private void useAll(String ready) throws IOException, GeneralSecurityException {
    DirectoryUser user = world.user("alice");
    logIn(ready, user);
    world.groupOf(user).kill("huey");
    logIn(ready, user);
    try (DemoClient client = secured(ready, "pop3s", out)) {
      new Pop3Login(client).run(user.login(), user.password());
    }
    deliver(ready, user, out);
    manyTimes(ready, user);
  }

  /**
   * The compilers of later starts go by what these clients had done: enough of it to be told from a
   * start, and no longer than an installation may take.
   */
  private void manyTimes(String ready, DirectoryUser user)
      throws IOException, GeneralSecurityException {
    PrintWriter nobody = new PrintWriter(Writer.nullWriter());
    long endNanos = System.nanoTime() + LONGEST.toNanos();
    for (int i = 0; i < TIMES && System.nanoTime() - endNanos < 0; i++) {
      try (DemoClient client = DemoClient.inTheClear(address(ready, "imap"), nobody)) {
        new ImapLogin(client).run(user.login(), user.password());
      }
      if (i % 2 == 0) {
        try (DemoClient client = DemoClient.inTheClear(address(ready, "pop3"), nobody)) {
          new Pop3Login(client).run(user.login(), user.password());
        }
      }
      if (i % 10 == 0) {
        try (DemoClient client = secured(ready, "imaps", nobody)) {
          new ImapLogin(client).run(user.login(), user.password());
        }
        deliver(ready, user, nobody);
      }
      if (i % 30 == 0) {
        try (DemoClient client = secured(ready, "pop3s", nobody)) {
          new Pop3Login(client).run(user.login(), user.password());
        }
      }
    }
  }

  private static void deliver(String ready, DirectoryUser user, PrintWriter shown)
      throws IOException {
    try (DemoClient client = DemoClient.inTheClear(address(ready, "lmtp"), shown)) {
      new DemoDelivery(client).run(user.login());
    }
  }

  private void logIn(String ready, DirectoryUser user)
      throws IOException, GeneralSecurityException {
    try (DemoClient client = secured(ready, "imaps", out)) {
      new ImapLogin(client).run(user.login(), user.password());
    }
  }

  private DemoClient secured(String ready, String service, PrintWriter shown)
      throws IOException, GeneralSecurityException {
    return DemoClient.secured(address(ready, service), world.certificate(), shown);
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
