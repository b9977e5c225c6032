package org.openmmp.transport;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;

/**
 * The system's hosts file and its list of name servers, as they were when they were read last. A
 * system that names no server has one on this machine, as the C library holds it: nobody else is
 * ever asked. May be used on any thread; {@link #read} blocks.
 */
final class SystemNames implements DnsServerAddressStreamProvider {
  private static final int DNS_PORT = 53;
  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path SERVERS = Path.of("/etc/resolv.conf");

  private final Path hostsFile;
  private final Path serversFile;
  private volatile Map<String, List<InetAddress>> ipv4 = Map.of();
  private volatile Map<String, List<InetAddress>> ipv6 = Map.of();
  private volatile DnsServerAddresses servers;

  /** Names as two files tell them; reads both. */
  SystemNames(Path hostsFile, Path serversFile) {
    this.hostsFile = hostsFile;
    this.serversFile = serversFile;
    this.servers = DnsServerAddresses.sequential(serversIn(""));
    read();
  }

  /** Names as this system has them. */
  static SystemNames ofThisSystem() {
    return new SystemNames(HOSTS, SERVERS);
  }

  /** Takes up what was changed in the files; one that cannot be read changes nothing. */
  void read() {
    try {
      HostsFileEntriesProvider read =
          HostsFileEntriesProvider.parser()
              .parse(hostsFile.toFile(), StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);
      ipv4 = read.ipv4Entries();
      ipv6 = read.ipv6Entries();
    } catch (IOException unreadable) {
      // What was read before holds on.
    }
    try {
      servers =
          DnsServerAddresses.sequential(
              serversIn(Files.readString(serversFile, StandardCharsets.ISO_8859_1)));
    } catch (IOException unreadable) {
      // What was read before holds on.
    }
  }

  /** The addresses of a name in lower case in the hosts file; none if it is not there. */
  List<InetAddress> inHostsFile(String name) {
    List<InetAddress> addresses = new ArrayList<>(ipv4.getOrDefault(name, List.of()));
    addresses.addAll(ipv6.getOrDefault(name, List.of()));
    return addresses;
  }

  @Override
  public DnsServerAddressStream nameServerAddressStream(String name) {
    return servers.stream();
  }

  /** The servers that the text of a resolv.conf names, or this machine's. */
  static List<InetSocketAddress> serversIn(String text) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : text.split("\\R", -1)) {
      String[] words = line.strip().split("\\s+", -1);
      InetAddress address =
          words.length > 1 && words[0].equals("nameserver") ? server(words[1]) : null;
      if (address != null) {
        servers.add(new InetSocketAddress(address, DNS_PORT));
      }
    }
    return servers.isEmpty()
        ? List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS_PORT))
        : servers;
  }

  /** A server's address, which may name the interface that it is reached by. */
  private static @Nullable InetAddress server(String text) {
    int zone = text.indexOf('%');
    if (AddressLiteral.parse(zone < 0 ? text : text.substring(0, zone)) == null) {
      return null;
    }
    try {
      // A literal is never asked for, zone or not.
      return InetAddress.getByName(text);
    } catch (IOException noSuchInterface) {
      return null;
    }
  }
}
