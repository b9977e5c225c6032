package org.openmmp.it.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.storesim.EmbeddedDirectory;

/** The configuration of a program under attack: on loopback, impatient, and without penalties. */
final class AttackConfig {
  private static final TestIdentity OWN = TestAuthority.shared().host("proxy.test");

  private AttackConfig() {}

  /**
   * Writes it and loads it.
   *
   * @param workplace an empty directory
   * @param settings HOCON behind the defaults of these tests: what stands there wins; {@code
   *     <directory>} in it is the directory's URL
   */
  static OpenMmpConfig load(Path workplace, String directoryUrl, String settings)
      throws IOException, BadConfigException {
    return ShortAnswers.in(ConfigReader.load(write(workplace, directoryUrl, settings)));
  }

  /**
   * Writes it, with the files that it names.
   *
   * @param workplace an empty directory
   * @param settings as for {@link #load}
   */
  static Path write(Path workplace, String directoryUrl, String settings) throws IOException {
    Files.writeString(workplace.resolve("proxy.pem"), OWN.certificatePem());
    Files.writeString(workplace.resolve("proxy.key"), OWN.keyPem());
    Files.writeString(workplace.resolve("ca.pem"), TestAuthority.shared().pem());
    String text =
        """
        openmmp {
          hostname = proxy.test
          directory {
            urls = ["%s"], base-dn = "%s", connect-timeout = 1s, search-timeout = 2s
            default-domain = example.test
          }
          imap {
            listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = always
          }
          pop3 {
            listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = always
          }
          tls { certificate = proxy.pem, key = proxy.key }
          proxy-defaults {
            # each host has all its time, so that connections can be counted
            hedge.percent = 0, give-up-early.enabled = off
            tls = off, connect-timeout = 2s, greeting-timeout = 2s, read-only-fallback = off
            tls-trust.ca-file = ca.pem, cool-down { first = 10s, max = 10s }
          }
          login.deadline = 8s
          limits {
            penalty.first = 0ms, logins-per-second-per-address = 0, connections-per-address = 0
          }
          admin.listen = "127.0.0.1:0"
          drain.lead = 0s
        }
        """
            .formatted(directoryUrl, EmbeddedDirectory.BASE_DN);
    return Files.writeString(
        workplace.resolve("openmmp.conf"), text + settings.replace("<directory>", directoryUrl));
  }
}
