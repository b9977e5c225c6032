package org.openmmp.program;

import io.netty.util.internal.PlatformDependent;
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
    metrics.gauge(
        "openmmp.buffer.bytes",
        "Memory outside of the heap that buffers of connections have",
        () -> PlatformDependent.usedDirectMemory());
    metrics.gauge(
        "openmmp.buffer.bytes.allowed",
        "Memory outside of the heap that buffers of connections may have",
        () -> PlatformDependent.maxDirectMemory());
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
      StoreSelector selector,
      HostDifferences differences,
      Supplier<Recovery> recovery) {
    metrics.states(
        group -> selector.withoutMasterNanos(group, System.nanoTime()) / 1e9,
        group -> selector.onlyStandbySiteLeft(group) ? 1 : 0,
        selector::waiting,
        selector::givenLess,
        differences::count,
        group -> recovery.get().has(group) ? 1 : 0);
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
