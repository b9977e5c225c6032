package org.openmmp.storesim.demo;

import java.nio.file.Path;
import java.util.stream.Collectors;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.imap.ImapEndpoint;

/** Writes the proxy's configuration: a real one, but for ports, addresses and short limits. */
final class DemoConfig {
  private static final String TEMPLATE =
      """
      openmmp {
        hostname = mmp.example.com
        directory {
          urls = ["%s"]
          bind-dn = "%s"
          bind-password = "%s"
          base-dn = "%s"
          default-domain = example.com
          domain.base-dn = "%s"
          cache.positive-ttl = 0s
          cache.refresh-ahead = 0s
        }
        proxy-defaults {
          tls = starttls
          tls-trust.ca-file = "%s"
          connect-timeout = 1s
          greeting-timeout = 1s
          read-only-after = 3s
        }
        proxy {
      %s  }
        resolver.hosts {
      %s  }
        imap {
          listen = ["%s:0"]
          listen-tls = ["%s:0"]
        }
        tls {
          certificate = "%s"
          key = "%s"
        }
        admin.listen = "%s:0"
      }
      """;

  private DemoConfig() {}

  /** The text for a world whose stores and directory run. */
  static String text(DemoWorld world, Path storeCertificate, Path certificate, Path key) {
    return TEMPLATE.formatted(
        world.directory().url(),
        EmbeddedDirectory.BIND_DN,
        EmbeddedDirectory.BIND_PASSWORD,
        EmbeddedDirectory.BASE_DN,
        EmbeddedDirectory.BASE_DN,
        storeCertificate,
        groups(world),
        hosts(world),
        DemoWorld.PROXY_ADDRESS,
        DemoWorld.PROXY_ADDRESS,
        certificate,
        key,
        DemoWorld.PROXY_ADDRESS);
  }

  private static String groups(DemoWorld world) {
    return world.groups().stream()
        .map(
            group ->
                "    \"%s\" { storehostlist = \"%s\", imapport = %d }\n"
                    .formatted(group.name(), group.storeHostList(), group.port(ImapEndpoint.IMAP)))
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
