package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ProxyProtocolConfig;

/** Rule B6.5, and section 6 of the attacks. */
class ClientOriginsTest {
  private static final String BALANCER = "10.0.0.9";
  private static final String OURS = "10.0.0.1";
  private static final String V1 = "PROXY TCP4 192.0.2.7 198.51.100.1 40000 143\r\n";
  private static final String SOCKET = "10.0.0.9:4711 10.0.0.1:143";
  private static final String ANNOUNCED = "192.0.2.7:40000 198.51.100.1:143";

  /** One accepted connection, and what became of it. */
  private static final class Accepted implements OriginListener {
    final AcceptedChannel channel;
    final List<ClientOrigin> known = new ArrayList<>();
    int misdialled;

    Accepted(String peer, boolean required, boolean implicitTls) {
      channel = new AcceptedChannel(peer, OURS);
      channel.freezeTime();
      ClientOrigins origins =
          new ClientOrigins(
              new ListenAddress("0.0.0.0", 143, "", required),
              new ProxyProtocolConfig(List.of("10.0.0.0/8"), Duration.ofSeconds(3)),
              implicitTls);
      origins.find(channel, this);
    }

    @Override
    public void known(ClientOrigin origin) {
      known.add(origin);
    }

    @Override
    public void misdialled() {
      misdialled++;
    }

    Accepted send(String octets) {
      if (channel.isOpen()) {
        channel.writeInbound(AcceptedChannel.octets(octets));
      }
      return this;
    }

    /** All that came through to whoever comes behind. */
    String passed() {
      StringBuilder all = new StringBuilder();
      for (ByteBuf each = channel.readInbound(); each != null; each = channel.readInbound()) {
        all.append(each.toString(StandardCharsets.ISO_8859_1));
        each.release();
      }
      return all.toString();
    }

    String origin() {
      assertEquals(1, known.size());
      ClientOrigin origin = known.get(0);
      return text(origin.client()) + " " + text(origin.server());
    }

    @Nullable TlsFacts tls() {
      return known.get(0).balancerTls();
    }

    private static String text(java.net.InetSocketAddress address) {
      return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    void assertNothingIsLeftInThePipeline() {
      assertEquals(1, channel.pipeline().names().size(), () -> "" + channel.pipeline().names());
    }
  }

  private static Accepted fromBalancer() {
    return new Accepted(BALANCER, true, false);
  }

  static List<Arguments> goodHeaders() {
    String junk = "\1\2\3".repeat(20);
    return List.of(
        Arguments.of(V1, ANNOUNCED),
        Arguments.of(
            "PROXY TCP6 2001:db8::7 2001:db8::1 65535 1\r\n",
            "2001:db8:0:0:0:0:0:7:65535 2001:db8:0:0:0:0:0:1:1"),
        Arguments.of("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.1 40000 143\r\n", ANNOUNCED),
        Arguments.of("PROXY UNKNOWN\r\n", SOCKET),
        Arguments.of("PROXY UNKNOWN 192.0.2.7 198.51.100.1 40000 143\r\n", SOCKET),
        Arguments.of("PROXY UNKNOWN " + "f".repeat(90) + "\r\n", SOCKET),
        Arguments.of(ProxyHeaders.v2("192.0.2.7", "198.51.100.1", ""), ANNOUNCED),
        Arguments.of(
            ProxyHeaders.v2("2001:db8::7", "2001:db8::1", ""),
            "2001:db8:0:0:0:0:0:7:40000 2001:db8:0:0:0:0:0:1:143"),
        Arguments.of(ProxyHeaders.v2("::ffff:192.0.2.7", "::ffff:198.51.100.1", ""), ANNOUNCED),
        Arguments.of(ProxyHeaders.v2(0x20, 0, ""), SOCKET),
        Arguments.of(ProxyHeaders.v2(0x20, 0x11, junk), SOCKET),
        Arguments.of(ProxyHeaders.v2(0x21, 0, junk), SOCKET),
        Arguments.of(ProxyHeaders.v2(0x21, 0x31, "/run/x".repeat(36)), SOCKET),
        Arguments.of(
            ProxyHeaders.v2(
                "192.0.2.7",
                "198.51.100.1",
                ProxyHeaders.addition(1, "imap")
                    + ProxyHeaders.addition(4, "\0".repeat(8))
                    + ProxyHeaders.addition(5, "id")
                    + ProxyHeaders.addition(0xea, "\1vpce")),
            ANNOUNCED));
  }

  @ParameterizedTest
  @MethodSource("goodHeaders")
  void headerIsUnderstoodAtEverySplitAndWhatFollowsIsPassedOnExactly(
      String header, String expected) {
    String all = header + "a NOOP\r\nb LOGOUT\r\n";
    for (int split = 1; split < all.length(); split++) {
      Accepted accepted = fromBalancer();
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
    Accepted accepted = fromBalancer();
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
        " " + V1,
        "\r\n" + V1,
        "a NOOP\r\n" + V1,
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
    Accepted whole = fromBalancer().send(header + "a LOGIN ada secret\r\n");
    assertRefused(whole);
    Accepted single = fromBalancer();
    for (int i = 0; i < header.length(); i++) {
      single.send(header.substring(i, i + 1));
    }
    assertRefused(single);
  }

  private static void assertRefused(Accepted accepted) {
    assertFalse(accepted.channel.isOpen());
    assertEquals(List.of(), accepted.known);
    assertEquals("", accepted.passed());
    accepted.channel.checkException();
  }

  @Test
  void headerThatClaimsMoreThanTheLimitIsRefusedWhenItGetsThere() {
    Accepted accepted = fromBalancer().send(ProxyHeaders.v2(0x21, 0x11, "").substring(0, 14));
    accepted.send("\377\377");
    int sent = 0;
    while (accepted.channel.isOpen() && sent < 65_535) {
      accepted.send("x".repeat(100));
      sent += 100;
    }
    assertRefused(accepted);
    assertTrue(sent < 4_500, sent + " octets were taken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PROXY TCP4 192.0.2.7", "\r\n\r\n\0\r\nQUIT\n", "\r\n"})
  void headerThatNeverEndsIsRefusedInTime(String begin) {
    Accepted accepted = fromBalancer().send(begin);
    accepted.channel.advanceTimeBy(2_999, TimeUnit.MILLISECONDS);
    accepted.channel.runScheduledPendingTasks();
    assertTrue(accepted.channel.isOpen());
    accepted.channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    accepted.channel.runScheduledPendingTasks();
    assertRefused(accepted);
  }

  @Test
  void oneOctetNowAndThenDoesNotMoveTheLimit() {
    Accepted accepted = fromBalancer();
    for (int i = 0; i < 3; i++) {
      accepted.send(V1.substring(i, i + 1));
      accepted.channel.advanceTimeBy(1, TimeUnit.SECONDS);
      accepted.channel.runScheduledPendingTasks();
    }
    assertRefused(accepted);
  }

  @Test
  void peerThatEndsItsDataBeforeTheHeaderIsClosed() {
    Accepted accepted = fromBalancer().send("PROXY TCP4 ");
    accepted.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertRefused(accepted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.66", "2001:db8::66", "11.0.0.9"})
  void strangerIsNotEvenReadWhereHeadersAreExpected(String peer) {
    assertRefused(new Accepted(peer, true, false).send(V1));
    assertRefused(new Accepted(peer, true, true).send(V1));
  }

  @Test
  void secondHeaderIsNoHeader() {
    for (String second : List.of(V1, ProxyHeaders.v2("192.0.2.8", "198.51.100.1", ""))) {
      Accepted accepted = fromBalancer().send(V1 + second + "a NOOP\r\n");
      assertEquals(ANNOUNCED, accepted.origin());
      assertEquals(1, accepted.misdialled);
      assertEquals("", accepted.passed());
    }
  }

  @Test
  void clientIsTheSocketsPeerWhereNoHeaderIsExpected() {
    Accepted accepted = new Accepted(BALANCER, false, false).send("a NOOP\r\n");
    assertEquals(SOCKET, accepted.origin());
    assertNull(accepted.tls());
    assertEquals("a NOOP\r\n", accepted.passed());
    assertEquals(0, accepted.misdialled);
    accepted.assertNothingIsLeftInThePipeline();
  }

  /** TLS first or not; the first octets; whether they are of the port's protocol. */
  @ParameterizedTest
  @CsvSource({
    "false, proxy1, false",
    "false, proxy2, false",
    "false, tls, false",
    "false, text, true",
    "true, proxy1, false",
    "true, proxy2, false",
    "true, tls, true",
    "true, text, false",
  })
  void otherProtocolIsNoticedAndItsLastOctetsAreDropped(
      boolean implicitTls, String what, boolean fits) {
    String octets =
        switch (what) {
          case "proxy1" -> V1;
          case "proxy2" -> ProxyHeaders.v2("192.0.2.8", "198.51.100.1", "");
          case "tls" -> "\u0016\3\1\2\0\1\0\1\374\3\3";
          default -> "a CAPABILITY\r\n";
        };
    for (boolean header : new boolean[] {false, true}) {
      Accepted accepted = new Accepted(BALANCER, header, implicitTls);
      accepted.send(header ? V1 : "").send(octets);
      assertEquals(fits ? 0 : 1, accepted.misdialled);
      assertEquals(fits ? octets : "", accepted.passed());
      assertTrue(accepted.channel.isOpen(), "whoever listens parts from it");
      accepted.assertNothingIsLeftInThePipeline();
    }
  }

  /** The client's bits; the result of verification; TLS and the name of its certificate. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, -",
    "0, 1, -",
    "6, 0, -",
    "1, 0, TLSv1.3/mail.example.com/",
    "1, 1, TLSv1.3/mail.example.com/",
    "3, 0, TLSv1.3/mail.example.com/ada",
    "5, 0, TLSv1.3/mail.example.com/ada",
    "7, 0, TLSv1.3/mail.example.com/ada",
    "7, 1, TLSv1.3/mail.example.com/",
    "7, 65536, TLSv1.3/mail.example.com/",
  })
  void tlsAtTheBalancerIsBelievedAndOnlyAVerifiedName(int bits, int verify, String expected) {
    String additions =
        ProxyHeaders.addition(2, "mail.example.com") + ProxyHeaders.tls(bits, verify, "ada");
    Accepted accepted =
        fromBalancer().send(ProxyHeaders.v2("192.0.2.7", "198.51.100.1", additions));
    TlsFacts tls = accepted.tls();
    assertEquals(
        expected,
        tls == null ? "-" : tls.version() + "/" + tls.serverName() + "/" + tls.commonName());
  }

  @Test
  void nameThatMayNotStandInALineIsNone() {
    for (String name : List.of("a\r\nb", "\0", "\u00ff", "x".repeat(256))) {
      Accepted accepted =
          fromBalancer()
              .send(ProxyHeaders.v2("192.0.2.7", "198.51.100.1", ProxyHeaders.tls(7, 0, name)));
      assertEquals(new TlsFacts("TLSv1.3", "", ""), accepted.tls());
    }
  }

  /** The balancer; the client that it announces; whether the client is on this machine. */
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, , true",
    "127.0.0.1, 127.0.0.1, true",
    "127.0.0.1, 192.0.2.7, false",
    "10.0.0.9, 127.0.0.1, false",
    "10.0.0.9, , false",
  })
  void loopbackCountsOnlyIfItIsThisMachines(
      String balancer, @Nullable String client, boolean onThisMachine) {
    AcceptedChannel channel = new AcceptedChannel(balancer, OURS);
    List<ClientOrigin> known = new ArrayList<>();
    new ClientOrigins(
            new ListenAddress("::", 143, "", true),
            new ProxyProtocolConfig(List.of("0.0.0.0/0"), Duration.ofSeconds(3)),
            false)
        .find(
            channel,
            new OriginListener() {
              @Override
              public void known(ClientOrigin origin) {
                known.add(origin);
              }

              @Override
              public void misdialled() {}
            });
    channel.writeInbound(
        AcceptedChannel.octets(
            client == null ? "PROXY UNKNOWN\r\n" : ProxyHeaders.v2(client, "127.0.0.1", "")));
    assertEquals(onThisMachine, known.get(0).onThisMachine());
  }
}
