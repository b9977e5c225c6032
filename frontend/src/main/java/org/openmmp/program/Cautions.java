package org.openmmp.program;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.ServerTls;

/** What {@code lint} and the log of a start tell alike: what will stop working by itself. */
final class Cautions {
  /** A certificate takes days to be had. */
  private static final Duration CERTIFICATE_SOON = Duration.ofDays(30);

  /** Lists of revoked certificates are issued anew every few days. */
  private static final Duration LIST_SOON = Duration.ofDays(7);

  /** For jars, listeners, the directory, the log, spooled messages and the admin pages. */
  static final int RESERVE = 1_000;

  private static final int MIB_SHIFT = 20;

  /** What the program takes without clients, and for each of them; a caution, no measure. */
  private static final long FIXED_HEAP = 32L << MIB_SHIFT;

  private static final long HEAP_OF_A_CLIENT = 8 << 10;

  private Cautions() {}

  /**
   * All of them.
   *
   * @throws IOException if a certificate or list cannot be used; the message names it
   */
  static List<String> of(OpenMmpConfig config, Instant now) throws IOException {
    List<String> all = new ArrayList<>(certificates(config.tls(), now));
    descriptors(config.limits().maxConnections(), mayUsePipes(config), descriptorLimit())
        .ifPresent(all::add);
    memory(config.limits().maxConnections(), Runtime.getRuntime().maxMemory()).ifPresent(all::add);
    all.addAll(immovable(config));
    return all;
  }

  /** Groups whose sessions are to outlive their store, and cannot (rule B9.3). */
  static List<String> immovable(OpenMmpConfig config) {
    List<String> all = new ArrayList<>();
    for (GroupConfig group : config.groups()) {
      StoreAccess imap = group.imap();
      String key = "openmmp.proxy.\"" + group.name() + "\".survive-failover is on, ";
      if (imap.survival().on() && imap.adminName().isEmpty()) {
        all.add(
            key
                + "and no imapadmin is there to log users in at another host: no session is moved,"
                + " and each ends with its store");
      } else if (imap.survival().on() && group.hosts().size() == 1) {
        all.add(key + "and the group has one host: there is none to move a session to");
      }
    }
    return all;
  }

  /**
   * Certificates that clients are shown, and lists of revoked ones, that end soon or have ended.
   *
   * @throws IOException if one cannot be used; the message names it
   */
  static List<String> certificates(ServerTlsConfig tls, Instant now) throws IOException {
    List<String> all = new ArrayList<>();
    ServerTls.ends(tls)
        .forEach(
            (file, end) -> {
              if (end.isBefore(now)) {
                all.add("openmmp.tls: the certificate " + file + " ended at " + end);
              } else if (end.isBefore(now.plus(CERTIFICATE_SOON))) {
                all.add("openmmp.tls: the certificate " + file + " ends soon, at " + end);
              }
            });
    if (tls.certificate().isPresent() && tls.clientAuth() != ServerTlsConfig.ClientAuth.NONE) {
      ServerTls.revocationEnds(tls)
          .forEach((authority, end) -> revocations(authority, end, now).ifPresent(all::add));
    }
    return all;
  }

  private static Optional<String> revocations(
      String authority, Optional<Instant> end, Instant now) {
    String list = "openmmp.tls: the list of certificates that " + authority + " has revoked ";
    if (end.isEmpty()) {
      return Optional.of(
          "openmmp.tls: there is no list of certificates that "
              + authority
              + " has revoked, but of others there is: its clients are refused");
    }
    if (end.get().isBefore(now)) {
      return Optional.of(list + "ended at " + end.get() + ": its clients are refused");
    }
    return end.get().isBefore(now.plus(LIST_SOON))
        ? Optional.of(
            list + "ends soon, at " + end.get() + ": from then on its clients are refused")
        : Optional.empty();
  }

  /** Whether the kernel may relay sessions, as it does where nothing of them is under TLS. */
  private static boolean mayUsePipes(OpenMmpConfig config) {
    boolean clientsInClear =
        !config.imap().listen().plain().isEmpty() || !config.pop3().listen().plain().isEmpty();
    return clientsInClear
        && Stream.concat(Stream.of(config.groupDefaults()), config.groups().stream())
            .flatMap(group -> Stream.of(group.imap(), group.pop()))
            .anyMatch(stores -> !stores.tls().required());
  }

  /**
   * Whether clients may use up the descriptors: each has one, a second at its store, and a pipe's
   * two where the kernel moves octets from one to the other and the receiver is slow.
   *
   * @param pipes whether that may be
   * @param limit of this process; empty if the system does not tell
   */
  static Optional<String> descriptors(int maxConnections, boolean pipes, OptionalLong limit) {
    long needed = (pipes ? 4L : 2L) * maxConnections + RESERVE;
    return limit.isEmpty() || limit.getAsLong() >= needed
        ? Optional.empty()
        : Optional.of(
            "openmmp.limits.max-connections is "
                + maxConnections
                + ", which takes "
                + needed
                + " descriptors, "
                + (pipes ? "four for each client that the kernel relays" : "two for each client")
                + " and "
                + RESERVE
                + " besides; this process may have "
                + limit.getAsLong()
                + " (ulimit -n, LimitNOFILE)");
  }

  /**
   * Whether clients may use up the heap.
   *
   * @param heap how large it may become, in octets
   */
  static Optional<String> memory(int maxConnections, long heap) {
    long needed = FIXED_HEAP + (long) maxConnections * HEAP_OF_A_CLIENT;
    return heap >= needed
        ? Optional.empty()
        : Optional.of(
            "openmmp.limits.max-connections is "
                + maxConnections
                + ", which may take "
                + (needed >> MIB_SHIFT)
                + " MiB of heap; Java has "
                + (heap >> MIB_SHIFT)
                + " MiB (give the machine more memory, or JAVA_OPTS=-Xmx…)");
  }

  /** What this process has of what may run out, as the log of a start tells it. */
  static String sizes() {
    OptionalLong descriptors = descriptorLimit();
    return "heap="
        + (Runtime.getRuntime().maxMemory() >> MIB_SHIFT)
        + " MiB direct="
        + (PlatformDependent.maxDirectMemory() >> MIB_SHIFT)
        + " MiB descriptors="
        + (descriptors.isPresent() ? descriptors.getAsLong() : "unknown")
        + " processors="
        + Runtime.getRuntime().availableProcessors();
  }

  private static OptionalLong descriptorLimit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? OptionalLong.of(unix.getMaxFileDescriptorCount())
        : OptionalLong.empty();
  }
}
