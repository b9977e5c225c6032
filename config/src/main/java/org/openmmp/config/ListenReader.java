package org.openmmp.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads addresses to listen at: {@code host:port}, or an object with an {@code address}. */
final class ListenReader {
  static final String ACCEPTED = "host:port, [IPv6 address]:port or *:port, port from 0 to 65535";

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
    for (ConfigValue element : ListReader.elements(section, key)) {
      String at = section.at(key) + "[" + all.size() + "]";
      if (element instanceof ConfigObject) {
        Section listener = section.element(at, element, null, ACCEPTED);
        String domain =
            listener.isSet("default-domain")
                ? HostText.domain(listener, "default-domain")
                : defaultDomain;
        ListenAddress address =
            listener.read(
                "address", ACCEPTED, new ListenAddress("", 0, ""), value -> parse(value, domain));
        all.add(
            new ListenAddress(
                address.host(),
                address.port(),
                domain,
                proxyProtocol(listener),
                passwords.apply(listener)));
      } else {
        parse(element, defaultDomain)
            .map(address -> address.with(passwords.apply(section)))
            .ifPresentOrElse(all::add, () -> section.refuse(element, section.at(key), ACCEPTED));
      }
    }
    return all;
  }

  private static boolean proxyProtocol(Section listener) {
    if (!listener.isSet("proxy-protocol")) {
      return false;
    }
    boolean required =
        listener.choice("proxy-protocol", ProxyProtocol.class) == ProxyProtocol.REQUIRED;
    if (required) {
      listener.reading().proxyHeadersExpected(listener.at("proxy-protocol"));
    }
    return required;
  }

  /** Whether the header of the PROXY protocol comes first. */
  private enum ProxyProtocol {
    NONE,
    REQUIRED
  }

  /** The address that a value says. */
  static Optional<ListenAddress> parse(ConfigValue value, String defaultDomain) {
    return Scalar.text(value).flatMap(text -> parse(text, defaultDomain));
  }

  private static Optional<ListenAddress> parse(String text, String defaultDomain) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("\\d{1,5}")) {
      return Optional.empty();
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    return port > 65_535
        ? Optional.empty()
        : host(text.substring(0, colon)).map(host -> new ListenAddress(host, port, defaultDomain));
  }

  private static Optional<String> host(String text) {
    if (text.equals("*")) {
      return Optional.of("0.0.0.0");
    }
    if (text.startsWith("[") && text.endsWith("]")) {
      return Optional.of(text.substring(1, text.length() - 1))
          .filter(inner -> inner.indexOf(':') >= 0)
          .flatMap(HostText::host);
    }
    return Optional.of(text).filter(any -> any.indexOf(':') < 0).flatMap(HostText::host);
  }
}
