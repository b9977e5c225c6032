package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ProxyProtocolConfig;
import org.openmmp.wire.NetworkSet;

/** A connection that a listener has accepted, and what became of it. */
final class Accepted {
  /** One of the balancers' addresses, all in 10.0.0.0/8. */
  static final String BALANCER = "10.0.0.9";

  static final String V1 = "PROXY TCP4 192.0.2.7 198.51.100.1 40000 143\r\n";

  /** The origin that {@link #V1} announces. */
  static final String ANNOUNCED = "192.0.2.7:40000 198.51.100.1:143";

  /** The origin that the balancer's socket tells. */
  static final String SOCKET = "10.0.0.9:4711 10.0.0.1:143";

  final AcceptedChannel channel;
  final List<ClientOrigin> known = new ArrayList<>();
  final List<String> refusals = new ArrayList<>();
  int misdialled;

  Accepted(String peer, boolean required, boolean implicitTls) {
    channel = new AcceptedChannel(peer, "10.0.0.1");
    channel.freezeTime();
    ClientOrigins origins =
        new ClientOrigins(
            new ListenAddress("0.0.0.0", 143, "", required),
            new ProxyProtocolConfig(NetworkSet.parse(List.of("10.0.0.0/8")), Duration.ofSeconds(3)),
            implicitTls,
            (why, client, port, detail) -> refusals.add(why + " " + client.getHostAddress()));
    origins.find(channel, known::add, () -> misdialled++);
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

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  void assertNothingIsLeftInThePipeline() {
    assertEquals(1, channel.pipeline().names().size(), () -> "" + channel.pipeline().names());
  }

  /** One of a balancer, at a listener that expects a header. */
  static Accepted fromBalancer() {
    return new Accepted(BALANCER, true, false);
  }

  void assertRefused() {
    assertFalse(channel.isOpen());
    assertEquals(List.of(), known);
    assertEquals("", passed());
    channel.checkException();
  }
}
