package org.openmmp.proxy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.program.FrontEndServer;
import org.openmmp.program.SharedRooms;
import org.openmmp.transport.TestCertificates;

/** The POP3 front end on real sockets, before a group of two stores, the first one preferred. */
final class Pop3Site implements AutoCloseable {
  static final String FIRST = "127.0.0.2";
  static final String SECOND = "127.0.0.3";

  private static final int TRIES = 20;

  final Pop3Store first;
  final Pop3Store second;
  final TestCertificates certificates;
  private final SharedRooms rooms;
  private final FrontEndServer server;

  /**
   * A site that is open.
   *
   * @param settings more lines for its configuration
   */
  Pop3Site(Path directory, String settings) throws Exception {
    certificates = TestCertificates.in(directory);
    ServerTlsConfig.Certificate own = certificates.server("127.0.0.1");
    SSLContext ofStores = PemTls.server(certificates.server(FIRST, SECOND));
    Pop3Store[] pair = pair(ofStores);
    first = pair[0];
    second = pair[1];
    Path file =
        Files.writeString(
            directory.resolve("openmmp.conf"),
            """
            openmmp.directory { urls = "ldap://127.0.0.1:1", base-dn = "dc=example,dc=com" }
            openmmp.proxy.one { storehostlist = "%s %s", popport = %d, tls = off }
            openmmp.proxy-defaults { tls-trust.ca-file = "%s", wait-for-store = 300ms }
            openmmp.tls { certificate = "%s", key = "%s" }
            openmmp.pop3 {
              listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", clear-text-passwords = always
            }
            openmmp.login.deadline = 3s
            openmmp.limits.exempt-networks = "127.0.0.0/8"
            """
                    .formatted(
                        FIRST,
                        SECOND,
                        first.port(),
                        certificates.authorityFile(),
                        own.chain(),
                        own.key())
                + settings);
    rooms = SharedRooms.open(ConfigReader.load(file), listener -> new OneGroupDirectory());
    server = new ProxyProvider().open(rooms);
  }

  /** Where clients come in, under TLS or not. */
  InetSocketAddress address(boolean tls) {
    return Objects.requireNonNull(server.addresses().get(tls ? "pop3s" : "pop3")).get(0);
  }

  /** Two stores at one port, as a group has it; the port that the first got may be taken there. */
  private static Pop3Store[] pair(SSLContext tls) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Pop3Store one = new Pop3Store(FIRST, 0, tls);
      try {
        return new Pop3Store[] {one, new Pop3Store(SECOND, one.port(), tls)};
      } catch (BindException taken) {
        one.close();
      }
    }
    throw new BindException("no port is free at both addresses");
  }

  @Override
  public void close() throws IOException {
    server.close();
    rooms.close();
    first.close();
    second.close();
  }
}
