package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.Main;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/** A second front end takes over from the first under load (rule B8.1): docs/operate/drain.md. */
final class UpgradeTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int EVERY_MILLIS = 20;

  @Test // B8.1, B8.7
  void newFrontEndTakesOverPortAndAdminSocketAndNoLoginFails() throws Exception {
    Place place = Place.of(1);
    try (LoginLoad load = new LoginLoad(16, LIMIT);
        RunDirectory run = RunDirectory.of(UpgradeTest.class);
        EmbeddedDirectory directory = EmbeddedDirectory.start();
        ScriptedStore store = new ScriptedStore(place.address(0), place.port(), new ImapScript())) {
      directory.add(new DirectoryUser("amy", "example.test", AttackedProxy.passwordOf("amy"), "g"));
      Path workplace = run.create("workplace");
      String settings =
          place.group("g")
              + "openmmp.transport.reuse-port = on\n"
              + "openmmp.admin { listen = null, socket = \""
              + workplace.resolve("admin.sock")
              + "\" }\n"
              + "openmmp.drain { lead = 3s, limit = 20s, spread = 1s }\n";
      Path written = AttackConfig.write(workplace, directory.url(), settings);
      String first = "include file(\"" + written + "\")\n";
      LogWatch watch = new LogWatch(List.of());
      watch.expect("is another front end's");
      watch.expect("openmmp.tls: the certificate .* ends soon");
      watch.expect("openmmp.limits.max-connections is");
      try (ProxyProcess old =
          new ProxyProcess(run, "old", "proxy", first, workplace.resolve("ca.pem"), watch)) {
        int port = old.at(MailProtocol.IMAP, Endpoint.Security.PLAIN).port();
        load.begin(port, EVERY_MILLIS);
        load.await(50);
        String second = first + "openmmp.imap.listen = [\"127.0.0.1:" + port + "\"]\n";
        try (ProxyProcess next =
            new ProxyProcess(run, "next", "proxy", second, workplace.resolve("ca.pem"), watch)) {
          load.await(50);
          assertTrue(openmmp(written, "drain", "self").contains("is not ready"));
          Await.until(old::log, LIMIT, () -> !old.process().isAlive());
          load.await(100);
          load.endWithoutAFailure();
          assertTrue(openmmp(written, "status").contains("g imap: master"));
          assertTrue(next.process().isAlive());
          assertTrue(store.connections() > 0);
          assertTrue(Files.exists(workplace.resolve("admin.sock")));
        }
      }
    }
  }

  private static String openmmp(Path configuration, String... words) {
    StringWriter out = new StringWriter();
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of("--config", configuration.toString()));
    PrintWriter printer = new PrintWriter(out, true);
    assertEquals(0, Main.run(printer, printer, line.toArray(String[]::new)), out::toString);
    return out.toString();
  }
}
