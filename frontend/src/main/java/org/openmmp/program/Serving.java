package org.openmmp.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.OpenMmpConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The commands that run servers until the process is asked to end. */
final class Serving {
  private static final Logger log = LoggerFactory.getLogger(Serving.class);

  /** How long an address that is not there, or a port in use, is waited for, and how often. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final PrintWriter out;
  private final PrintWriter errors;

  private Serving(PrintWriter out, PrintWriter errors) {
    this.out = out;
    this.errors = errors;
  }

  @Command(
      name = "proxy",
      mixinStandardHelpOptions = true,
      description =
          "Runs the proxy for mail clients until SIGTERM, then lets sessions end within the drain"
              + " limit.")
  static int proxy(@Mixin ConfigOption config) throws InterruptedException {
    return run(config, Set.of("proxy"));
  }

  @Command(
      name = "relay",
      mixinStandardHelpOptions = true,
      description =
          "Runs the LMTP relay for the delivering side until SIGTERM, then lets transactions end"
              + " within the drain limit.")
  static int relay(@Mixin ConfigOption config) throws InterruptedException {
    return run(config, Set.of("relay"));
  }

  @Command(
      name = "all",
      mixinStandardHelpOptions = true,
      description =
          "Runs proxy and relay in one process; they share what they learn about the stores.")
  static int all(@Mixin ConfigOption config) throws InterruptedException {
    return run(config, Set.of("proxy", "relay"));
  }

  private static int run(ConfigOption config, Set<String> servers) throws InterruptedException {
    return new Serving(config.command().getOut(), config.command().getErr()).run(servers, config);
  }

  /** The exit status, once they have ended or could not start. */
  private int run(Set<String> servers, ConfigOption option) throws InterruptedException {
    try {
      List<FrontEndProvider> providers = FrontEnds.named(servers);
      Optional<OpenMmpConfig> read = option.read(errors, providers);
      if (read.isEmpty()) {
        return StartStatus.EX_CONFIG;
      }
      LogSetup.follow(read.get().log());
      read.get().notices().forEach(notice -> log.info("{}", notice));
      Supervisor supervisor = Supervisor.of(System.getenv());
      AtomicReference<@Nullable Reload> reload = new AtomicReference<>();
      atHangUp(() -> reload(reload.get(), supervisor));
      Program program = start(read.get(), providers, supervisor);
      reload.set(program.reloadBy(mistakes -> option.readAgain(providers, mistakes)));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(program), "drain"));
      program.superviseBy(supervisor);
      out.println("ready " + program.addresses());
      out.flush();
      program.awaitEnd();
      return 0;
    } catch (IOException cannotStart) {
      errors.println("openmmp: " + cannotStart.getMessage());
      return StartStatus.of(cannotStart);
    }
  }

  /**
   * Starts them. Where a service manager counts starts, one that fails for a reason that may pass
   * is repeated here for a while, so that the manager's count is left to those that matter.
   */
  private static Program start(
      OpenMmpConfig config, List<FrontEndProvider> providers, Supervisor supervisor)
      throws IOException, InterruptedException {
    long endNanos = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return Program.startAll(config, providers);
      } catch (IOException cannotStart) {
        if (!supervisor.exists()
            || StartStatus.of(cannotStart) != StartStatus.EX_TEMPFAIL
            || endNanos - System.nanoTime() <= 0) {
          throw cannotStart;
        }
        log.warn(
            "not started yet, tried again in {} s: {}",
            PAUSE.toSeconds(),
            String.valueOf(cannotStart.getMessage()));
        supervisor.waiting("waiting: " + cannotStart.getMessage(), PAUSE);
        Thread.sleep(PAUSE.toMillis());
      }
    }
  }

  private static void reload(@Nullable Reload reload, Supervisor supervisor) {
    if (reload == null) {
      log.info("reload result=none: the program is still starting");
    } else {
      supervisor.reloading();
      Reload.Outcome outcome = reload.run();
      supervisor.ready((outcome.done() ? "reloaded: " : "reload refused: ") + outcome.summary());
    }
  }

  private static void end(Program program) {
    program.drain();
    LogSetup.end();
  }

  /**
   * Has that done at each SIGHUP from now on, on a thread of its own: operators tell a mail daemon
   * by that signal to read its files again, and without this it would end the process. The JDK's
   * class for signals is in a module of its own ({@code jdk.unsupported}) that a compiler warns of,
   * and is therefore called by its name.
   */
  private static void atHangUp(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calling =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> "SIGHUP";
                    default -> {
                      action.run();
                      yield null;
                    }
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), calling);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      log.warn("SIGHUP cannot be handled here and ends the process: {}", String.valueOf(e));
    }
  }
}
