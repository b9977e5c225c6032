package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.transport.ProxyHeaders;

/** Section 6 of the attacks: PROXY headers (B6.5). */
final class ProxyHeaderAttackTest {
  private static final SSLContext ANY = TestIdentity.anonymous();
  private static final String HEADER = "PROXY TCP4 192.0.2.7 198.51.100.1 40000 143\r\n";

  private static BalancedProxy proxy;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    proxy = new BalancedProxy(workplace, "openmmp.proxy-protocol.timeout = 2s");
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @BeforeEach
  void forgetLogins() {
    proxy.script().forget();
  }

  static List<String> headersOfBothVersions() {
    return List.of(
        HEADER,
        ProxyHeaders.v2("192.0.2.7", "198.51.100.1", ""),
        ProxyHeaders.v2("192.0.2.7", "198.51.100.1", ProxyHeaders.addition(4, "\0".repeat(2_000))));
  }

  // B6.5, B3.12, B8.6
  @ParameterizedTest
  @MethodSource("headersOfBothVersions")
  void announcedClientIsTheClientForStoreAndLog(String header) {
    int before = proxy.store().heard().length();
    try (RawClient client = proxy.balancer().send(header)) {
      BalancedProxy.logIn(client);
    }
    String heard = proxy.store().heard().substring(before);
    assertTrue(heard.contains("\"x-originating-ip\" \"192.0.2.7\""), heard);
    assertTrue(heard.contains("\"x-originating-port\" \"40000\""), heard);
    assertTrue(heard.contains("\"x-connected-ip\" \"198.51.100.1\""), heard);
    assertTrue(heard.contains("\"x-connected-port\" \"143\""), heard);
    proxy.awaitLog("client=192.0.2.7 client-port=40000");
  }

  // Section 6: octet by octet, and everything in one segment
  @Test
  void headerInPiecesAndHeaderWithAllThatFollowsAreServedAlike() {
    String login = "a " + AttackedProxy.login("amy") + "\r\n";
    String all = HEADER + login + "b SELECT INBOX\r\nc FETCH 1 BODY[]\r\nd NOOP\r\n";
    for (int step : new int[] {1, all.length()}) {
      proxy.script().forget();
      try (RawClient client = proxy.balancer()) {
        for (int at = 0; at < all.length(); at += step) {
          client.send(all.substring(at, Math.min(all.length(), at + step)));
        }
        assertEquals("d OK NOOP", client.finish().answer("d"));
        assertTrue(client.heard().contains("\r\na OK"), client.heard());
      }
      assertEquals(List.of("SELECT INBOX", "FETCH 1 BODY[]", "NOOP"), proxy.script().commands());
      assertEquals(List.of("amy@example.test"), proxy.script().users());
    }
  }

  // Section 6: header, then TLS, in one segment with the handshake's first octets and apart
  @Test
  void tlsComesBehindTheHeader() {
    for (String header : headersOfBothVersions()) {
      try (RawClient client = proxy.tlsBalancer().send(header).startTls(ANY)) {
        BalancedProxy.logIn(client);
      }
      try (RawClient client = proxy.balancer().send(header)) {
        assertEquals("s OK Begin TLS negotiation now.", client.command("s", "STARTTLS"));
        BalancedProxy.logIn(client.startTls(ANY));
      }
    }
    try (RawClient client = proxy.tlsBalancer()) {
      byte[] hello = ClientHello.askingFor("proxy.test");
      String octets = new String(hello, java.nio.charset.StandardCharsets.ISO_8859_1);
      String answer = client.send(HEADER + octets).octets(3).substring(1);
      assertEquals("\3\3", answer, "the hello is answered in TLS");
    }
  }

  // Section 6: UNKNOWN and LOCAL, which is how balancers check whether one is well
  @Test
  void checksOfTheBalancerAreAnsweredAsItsOwn() {
    for (String header :
        List.of(
            "PROXY UNKNOWN\r\n",
            "PROXY UNKNOWN 192.0.2.66 192.0.2.67 1 2\r\n",
            ProxyHeaders.v2(0x20, 0, ""),
            ProxyHeaders.v2(0x20, 0x11, "\300\0\2\102\300\0\2\103\0\1\0\2"),
            ProxyHeaders.v2(0x21, 0, ""))) {
      int before = proxy.store().heard().length();
      try (RawClient client = proxy.balancer().send(header)) {
        BalancedProxy.logIn(client);
      }
      String heard = proxy.store().heard().substring(before);
      assertTrue(heard.contains("\"x-originating-ip\" \"127.0.0.1\""), heard);
    }
    try (RawClient check = proxy.balancer().send(ProxyHeaders.v2(0x20, 0, ""))) {
      assertTrue(String.valueOf(check.line()).startsWith("* OK "), check.heard());
    }
  }

  static List<String> whatIsNoHeader() {
    return List.of(
        "",
        "a NOOP\r\n",
        "a NOOP\r\n" + HEADER,
        "\r\n" + HEADER,
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 99999 143\r\n",
        "PROXY TCP4 localhost 198.51.100.1 40000 143\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 40000 143\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 40000 143\r\n",
        "PROXY TCP4 " + "1".repeat(300) + "\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 143\n",
        ProxyHeaders.v2(0x11, 0x11, "\300\0\2\7\306\63\144\1\234\100\0\217"),
        ProxyHeaders.v2(0x21, 0x12, "\300\0\2\7\306\63\144\1\234\100\0\217"),
        ProxyHeaders.v2(0x21, 0x11, "\300\0\2\7"),
        ProxyHeaders.v2(0x21, 0x11, "\300\0\2\7\306\63\144\1\234\100\0\217\1\377\377x"),
        ProxyHeaders.v2(0x21, 0x11, "x".repeat(65_535)),
        "\u0016\3\1\2\0\1\0\1\374\3\3" + "\0".repeat(100));
  }

  // Section 6: malformed, late, missing, oversize
  @ParameterizedTest
  @MethodSource("whatIsNoHeader")
  void withoutAProperHeaderThereIsNotEvenAGreeting(String octets) {
    for (RawClient client : List.of(proxy.balancer(), proxy.tlsBalancer())) {
      assertEquals("", client.send(octets).finish().rest());
      client.close();
    }
    assertEquals(List.of(), proxy.script().logins());
  }

  // Section 6: nested
  @Test
  void secondHeaderEndsTheConnection() {
    for (String second : headersOfBothVersions()) {
      try (RawClient client = proxy.balancer().send(HEADER)) {
        assertTrue(String.valueOf(client.line()).startsWith("* OK "), client.heard());
        String rest = client.send(second + "a " + AttackedProxy.login("amy") + "\r\n").rest();
        assertFalse(rest.contains("a OK"), rest);
        assertTrue(rest.contains("* BYE "), rest);
      }
      try (RawClient client = proxy.tlsBalancer().send(HEADER + second)) {
        assertEquals("", client.rest());
      }
      try (RawClient client = proxy.tlsBalancer().send(HEADER).startTls(ANY)) {
        assertTrue(String.valueOf(client.line()).startsWith("* OK "), client.heard());
        String rest = client.send(second + "z LOGOUT\r\n").finish().rest();
        assertFalse(rest.contains("a OK"), rest);
      }
    }
    assertEquals(List.of(), proxy.script().logins());
    proxy.awaitLog("a second PROXY header behind the first");
  }

  // Section 6: a stranger
  @Test
  void strangersHeaderIsRefusedWhereOneIsExpectedAndWhereNone() {
    for (String header : headersOfBothVersions()) {
      try (RawClient client = proxy.stranger().send(header)) {
        assertEquals("", client.rest());
      }
      try (RawClient client = proxy.program().silentClient().send(header)) {
        String rest = client.send("a " + AttackedProxy.login("amy") + "\r\n").rest();
        assertFalse(rest.contains("a OK"), rest);
        assertTrue(
            rest.endsWith("* BYE Too many bad commands, or one that is too long.\r\n"), rest);
      }
    }
    // Lines about one network are few in a second (B8.8): what others have used up comes again.
    String told = "refused client=" + BalancedProxy.STRANGER;
    Await.until(
        () -> told + " in " + proxy.program().log().text(),
        Duration.ofSeconds(20),
        () -> {
          try (RawClient client = proxy.stranger()) {
            assertEquals("", client.rest(), "without a header either");
          }
          return proxy.program().log().text().contains(told);
        });
    assertEquals(List.of(), proxy.script().logins());
    proxy.awaitLog("only load balancers of openmmp.proxy-protocol.networks may connect");
  }

  // Section 6: never finished, two hundred times; B6.1
  @Test
  void halfHeadersAreBoundedAndClosedInTimeWhileOthersAreServed() {
    DirectMemory before = DirectMemory.now();
    String half = ProxyHeaders.v2(0x21, 0x11, "x".repeat(65_535)).substring(0, 4_000);
    List<RawClient> balancers = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      balancers.add(proxy.balancer().send(i % 2 == 0 ? half : "PROXY TCP4 192.0.2"));
    }
    proxy.program().assertAlive();
    try (RawClient client = proxy.balancer().send(HEADER)) {
      BalancedProxy.logIn(client);
    }
    before.assertFlat();
    for (RawClient balancer : balancers) {
      assertEquals("", balancer.rest());
      balancer.close();
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    assertTrue(seconds >= 1 && seconds < 40, "closed after " + seconds + " s");
    proxy.awaitLog("no whole PROXY header within openmmp.proxy-protocol.timeout");
  }

  // A mistake in the balancer's or the client's configuration says so
  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY bytes on a plain port",
        "PROXY bytes on a TLS port",
        "TLS bytes where PROXY was expected",
        "TLS bytes on a plain port",
        "plain bytes on a TLS port",
        "no PROXY header where one was expected",
      })
  void wrongProtocolHasItsLineInTheLog(String line) {
    // Lines about one network are few in a second (B8.8): what others have used up comes again.
    Await.until(
        () -> line + " in " + proxy.program().log().text(),
        Duration.ofSeconds(20),
        () -> {
          speakWrongly(line);
          return proxy.program().log().text().contains(line);
        });
  }

  private void speakWrongly(String line) {
    String hello = "\u0016\3\1\2\0\1\0\1\374\3\3" + "\0".repeat(100);
    try (RawClient client =
        switch (line) {
          case "PROXY bytes on a plain port" -> proxy.program().silentClient().send(HEADER);
          case "PROXY bytes on a TLS port" -> proxy.program().tlsPortClient().send(HEADER);
          case "TLS bytes where PROXY was expected" -> proxy.balancer().send(hello);
          case "TLS bytes on a plain port" -> proxy.program().silentClient().send(hello);
          case "plain bytes on a TLS port" -> proxy.program().tlsPortClient().send("a NOOP\r\n");
          default -> proxy.balancer().send("a NOOP\r\n");
        }) {
      String rest = client.rest();
      assertEquals(line.endsWith("a plain port"), rest.contains("* BYE "), rest);
    }
  }
}
