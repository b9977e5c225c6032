package org.openmmp.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.HostName;
import org.openmmp.text.HostPort;

/** Reads addresses to listen at: {@code host:port}, or an object with an {@code address}. */
final class ListenReader {
  static final String ACCEPTED = "host:port, [IPv6 address]:port or *:port, port from 0 to 65535";

  static final String DOMAIN = "a domain name, or empty for none";

  /** Begins what names no address of its own. */
  private static final String ANYWHERE = "*:";

  /** Any port that is free, which is none that a client could name. */
  private static final String ANY_PORT = ":0";

  private ListenReader() {}

  /** The listeners under a key. */
  static List<ListenAddress> listeners(Section section, String key, String defaultDomain) {
    return listeners(section, key, defaultDomain, listener -> ClearTextPasswords.NEVER);
  }

  /**
   * The listeners under a key.
   *
   * @param passwords who may send one without TLS, from the section of a listener's entry or of all
   */
  static List<ListenAddress> listeners(
      Section section,
      String key,
      String defaultDomain,
      Function<Section, ClearTextPasswords> passwords) {
    List<ListenAddress> all = new ArrayList<>();
    for (ConfigValue element : section.elements(key)) {
      String at = section.at(key) + "[" + all.size() + "]";
      if (element instanceof ConfigObject) {
        Section listener = section.element(at, element, null, ACCEPTED);
        String domain =
            listener.isSet("default-domain")
                ? listener.hostOrEmpty("default-domain", DOMAIN)
                : defaultDomain;
        ListenAddress address =
            listener.read(
                "address", ACCEPTED, new ListenAddress("", 0, ""), value -> parse(value, domain));
        boolean proxyProtocol = proxyProtocol(listener);
        ClearTextPasswords clear = passwords.apply(listener);
        for (String host : hosts(section, listener.value("address"), address)) {
          all.add(new ListenAddress(host, address.port(), domain, proxyProtocol, clear));
        }
      } else {
        ClearTextPasswords clear = passwords.apply(section);
        parse(element, defaultDomain)
            .ifPresentOrElse(
                address ->
                    hosts(section, element, address)
                        .forEach(
                            host ->
                                all.add(
                                    new ListenAddress(
                                        host, address.port(), defaultDomain, false, clear))),
                () -> section.refuse(element, section.at(key), ACCEPTED));
      }
    }
    return all;
  }

  /** The host that a value names, or those of {@code openmmp.listen-address} in place of "*". */
  private static List<String> hosts(
      Section section, @Nullable ConfigValue written, ListenAddress address) {
    List<String> common = section.reading().listenAddresses();
    boolean anywhere =
        written != null
            && Scalar.text(written).filter(text -> text.startsWith(ANYWHERE)).isPresent();
    return anywhere && !common.isEmpty() ? common : List.of(address.host());
  }

  /** Whether the header of the PROXY protocol comes first. */
  private static boolean proxyProtocol(Section listener) {
    if (!listener.isSet("proxy-protocol")) {
      return false;
    }
    boolean required =
        listener.read(
            "proxy-protocol",
            "one of none, required",
            false,
            value ->
                Scalar.text(value)
                    .map(text -> text.toLowerCase(Locale.ROOT))
                    .filter(text -> text.equals("none") || text.equals("required"))
                    .map(text -> text.equals("required")));
    if (required) {
      listener.reading().proxyHeadersExpected(listener.at("proxy-protocol"));
    }
    return required;
  }

  /** The address that a value says. */
  static Optional<ListenAddress> parse(ConfigValue value, String defaultDomain) {
    return Scalar.text(value).flatMap(text -> parse(text, defaultDomain));
  }

  private static Optional<ListenAddress> parse(String text, String defaultDomain) {
    String named = text.startsWith(ANYWHERE) ? "0.0.0.0" + text.substring(1) : text;
    boolean anyPort = named.endsWith(ANY_PORT);
    HostPort at =
        HostPort.parse(anyPort ? named.substring(0, named.length() - ANY_PORT.length()) : named);
    return at == null || anyPort == (at.port() > 0)
        ? Optional.empty()
        : HostName.orAddress(at.host())
            .map(host -> new ListenAddress(host, at.port(), defaultDomain));
  }
}
