package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ProxyProtocolConfig;
import org.openmmp.wire.NetworkSet;

/** Rule B6.5: who may connect, how long a header may take, and what it says of TLS. */
class BalancerTest {
  @Test
  void headerThatClaimsMoreThanTheLimitIsRefusedWhenItGetsThere() {
    Accepted accepted =
        Accepted.fromBalancer().send(ProxyHeaders.v2(0x21, 0x11, "").substring(0, 14));
    accepted.send("\377\377");
    int sent = 0;
    while (accepted.channel.isOpen() && sent < 65_535) {
      accepted.send("x".repeat(100));
      sent += 100;
    }
    accepted.assertRefused();
    assertTrue(sent < 4_500, sent + " octets were taken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PROXY TCP4 192.0.2.7", "\r\n\r\n\0\r\nQUIT\n", "\r\n"})
  void headerThatNeverEndsIsRefusedInTime(String begin) {
    Accepted accepted = Accepted.fromBalancer().send(begin);
    accepted.channel.advanceTimeBy(2_999, TimeUnit.MILLISECONDS);
    accepted.channel.runScheduledPendingTasks();
    assertTrue(accepted.channel.isOpen());
    accepted.channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    accepted.channel.runScheduledPendingTasks();
    accepted.assertRefused();
  }

  @Test
  void oneOctetNowAndThenDoesNotMoveTheLimit() {
    Accepted accepted = Accepted.fromBalancer();
    for (int i = 0; i < 3; i++) {
      accepted.send(Accepted.V1.substring(i, i + 1));
      accepted.channel.advanceTimeBy(1, TimeUnit.SECONDS);
      accepted.channel.runScheduledPendingTasks();
    }
    accepted.assertRefused();
  }

  @Test
  void peerThatEndsItsDataBeforeTheHeaderIsClosed() {
    Accepted accepted = Accepted.fromBalancer().send("PROXY TCP4 ");
    accepted.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    accepted.assertRefused();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.66", "2001:db8::66", "11.0.0.9"})
  void strangerIsNotEvenReadWhereHeadersAreExpected(String peer) {
    new Accepted(peer, true, false).send(Accepted.V1).assertRefused();
    new Accepted(peer, true, true).send(Accepted.V1).assertRefused();
  }

  @Test
  void secondHeaderIsNoHeader() {
    for (String second : List.of(Accepted.V1, ProxyHeaders.v2("192.0.2.8", "198.51.100.1", ""))) {
      Accepted accepted = Accepted.fromBalancer().send(Accepted.V1 + second + "a NOOP\r\n");
      assertEquals(Accepted.ANNOUNCED, accepted.origin());
      assertEquals(1, accepted.misdialled);
      assertEquals("", accepted.passed());
    }
  }

  @Test
  void clientIsTheSocketsPeerWhereNoHeaderIsExpected() {
    Accepted accepted = new Accepted(Accepted.BALANCER, false, false).send("a NOOP\r\n");
    assertEquals(Accepted.SOCKET, accepted.origin());
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
          case "proxy1" -> Accepted.V1;
          case "proxy2" -> ProxyHeaders.v2("192.0.2.8", "198.51.100.1", "");
          case "tls" -> "\u0016\3\1\2\0\1\0\1\374\3\3";
          default -> "a CAPABILITY\r\n";
        };
    for (boolean header : new boolean[] {false, true}) {
      Accepted accepted = new Accepted(Accepted.BALANCER, header, implicitTls);
      accepted.send(header ? Accepted.V1 : "").send(octets);
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
        Accepted.fromBalancer().send(ProxyHeaders.v2("192.0.2.7", "198.51.100.1", additions));
    TlsFacts tls = accepted.tls();
    assertEquals(
        expected,
        tls == null ? "-" : tls.version() + "/" + tls.serverName() + "/" + tls.commonName());
  }

  @Test
  void nameThatMayNotStandInALineIsNone() {
    for (String name : List.of("a\r\nb", "\0", "\u00ff", "x".repeat(256))) {
      Accepted accepted =
          Accepted.fromBalancer()
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
    AcceptedChannel channel = new AcceptedChannel(balancer, "10.0.0.1");
    List<ClientOrigin> known = new ArrayList<>();
    new ClientOrigins(
            new ListenAddress("::", 143, "", true),
            new ProxyProtocolConfig(NetworkSet.parse(List.of("0.0.0.0/0")), Duration.ofSeconds(3)),
            false,
            (why, from, port, detail) -> {})
        .find(channel, known::add, () -> {});
    channel.writeInbound(
        AcceptedChannel.octets(
            client == null ? "PROXY UNKNOWN\r\n" : ProxyHeaders.v2(client, "127.0.0.1", "")));
    assertEquals(onThisMachine, known.get(0).onThisMachine());
  }
}
