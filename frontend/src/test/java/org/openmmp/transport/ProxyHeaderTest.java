package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.openmmp.transport.StoreTarget.Announcement;

/** What a store is told (rule B3.12), as another's decoder reads it. */
class ProxyHeaderTest {
  private static List<String> decoded(
      String client, String server, @Nullable TlsFacts tls, String uniqueId) {
    EmbeddedChannel store = new EmbeddedChannel(new HAProxyMessageDecoder());
    Announcement announcement =
        new Announcement(
            new InetSocketAddress(client, 40_000),
            new InetSocketAddress(server, 993),
            tls,
            uniqueId);
    EmbeddedChannel front = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
    front.writeOutbound(ProxyHeader.of(announcement));
    store.writeInbound(front.<ByteBuf>readOutbound());
    assertFalse(front.finish(), "the header is one piece");
    HAProxyMessage header = store.readInbound();
    List<String> said = new ArrayList<>();
    said.add(
        header.command()
            + " "
            + header.proxiedProtocol()
            + " "
            + header.sourceAddress()
            + " "
            + header.destinationAddress()
            + " "
            + header.sourcePort()
            + " "
            + header.destinationPort());
    for (HAProxyTLV each : header.tlvs()) {
      said.add(
          each instanceof HAProxySSLTLV ssl
              ? "SSL client=" + ssl.client() + " verify=" + ssl.verify()
              : each.typeByteValue() + " " + each.content().toString(StandardCharsets.UTF_8));
    }
    header.release();
    assertFalse(store.finish(), "nothing is left behind the header");
    return said;
  }

  @Test
  void clientWithoutTlsIsSaidToBeWithout() {
    assertEquals(
        List.of("PROXY TCP4 192.0.2.7 198.51.100.1 40000 993", "5 s1", "SSL client=0 verify=1"),
        decoded("192.0.2.7", "198.51.100.1", null, "s1"));
  }

  @Test
  void tlsIsToldWithItsVersionAndTheNameAskedFor() {
    assertEquals(
        List.of(
            "PROXY TCP6 2001:db8:0:0:0:0:0:7 2001:db8:0:0:0:0:0:1 40000 993",
            "2 mail.example.com",
            "5 s1",
            "SSL client=1 verify=1",
            "33 TLSv1.3"),
        decoded(
            "2001:db8::7", "2001:db8::1", new TlsFacts("TLSv1.3", "mail.example.com", ""), "s1"));
  }

  @Test
  void verifiedCertificateIsToldByItsName() {
    assertEquals(
        List.of(
            "PROXY TCP4 192.0.2.7 198.51.100.1 40000 993",
            "SSL client=7 verify=0",
            "33 TLSv1.2",
            "34 Ädä"),
        decoded("192.0.2.7", "198.51.100.1", new TlsFacts("TLSv1.2", "", "Ädä"), ""));
  }

  @Test
  void whatIsTooLongIsLeftOut() {
    TlsFacts tls = new TlsFacts("TLSv1.3", "n".repeat(256), "c".repeat(255));
    assertEquals(
        List.of(
            "PROXY TCP4 192.0.2.7 198.51.100.1 40000 993",
            "SSL client=7 verify=0",
            "33 TLSv1.3",
            "34 " + "c".repeat(255)),
        decoded("192.0.2.7", "198.51.100.1", tls, "u".repeat(129)));
    assertEquals(
        "5 " + "u".repeat(128), decoded("192.0.2.7", "198.51.100.1", tls, "u".repeat(128)).get(1));
  }

  @Test
  void ipv4BesideIpv6IsMapped() {
    assertEquals(
        "PROXY TCP6 0:0:0:0:0:ffff:c000:207 2001:db8:0:0:0:0:0:1 40000 993",
        decoded("192.0.2.7", "2001:db8::1", null, "").get(0));
  }
}
