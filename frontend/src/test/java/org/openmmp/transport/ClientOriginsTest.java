package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule B6.5, and section 6 of the attacks: headers, good and bad. */
class ClientOriginsTest {
  static List<Arguments> goodHeaders() {
    String junk = "\1\2\3".repeat(20);
    return List.of(
        Arguments.of(Accepted.V1, Accepted.ANNOUNCED),
        Arguments.of(
            "PROXY TCP6 2001:db8::7 2001:db8::1 65535 1\r\n",
            "2001:db8:0:0:0:0:0:7:65535 2001:db8:0:0:0:0:0:1:1"),
        Arguments.of(
            "PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.1 40000 143\r\n", Accepted.ANNOUNCED),
        Arguments.of("PROXY UNKNOWN\r\n", Accepted.SOCKET),
        Arguments.of("PROXY UNKNOWN 192.0.2.7 198.51.100.1 40000 143\r\n", Accepted.SOCKET),
        Arguments.of("PROXY UNKNOWN " + "f".repeat(90) + "\r\n", Accepted.SOCKET),
        Arguments.of(ProxyHeaders.v2("192.0.2.7", "198.51.100.1", ""), Accepted.ANNOUNCED),
        Arguments.of(
            ProxyHeaders.v2("2001:db8::7", "2001:db8::1", ""),
            "2001:db8:0:0:0:0:0:7:40000 2001:db8:0:0:0:0:0:1:143"),
        Arguments.of(
            ProxyHeaders.v2("::ffff:192.0.2.7", "::ffff:198.51.100.1", ""), Accepted.ANNOUNCED),
        Arguments.of(ProxyHeaders.v2(0x20, 0, ""), Accepted.SOCKET),
        Arguments.of(ProxyHeaders.v2(0x20, 0x11, junk), Accepted.SOCKET),
        Arguments.of(ProxyHeaders.v2(0x21, 0, junk), Accepted.SOCKET),
        Arguments.of(ProxyHeaders.v2(0x21, 0x31, "/run/x".repeat(36)), Accepted.SOCKET),
        Arguments.of(
            ProxyHeaders.v2(
                "192.0.2.7",
                "198.51.100.1",
                ProxyHeaders.addition(1, "imap")
                    + ProxyHeaders.addition(4, "\0".repeat(8))
                    + ProxyHeaders.addition(5, "id")
                    + ProxyHeaders.addition(0xea, "\1vpce")),
            Accepted.ANNOUNCED));
  }

  @ParameterizedTest
  @MethodSource("goodHeaders")
  void headerIsUnderstoodAtEverySplitAndWhatFollowsIsPassedOnExactly(
      String header, String expected) {
    String all = header + "a NOOP\r\nb LOGOUT\r\n";
    for (int split = 1; split < all.length(); split++) {
      Accepted accepted = Accepted.fromBalancer();
      accepted.send(all.substring(0, split)).send(all.substring(split));
      assertEquals(expected, accepted.origin(), "split at " + split);
      assertEquals("a NOOP\r\nb LOGOUT\r\n", accepted.passed(), "split at " + split);
      accepted.assertNothingIsLeftInThePipeline();
      assertFalse(accepted.channel.hasPendingTasks(), "no timer is left");
    }
  }

  @ParameterizedTest
  @MethodSource("goodHeaders")
  void headerIsUnderstoodOctetByOctet(String header, String expected) {
    Accepted accepted = Accepted.fromBalancer();
    for (int i = 0; i < header.length(); i++) {
      assertEquals(List.of(), accepted.known);
      accepted.send(header.substring(i, i + 1));
    }
    assertEquals(expected, accepted.origin());
    assertEquals("", accepted.passed());
  }

  static List<String> badHeaders() {
    String ends = "\300\0\2\7\306\63\144\1\234\100\0\217";
    return List.of(
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 143 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 70000 143\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 143\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 x 143\r\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 40000 143\r\n",
        "PROXY TCP4 192.0.2.700 198.51.100.1 40000 143\r\n",
        "PROXY TCP4 192.0.2.07 198.51.100.1 40000 143\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 40000 143\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 40000 143\r\n",
        "PROXY TCP6 fe80::1%1 fe80::2 40000 143\r\n",
        "PROXY TCP4 mail.example.com 198.51.100.1 40000 143\r\n",
        "PROXY TCP4 192.0.2.7\r\0 198.51.100.1 40000 143\r\n",
        "PROXY TCP4 " + "9".repeat(200),
        "PROXY UNKNOWN " + "f".repeat(200) + "\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 40000 143\r\n",
        "proxy TCP4 192.0.2.7 198.51.100.1 40000 143\r\n",
        " " + Accepted.V1,
        "\r\n" + Accepted.V1,
        "a NOOP\r\n" + Accepted.V1,
        "a LOGIN ada secret\r\n",
        "\u0016\3\1\2\0\1\0\1\374\3\3",
        "GET / HTTP/1.1\r\n\r\n",
        ProxyHeaders.v2(0x11, 0x11, ends),
        ProxyHeaders.v2(0x01, 0x11, ends),
        ProxyHeaders.v2(0x22, 0x11, ends),
        ProxyHeaders.v2(0x2f, 0x11, ends),
        ProxyHeaders.v2(0x21, 0x13, ends),
        ProxyHeaders.v2(0x21, 0x41, ends),
        ProxyHeaders.v2(0x21, 0x12, ends),
        ProxyHeaders.v2(0x21, 0x22, ends.repeat(3)),
        ProxyHeaders.v2(0x21, 0x32, "x".repeat(216)),
        ProxyHeaders.v2(0x21, 0x11, ends.substring(1)),
        ProxyHeaders.v2(0x21, 0x11, ""),
        ProxyHeaders.v2(0x21, 0x21, ends),
        ProxyHeaders.v2(0x21, 0x31, ends),
        ProxyHeaders.v2(0x21, 0x11, ends + "\1\377\377x"),
        ProxyHeaders.v2(0x21, 0x11, ends + "\40\0\4\1\0\0\0"),
        ProxyHeaders.v2(0x21, 0x11, ends + "\40\0\17\1\0\0\0\0\41\0\11TLSv1.3"),
        ProxyHeaders.v2(0x21, 0x11, ends + ProxyHeaders.addition(0xe0, "x".repeat(4_400))));
  }

  @ParameterizedTest
  @MethodSource("badHeaders")
  void badHeaderIsRefusedWholeAndOctetByOctet(String header) {
    Accepted whole = Accepted.fromBalancer().send(header + "a LOGIN ada secret\r\n");
    whole.assertRefused();
    Accepted single = Accepted.fromBalancer();
    for (int i = 0; i < header.length(); i++) {
      single.send(header.substring(i, i + 1));
    }
    single.assertRefused();
  }

  @Test
  void mutilatedHeaderIsUnderstoodOrRefusedAndNothingElse() {
    Random random = new Random(65);
    List<String> seeds = new ArrayList<>();
    goodHeaders().forEach(each -> seeds.add((String) each.get()[0]));
    seeds.add(
        ProxyHeaders.v2(
            "192.0.2.7",
            "198.51.100.1",
            ProxyHeaders.tls(7, 0, "ada") + ProxyHeaders.addition(2, "mail.example.com")));
    for (int i = 0; i < 5_000; i++) {
      StringBuilder header = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
      for (int n = random.nextInt(3); n >= 0; n--) {
        int at = random.nextInt(header.length());
        switch (random.nextInt(3)) {
          case 0 -> header.setCharAt(at, (char) random.nextInt(256));
          case 1 -> header.deleteCharAt(at);
          default -> header.insert(at, (char) random.nextInt(256));
        }
      }
      Accepted accepted = Accepted.fromBalancer();
      int split = random.nextInt(header.length());
      accepted.send(header.substring(0, split)).send(header.substring(split));
      assertTrue(accepted.known.size() <= 1);
      boolean waits = accepted.channel.isOpen() && accepted.known.isEmpty();
      if (waits) {
        accepted.channel.advanceTimeBy(3, TimeUnit.SECONDS);
        accepted.channel.runScheduledPendingTasks();
      }
      assertEquals(accepted.known.isEmpty(), !accepted.channel.isOpen(), header::toString);
      accepted.passed();
      accepted.channel.finishAndReleaseAll();
      accepted.channel.checkException();
    }
  }
}
