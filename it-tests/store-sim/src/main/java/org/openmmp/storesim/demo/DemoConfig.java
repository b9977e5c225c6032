package org.openmmp.storesim.demo;

import java.nio.file.Path;
import java.util.stream.Collectors;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.lmtp.LmtpEndpoint;
import org.openmmp.storesim.pop3.Pop3Endpoint;

/** Writes the front ends' configuration: a real one, but for ports, addresses and short limits. */
final class DemoConfig {
  private static final String TEMPLATE =
      """
      openmmp {
        hostname = mmp.example.com
        directory {
          urls = ["%2$s"]
          bind-dn = "%3$s"
          bind-password = "%4$s"
          base-dn = "%5$s"
          default-domain = example.com
          domain.base-dn = "%5$s"
          cache.positive-ttl = 0s
          cache.refresh-ahead = 0s
        }
        proxy-defaults {
          tls = starttls
          tls-trust.ca-file = "%6$s"
          connect-timeout = 1s
          greeting-timeout = 1s
          read-only-after = 3s
          wait-for-store = 2s
        }
        proxy {
      %7$s  }
        resolver.hosts {
      %8$s  }
        imap {
          listen = ["%1$s:0"]
          listen-tls = ["%1$s:0"]
        }
        pop3 {
          listen = ["%1$s:0"]
          listen-tls = ["%1$s:0"]
        }
        lmtp {
          listen = ["%1$s:0"]
          affinitylist = on
        }
        tls {
          certificate = "%9$s"
          key = "%10$s"
        }
        admin { listen = "%1$s:0", socket = admin.sock }
        state-file = state
      }
      """;

  private DemoConfig() {}

  /** The text for a world whose stores and directory run. */
  static String text(DemoWorld world, Path storeCertificate, Path certificate, Path key) {
    return TEMPLATE.formatted(
        DemoWorld.PROXY_ADDRESS,
        world.directory().url(),
        EmbeddedDirectory.BIND_DN,
        EmbeddedDirectory.BIND_PASSWORD,
        EmbeddedDirectory.BASE_DN,
        storeCertificate,
        groups(world),
        hosts(world),
        certificate,
        key);
  }

  private static String groups(DemoWorld world) {
    return world.groups().stream()
        .map(
            group ->
                "    \"%s\" { storehostlist = \"%s\", imapport = %d, popport = %d, lmtpport = %d }\n"
                    .formatted(
                        group.name(),
                        group.storeHostList(),
                        group.port(ImapEndpoint.IMAP),
                        group.port(Pop3Endpoint.POP3),
                        group.port(LmtpEndpoint.LMTP)))
        .collect(Collectors.joining());
  }

  private static String hosts(DemoWorld world) {
    return world.groups().stream()
        .map(StoreCluster::nodes)
        .flatMap(nodes -> nodes.stream().map(DemoConfig::host))
        .collect(Collectors.joining());
  }

  private static String host(StoreNode node) {
    return "    \"%s\" = \"%s\"\n".formatted(node.hostName(), node.address());
  }
}
