package org.openmmp.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.openmmp.admin.Metrics;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.HostDifferences;
import org.openmmp.routing.Recovery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Meters of what an operator decided or installed: version, limits, certificates. */
final class OwnMeters {
  private static final Logger log = LoggerFactory.getLogger(OwnMeters.class);

  /** What stands in place of a version where no package was made. */
  private static final String UNPACKAGED = "unpackaged";

  private OwnMeters() {}

  /**
   * Binds those that stay.
   *
   * @param allowed how many connections are let in now
   */
  static void bind(Metrics metrics, ConnectionLimits limits, DoubleSupplier allowed) {
    metrics.info(
        "openmmp.build.info",
        "The version that runs, and the Java that it runs on",
        "version",
        version(),
        "java",
        Runtime.version().toString());
    metrics.gauge(
        "openmmp.connections.allowed",
        "Connections of all clients that are let in: openmmp.limits.max-connections",
        allowed);
    metrics.gauge(
        "openmmp.connections.held",
        "Connections that count towards the limit",
        limits::connections);
  }

  /** Tells of these certificates, and of none before. */
  static void certificates(Metrics metrics, ServerTlsConfig tls) {
    Map<String, DoubleSupplier> ends = new LinkedHashMap<>();
    chains(tls).forEach(chain -> ends.put(chain.toString(), () -> expirySeconds(chain)));
    metrics.gauges(
        "openmmp.certificate.expiry.timestamp.seconds",
        "When a certificate for clients ends, in seconds since 1970; NaN if it cannot be read",
        "file",
        ends);
  }

  /** How each group is. */
  static void groups(
      Metrics metrics,
      GroupTable table,
      StoreSelector selector,
      HostDifferences differences,
      Supplier<Recovery> recovery) {
    Map<String, DoubleSupplier> differing = new LinkedHashMap<>();
    Map<String, DoubleSupplier> withoutMaster = new LinkedHashMap<>();
    Map<String, DoubleSupplier> siteLeft = new LinkedHashMap<>();
    Map<String, DoubleSupplier> restored = new LinkedHashMap<>();
    Map<String, DoubleSupplier> waiting = new LinkedHashMap<>();
    Map<String, DoubleSupplier> givenLess = new LinkedHashMap<>();
    for (ReplicationGroup each : table.groups()) {
      String name = each.name();
      withoutMaster.put(name, () -> selector.withoutMasterNanos(name, System.nanoTime()) / 1e9);
      siteLeft.put(name, () -> selector.onlyStandbySiteLeft(name) ? 1 : 0);
      waiting.put(name, () -> selector.waiting(name));
      givenLess.put(name, () -> selector.givenLess(name));
      differing.put(name, () -> differences.count(name));
      restored.put(name, () -> recovery.get().has(name) ? 1 : 0);
    }
    metrics.gauges(
        "openmmp.group.without.master.seconds",
        "For how long a service of the group has found no master; 0: all have one",
        "group",
        withoutMaster);
    metrics.gauges(
        "openmmp.group.only.standby.site.left",
        "1 while only the hosts of the group's standby site are left, which is not active",
        "group",
        siteLeft);
    metrics.gauges(
        "openmmp.group.waiting",
        "Logins and deliveries of the group that wait for a turn at a store, a store or a master",
        "group",
        waiting);
    metrics.gauges(
        "openmmp.group.given.less",
        "Hosts of the group, by service, that are given fewer logins than the configuration allows",
        "group",
        givenLess);
    metrics.gauges(
        "openmmp.group.hosts.differ",
        "In how many of greeting, capabilities, certificate and clock hosts of the group differ",
        "group",
        differing);
    metrics.gauges(
        "openmmp.group.recovery",
        "1 while the group is in recovery, and its stores' word on unknown users temporary",
        "group",
        restored);
  }

  static String version() {
    String version = OwnMeters.class.getPackage().getImplementationVersion();
    return version == null ? UNPACKAGED : version;
  }

  private static Set<Path> chains(ServerTlsConfig tls) {
    Set<Path> chains = new LinkedHashSet<>();
    tls.certificate().ifPresent(each -> chains.add(each.chain()));
    tls.sni().forEach(each -> chains.add(each.certificate().chain()));
    return chains;
  }

  /** Read anew each time: a certificate may be renewed while the program runs. */
  private static double expirySeconds(Path chain) {
    try (InputStream pem = Files.newInputStream(chain)) {
      X509Certificate first =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
      return first.getNotAfter().toInstant().getEpochSecond();
    } catch (IOException | CertificateException unreadable) {
      log.debug("no end of {}: {}", chain, unreadable.toString());
      return Double.NaN;
    }
  }
}
