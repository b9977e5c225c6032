package org.openmmp.config;

import java.util.Optional;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;

/** The grammar of host names, address literals and networks; asks no name server. */
final class HostText {
  private HostText() {}

  /** The folded name or the one text of an address, or nothing if the text is neither. */
  static Optional<String> host(String text) {
    String folded = HostName.fold(text);
    return HostName.isOne(folded) ? Optional.of(folded) : address(folded);
  }

  /** Whether the text is an IPv4 or IPv6 literal, without brackets and zone. */
  static boolean isAddress(String text) {
    return AddressLiteral.parse(text) != null;
  }

  /** The one text of the address that the text is, or nothing. */
  static Optional<String> address(String text) {
    return Optional.ofNullable(AddressLiteral.parse(text)).map(AddressLiteral::textOf);
  }

  /** Whether the text is {@code host:port}, {@code [address]:port} or likewise. */
  static boolean hasPort(String text) {
    return text.matches("\\[.*\\]:.*") || text.matches("[^:]*:[^:]*");
  }

  /** The network in the form {@code address/bits}, or nothing. */
  static Optional<String> network(String text) {
    int bits = AddressLiteral.prefixLength(text);
    int slash = text.indexOf('/');
    return bits < 0
        ? Optional.empty()
        : address(slash < 0 ? text : text.substring(0, slash)).map(one -> one + "/" + bits);
  }

  /** A domain name under that key, or empty. */
  static String domain(Section section, String key) {
    return orEmpty(section, key, "a domain name, or empty for none");
  }

  /** Where users go that the directory names no mail host for, or empty. */
  static String defaultMailHost(Section section) {
    return orEmpty(
        section, "default-mail-host", "a host or the name of a group, or empty for none");
  }

  private static String orEmpty(Section section, String key, String accepted) {
    return section.read(
        key,
        accepted,
        "",
        value ->
            Scalar.text(value).flatMap(text -> text.isEmpty() ? Optional.of(text) : host(text)));
  }
}
