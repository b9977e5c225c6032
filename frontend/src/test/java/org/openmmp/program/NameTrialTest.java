package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;

/** Hosts without an address are told, and cost one wait. */
class NameTrialTest {
  @TempDir private Path directory;

  private OpenMmpConfig config(String groups) throws IOException, BadConfigException {
    return ConfigReader.load(
        Files.writeString(
            directory.resolve("openmmp.conf"),
            "openmmp.directory { urls = \"ldap://127.0.0.1\", base-dn = \"dc=x\" }\n" + groups));
  }

  @Test // B7.4
  void namesAreAskedForAllAtOnceAndThoseWithoutAnAddressTold() throws Exception {
    CyclicBarrier all = new CyclicBarrier(3);
    NameTrial trial =
        new NameTrial(
            host -> {
              try {
                all.await();
              } catch (Exception broken) {
                throw new AssertionError(broken);
              }
              return host.equals("a");
            },
            Duration.ofSeconds(60));
    assertEquals(
        List.of("b does not resolve", "c does not resolve"),
        trial.findings(
            config(
                """
                openmmp.proxy.g.storehostlist = "c a b 127.0.0.1 d"
                openmmp.proxy.h.storehostlist = "a"
                openmmp.resolver.hosts { d = "192.0.2.1" }
                """)));
  }

  @Test // B7.4
  void aNameServerThatIsSilentIsWaitedForOnce() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    NameTrial trial =
        new NameTrial(
            host -> {
              try {
                never.await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
              return true;
            },
            Duration.ofMillis(50));
    assertEquals(
        List.of("a was not resolved within 50 ms", "b was not resolved within 50 ms"),
        trial.findings(config("openmmp.proxy.g.storehostlist = \"a b\"\n")));
  }

  @Test
  void aConfigurationWithoutNamesIsNotTried() throws Exception {
    NameTrial trial = new NameTrial(host -> false, Duration.ofSeconds(1));
    assertEquals(
        List.of(), trial.findings(config("openmmp.proxy.g.storehostlist = \"127.0.0.1\"\n")));
  }
}
