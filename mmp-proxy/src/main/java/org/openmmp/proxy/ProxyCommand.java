package org.openmmp.proxy;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openmmp.config.OpenMmpConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the proxy until the process is asked to end. */
@Command(
    name = "proxy",
    mixinStandardHelpOptions = true,
    description =
        "Runs the IMAP proxy until SIGTERM, then lets sessions end within the drain limit.")
final class ProxyCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ProxyCommand.class);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Optional<OpenMmpConfig> read = config.read(spec.commandLine().getErr());
    if (read.isEmpty()) {
      return Main.EX_CONFIG;
    }
    LogSetup.follow(read.get().log());
    read.get().notices().forEach(notice -> log.info("{}", notice));
    try {
      MmpProxy proxy = MmpProxy.start(read.get());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(proxy), "drain"));
      out.println("ready " + proxy.addresses());
      out.flush();
      proxy.awaitEnd();
      return 0;
    } catch (IOException cannotStart) {
      spec.commandLine().getErr().println("openmmp: " + cannotStart.getMessage());
      return 1;
    }
  }

  private static void end(MmpProxy proxy) {
    proxy.drain();
    LogSetup.end();
  }
}
