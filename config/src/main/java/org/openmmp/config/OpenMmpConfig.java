package org.openmmp.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.routing.Recovery;

/**
 * The whole configuration of one front end, checked: whoever holds it need not check a value again.
 *
 * @param hostname this front end's name in greetings and logs; the machine's own if none is
 *     configured; never empty
 * @param groupDefaults what holds for a store that no configured group lists: a group without name
 *     and hosts
 * @param groups in the order of their names, which differ even after case and one trailing dot are
 *     folded
 * @param recovery what is being restored
 * @param sources the addresses that connections to stores come from, each for its family; empty:
 *     those that the system chooses
 * @param drain how sessions end after the word to stop (rule B8.1)
 * @param shared what the front ends of a site share, and where
 * @param stateFile where an administrator's decisions are kept over a restart; absolute; empty:
 *     they are not
 * @param secretFiles the files in which keys and passwords stand, each with the setting that says
 *     so, such as {@code openmmp.tls.key}
 * @param written the keys that all of this was read from
 * @param notices what was read and skipped, for the log
 */
public record OpenMmpConfig(
    String hostname,
    DirectoryConfig directory,
    GroupConfig groupDefaults,
    List<GroupConfig> groups,
    Recovery recovery,
    LoginConfig login,
    ImapConfig imap,
    Pop3Config pop3,
    LmtpConfig lmtp,
    ServerTlsConfig tls,
    LimitsConfig limits,
    ProxyProtocolConfig proxyProtocol,
    ResolverConfig resolver,
    TransportConfig transport,
    List<InetAddress> sources,
    AdminConfig admin,
    LogConfig log,
    DrainConfig drain,
    SharedConfig shared,
    Optional<Path> stateFile,
    Map<Path, String> secretFiles,
    WrittenKeys written,
    List<ConfigNotice> notices) {

  /** Copies the lists. */
  public OpenMmpConfig {
    groups = List.copyOf(groups);
    sources = List.copyOf(sources);
    secretFiles = Collections.unmodifiableMap(new LinkedHashMap<>(secretFiles));
    notices = List.copyOf(notices);
  }

  /** The groups, and which of them a mail host leads to. */
  public GroupTable table() {
    return GroupTable.of(groups.stream().map(GroupConfig::group).toList(), resolver.hosts());
  }

  /** What the operator wants of that group, or of hosts that stand in none. */
  public GroupConfig group(String name) {
    return groups.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElse(groupDefaults);
  }

  /** The same, these of the files that it names being read again now; blocks. */
  public OpenMmpConfig readAgain(Collection<Path> files) {
    return new OpenMmpConfig(
        hostname,
        directory,
        groupDefaults,
        groups,
        recovery,
        login,
        imap,
        pop3,
        lmtp,
        tls,
        limits,
        proxyProtocol,
        resolver,
        transport,
        sources,
        admin,
        log,
        drain,
        shared,
        stateFile,
        secretFiles,
        written.readAgain(files),
        notices);
  }
}
