package org.openmmp.directory.ldap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Secret;

/**
 * The directory that knows each user's mail host (rule B1): {@code openmmp.directory}.
 *
 * @param servers in the order of preference, at least one
 * @param bindDn whom to bind as; empty: anonymous
 * @param bindPassword as it was read at the start
 * @param bindPasswordFile the file that it stands in, which is read again for each new connection;
 *     empty: it stands in the configuration
 * @param users what holds for all users whose domain has no word of its own
 * @param defaultDomain the domain of a login name without one, where the listener has none; empty:
 *     none
 * @param delimiters the characters, each of which splits a login name; the last one in a name
 *     counts
 * @param mailHostAttributes in order: the first one present wins (rule B1.2)
 * @param extraAttributes further attributes to fetch with an entry
 * @param domains where domains' entries live; empty: they are not looked up
 * @param provenPasswordTtl how long it is remembered that a user could bind (rule B1.8); zero: not
 *     at all
 * @param hostedDomains what differs for the users of single domains, by their names in lower case
 * @param recipients how recipients of messages are found
 */
public record DirectoryConfig(
    List<Server> servers,
    String bindDn,
    Secret bindPassword,
    Optional<Path> bindPasswordFile,
    HostedDomain users,
    String defaultDomain,
    String delimiters,
    List<String> mailHostAttributes,
    List<String> extraAttributes,
    Connections connections,
    Status status,
    Optional<DomainSearch> domains,
    Cache cache,
    Duration provenPasswordTtl,
    Map<String, HostedDomain> hostedDomains,
    Recipients recipients) {

  /** Copies the lists. */
  public DirectoryConfig {
    servers = List.copyOf(servers);
    mailHostAttributes = List.copyOf(mailHostAttributes);
    extraAttributes = List.copyOf(extraAttributes);
    hostedDomains = Map.copyOf(hostedDomains);
  }

  /** The bind password as it stands now: in its file, unless that cannot be read at present. */
  public Secret currentBindPassword() {
    return bindPasswordFile.flatMap(Secret::firstLineOf).orElse(bindPassword);
  }

  /**
   * Whether what was found under another configuration would be found under this one: no server is
   * new, and whom they are asked as, where, for what, and what is made of the answer is the same.
   * How they are reached and how long they are waited for may differ.
   */
  public boolean findsAs(DirectoryConfig before) {
    return places(before).containsAll(places(this))
        && bindDn.equals(before.bindDn)
        && users.equals(before.users)
        && defaultDomain.equals(before.defaultDomain)
        && delimiters.equals(before.delimiters)
        && mailHostAttributes.equals(before.mailHostAttributes)
        && extraAttributes.equals(before.extraAttributes)
        && connections.references == before.connections.references
        && status.equals(before.status)
        && domains.equals(before.domains)
        && hostedDomains.equals(before.hostedDomains)
        && recipients.equals(before.recipients);
  }

  private static List<HostPort> places(DirectoryConfig config) {
    return config.servers.stream()
        .map(server -> new HostPort(server.host(), server.port()))
        .toList();
  }

  /** The settings for the users of a domain; an empty name: for users without a domain. */
  public HostedDomain hosted(String domain) {
    return hostedDomains.getOrDefault(domain, users);
  }

  /**
   * One LDAP server.
   *
   * @param host name or address literal without brackets
   * @param port 1..65535
   * @param ldaps TLS from the first byte
   */
  public record Server(String host, int port, boolean ldaps) {}

  /** How several servers share the work (rule B1.6). */
  public enum Strategy {
    /** The first that works, in order. */
    FAILOVER,
    /** All in turn. */
    BALANCED
  }

  /** How to read a search that finds references to other servers and no entry (rule B1.11). */
  public enum References {
    /** That the answer is not whole: an outage. */
    OUTAGE,
    /** Nothing: there is no entry, as with Active Directory, which always sends some. */
    IGNORE
  }

  /**
   * How the servers are connected to (rule B1.6).
   *
   * @param startTls StartTLS, verified, on servers that are not {@code ldaps}
   * @param caFile PEM certificates that servers' certificates are verified with; empty: the
   *     system's
   * @param connectTimeout limit of one connect, TLS included
   * @param searchTimeout limit of one search or bind
   * @param poolSize connections kept, 1..1000
   * @param reopenInterval how long a connection lives before it is opened anew, so that a recovered
   *     server is used again
   * @param maxEntryOctets the largest answer that is read, in octets
   * @param references what a search means that finds references alone
   */
  public record Connections(
      Strategy strategy,
      boolean startTls,
      Optional<Path> caFile,
      Duration connectTimeout,
      Duration searchTimeout,
      int poolSize,
      Duration reopenInterval,
      int maxEntryOctets,
      References references) {}

  /**
   * The attributes that say whether a user may log in (rules B1.4, B1.5).
   *
   * @param domainAttributes status attributes of the domain's entry
   * @param userAttributes status attributes of the user's entry
   * @param domainServiceAttributes service access attributes of the domain's entry
   * @param userServiceAttributes service access attributes of the user's entry
   */
  public record Status(
      List<String> domainAttributes,
      List<String> userAttributes,
      List<String> domainServiceAttributes,
      List<String> userServiceAttributes) {

    /** Copies the lists. */
    public Status {
      domainAttributes = List.copyOf(domainAttributes);
      userAttributes = List.copyOf(userAttributes);
      domainServiceAttributes = List.copyOf(domainServiceAttributes);
      userServiceAttributes = List.copyOf(userServiceAttributes);
    }
  }

  /**
   * How a message's recipient is found (rule B5.2): {@code openmmp.lmtp}.
   *
   * @param filter how it is searched
   * @param sentOnAs the address that the store is given; empty: as it came
   */
  public record Recipients(SearchTemplate filter, Optional<StoreNameTemplate> sentOnAs) {}

  /** Where a domain's entry is found. */
  public record DomainSearch(SearchTemplate baseDn, SearchTemplate filter) {}

  /**
   * The cache of look-ups (rule B1.7).
   *
   * @param size entries at most; 0: no cache
   * @param positiveTtl how long a found entry serves
   * @param negativeTtl how long "no such user" serves
   * @param refreshAhead how long before its end an entry in use is looked up anew; zero: never
   * @param staleFor how long past its end an entry may serve while every server is down; zero:
   *     never
   */
  public record Cache(
      int size,
      Duration positiveTtl,
      Duration negativeTtl,
      Duration refreshAhead,
      Duration staleFor) {}
}
