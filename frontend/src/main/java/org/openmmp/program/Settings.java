package org.openmmp.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.config.StoreService;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.transport.ServerTls;
import org.openmmp.transport.StoreTls;
import org.openmmp.wire.NetworkSet;

/**
 * What one reading of the configuration comes to, with the files that it names. It stands behind
 * one reference, {@link SharedRooms#now}, and is replaced as a whole; what it says never changes.
 * May be used on any thread.
 */
public final class Settings {
  private final OpenMmpConfig config;
  private final GroupTable table;
  private final Map<StoreService, Routing> routings = new EnumMap<>(StoreService.class);
  private final Map<String, SelectorSettings> selections = new HashMap<>();

  /** How hosts are chosen by each of so many front ends. */
  private record Among(
      int frontEnds, Map<String, SelectorSettings> selections, SelectorSettings others) {}

  private volatile @Nullable Among among;

  /** TLS to stores, by who is believed to be one. */
  private final Map<StoreAccess.Trust, StoreTls> trusted;

  private final NetworkSet healthChecks;

  /** Read when the first listener wants it: a configuration may be shared with another server. */
  private final Map<StoreService, ServerTls> tls = new ConcurrentHashMap<>();

  /** What administrators said is being restored, besides what is configured so. */
  private final Recovery switched;

  /** How the files of TLS were before they were read. */
  private final Map<Path, String> tlsFiles;

  private Settings(
      OpenMmpConfig config,
      Map<StoreAccess.Trust, StoreTls> trusted,
      Map<Path, String> tlsFiles,
      Recovery switched) {
    this.config = config;
    this.switched = switched;
    this.trusted = Map.copyOf(trusted);
    this.tlsFiles = tlsFiles;
    table = config.table();
    for (StoreService service : StoreService.values()) {
      Map<String, StoreAccess> byGroup = new HashMap<>();
      config.groups().forEach(group -> byGroup.put(group.name(), group.stores(service)));
      routings.put(
          service,
          new Routing(
              table,
              byGroup,
              config.groupDefaults().stores(service),
              config.login().referrals(),
              config.login().referralsUser(),
              recovery()));
    }
    config.groups().forEach(group -> selections.put(group.name(), group.selection()));
    healthChecks = config.log().healthCheckNetworks();
  }

  /**
   * Reads what is not read yet; blocks.
   *
   * @param before what holds until now; null at the start
   * @throws IOException if a certificate that stores are verified with cannot be read
   */
  static Settings of(OpenMmpConfig config, @Nullable Settings before) throws IOException {
    Set<StoreAccess.Trust> wanted = new HashSet<>();
    for (StoreService service : StoreService.values()) {
      wanted.add(config.groupDefaults().stores(service).trust());
      for (GroupConfig group : config.groups()) {
        wanted.add(group.stores(service).trust());
      }
    }
    // Those that were read before serve on, for the logins that began with them.
    Map<StoreAccess.Trust, StoreTls> trusted =
        new HashMap<>(before == null ? Map.of() : before.trusted);
    for (StoreAccess.Trust each : wanted) {
      trusted.put(each, StoreTls.of(each, config.tls().toStores()));
    }
    if (before == null || !sameTls(config, before.config)) {
      Recovery switched = before == null ? Recovery.NONE : before.switched;
      return new Settings(config, trusted, tlsFilesNow(config.tls()), switched);
    }
    Settings read = new Settings(config, trusted, before.tlsFiles, before.switched);
    read.tls.putAll(before.tls); // so that clients may resume their TLS sessions
    return read;
  }

  private static boolean sameTls(OpenMmpConfig one, OpenMmpConfig other) {
    return one.tls().equals(other.tls())
        && one.shared().on() == other.shared().on() // else tickets would be as before
        && !one.written().fileChanged("openmmp.tls.", other.written());
  }

  /**
   * The same, certificates, keys and lists of revoked certificates being read again; blocks.
   *
   * @throws IOException if one cannot be used; the message names it
   */
  Settings withTlsReadAgain() throws IOException {
    Map<Path, String> files = tlsFilesNow(config.tls());
    Settings read = new Settings(config.readAgain(files.keySet()), trusted, files, switched);
    for (StoreService service : tls.keySet()) {
      read.readTls(service);
    }
    return read;
  }

  /**
   * TLS towards the clients of a service, none if no certificate is configured; blocks at first.
   *
   * @throws IOException if a certificate or key cannot be used; the message names it
   */
  public void readTls(StoreService service) throws IOException {
    ServerTlsConfig from = config.tls();
    if (from.certificate().isPresent() && !tls.containsKey(service)) {
      tls.put(service, ServerTls.of(from, service.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** TLS towards the clients of a service; null if no certificate was read for it. */
  public @Nullable ServerTls tls(StoreService service) {
    return tls.get(service);
  }

  /** How the files of TLS were before they were read. */
  Map<Path, String> tlsFiles() {
    return tlsFiles;
  }

  /** What tells one state of the files of TLS from another. */
  static Map<Path, String> tlsFilesNow(ServerTlsConfig tls) {
    List<Path> files = new ArrayList<>();
    Stream.concat(
            tls.certificate().stream(),
            tls.sni().stream().map(ServerTlsConfig.SniCertificate::certificate))
        .forEach(each -> files.addAll(List.of(each.chain(), each.key())));
    tls.clientCaFile().ifPresent(files::add);
    tls.clientCrlFile().ifPresent(files::add);
    Map<Path, String> stamps = new TreeMap<>();
    files.forEach(file -> stamps.put(file, stamp(file)));
    return stamps;
  }

  /** Behind a symbolic link the file itself is looked at. */
  private static String stamp(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.lastModifiedTime() + " " + found.size() + " " + found.fileKey();
    } catch (IOException missing) {
      return "";
    }
  }

  /** All that was read. */
  Collection<ServerTls> allTls() {
    return tls.values();
  }

  /** The same, an administrator having said that this is being restored, and no more. */
  Settings restoring(Recovery wanted) {
    Settings read = new Settings(config, trusted, tlsFiles, wanted);
    read.tls.putAll(tls);
    return read;
  }

  /** What administrators said is being restored. */
  Recovery switched() {
    return switched;
  }

  /** What is being restored, as the configuration and administrators say. */
  Recovery recovery() {
    return config.recovery().and(switched);
  }

  /** What the operator wrote. */
  public OpenMmpConfig config() {
    return config;
  }

  /** The replication groups. */
  public GroupTable table() {
    return table;
  }

  /** Where mail hosts lead for one of the stores' services. */
  public Routing routing(StoreService service) {
    return Objects.requireNonNull(routings.get(service));
  }

  /** How the next host of that group is chosen. */
  SelectorSettings selection(String group) {
    SelectorSettings own = selections.get(group);
    return own == null ? config.groupDefaults().selection() : own;
  }

  /** The same where so many front ends begin logins. */
  SelectorSettings selection(String group, int frontEnds) {
    if (frontEnds == 1) {
      return selection(group);
    }
    Among present = among;
    if (present == null || present.frontEnds() != frontEnds) {
      Map<String, SelectorSettings> all = new HashMap<>();
      selections.forEach((name, whole) -> all.put(name, whole.among(frontEnds)));
      present = new Among(frontEnds, all, config.groupDefaults().selection().among(frontEnds));
      among = present;
    }
    return present.selections().getOrDefault(group, present.others());
  }

  /** TLS to stores that are reached so: whose certificates are believed there. */
  public StoreTls tlsTo(StoreAccess access) {
    return Objects.requireNonNull(
        trusted.get(access.trust()), "authorities that were never wanted");
  }

  /** The networks whose health checks leave no trace. */
  public NetworkSet healthChecks() {
    return healthChecks;
  }
}
