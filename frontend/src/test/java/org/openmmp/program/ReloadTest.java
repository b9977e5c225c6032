package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.transport.OpenSsl;

/** SIGHUP reads again what can be exchanged, and a mistake changes nothing. */
class ReloadTest {
  private static final String SOUND =
      "openmmp.directory { urls = [\"ldap://127.0.0.1:1\"], base-dn = \"dc=x\" }\n";

  @TempDir Path folder;
  private final List<ServerTlsConfig> taken = new ArrayList<>();

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("c.conf"), text);
  }

  private Reload reload(Path file) throws Exception {
    OpenMmpConfig started = ConfigReader.load(file);
    return new Reload(
        started,
        () -> ConfigReader.load(file),
        tls -> {
          taken.add(tls);
          return 1;
        });
  }

  // B7.7
  @Test
  void certificatesOfTheFileAsItIsNowAreTaken() throws Exception {
    new OpenSsl(folder).authority("CA");
    Reload reload = reload(write(SOUND));
    write(SOUND + "openmmp.tls { certificate = ca.pem, key = ca.key }\n");
    reload.run();
    assertEquals(folder.resolve("ca.pem"), taken.get(0).certificate().orElseThrow().chain());
  }

  // B7.7
  @Test
  void configurationWithAMistakeChangesNothing() throws Exception {
    Reload reload = reload(write(SOUND));
    write(SOUND + "openmmp.tls.certificate = missing.pem\n");
    reload.run();
    assertTrue(taken.isEmpty());
  }
}
