package org.openmmp.config;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.openmmp.text.AddressLiteral;

/** Finds listeners that would have to share a port. */
public final class SharedPorts {
  private static final String LOCALHOST = "localhost";

  private SharedPorts() {}

  /**
   * A finding for each pair of listeners at one port whose addresses meet.
   *
   * @param opened the keys whose listeners are opened by one process
   */
  public static List<String> findings(OpenMmpConfig config, Predicate<String> opened) {
    Map<Integer, List<Map.Entry<String, ListenAddress>>> byPort = new HashMap<>();
    List<String> findings = new ArrayList<>();
    for (Map.Entry<String, ListenAddress> listener : listeners(config)) {
      if (!opened.test(listener.getKey())) {
        continue;
      }
      List<Map.Entry<String, ListenAddress>> before =
          byPort.computeIfAbsent(listener.getValue().port(), any -> new ArrayList<>());
      for (Map.Entry<String, ListenAddress> other : before) {
        if (meet(listener.getValue().host(), other.getValue().host())) {
          findings.add(
              listener.getKey()
                  + " has "
                  + listener.getValue()
                  + ", and "
                  + other.getKey()
                  + " has "
                  + other.getValue()
                  + ": one port serves one of them");
        }
      }
      before.add(listener);
    }
    return findings;
  }

  private static List<Map.Entry<String, ListenAddress>> listeners(OpenMmpConfig config) {
    List<Map.Entry<String, ListenAddress>> all = new ArrayList<>();
    add(all, "imap.listen", config.imap().listen().plain());
    add(all, "imap.listen-tls", config.imap().listen().tls());
    add(all, "pop3.listen", config.pop3().listen().plain());
    add(all, "pop3.listen-tls", config.pop3().listen().tls());
    add(all, "lmtp.listen", config.lmtp().listen());
    add(all, "admin.listen", config.admin().listen().stream().toList());
    return all;
  }

  private static void add(
      List<Map.Entry<String, ListenAddress>> all, String key, List<ListenAddress> addresses) {
    for (ListenAddress address : addresses) {
      if (address.port() != 0) {
        all.add(Map.entry("openmmp." + key, address));
      }
    }
  }

  /** Whether a connection may come in at both; a name other than localhost is only itself. */
  private static boolean meet(String one, String other) {
    if (one.equals(other) || isAll(one) || isAll(other)) {
      return true;
    }
    if (isAllIpv4(one) || isAllIpv4(other)) {
      return !isIpv6(one) && !isIpv6(other);
    }
    return isLiteral(one) && isLiteral(other) && address(one).equals(address(other));
  }

  private static boolean isAll(String host) {
    return isLiteral(host)
        && address(host) instanceof Inet6Address every
        && every.isAnyLocalAddress();
  }

  private static boolean isAllIpv4(String host) {
    return isLiteral(host)
        && address(host) instanceof Inet4Address every
        && every.isAnyLocalAddress();
  }

  private static boolean isIpv6(String host) {
    return isLiteral(host) && address(host) instanceof Inet6Address;
  }

  private static boolean isLiteral(String host) {
    return host.equals(LOCALHOST) || AddressLiteral.parse(host) != null;
  }

  private static InetAddress address(String host) {
    String text = host.equals(LOCALHOST) ? "127.0.0.1" : host;
    return Objects.requireNonNull(AddressLiteral.parse(text), text + " is no address");
  }

  /** Whether only this machine's own clients come in there. */
  static boolean isLoopback(String host) {
    return isLiteral(host) && address(host).isLoopbackAddress();
  }
}
