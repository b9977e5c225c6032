package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.transport.ProxyHeaders;

/** What a store learns of a client by PROXY protocol v2 (B3.12), as another's decoder reads it. */
final class AnnouncementTest {
  private final Place place = Place.of(1);
  private final StoreScript script = new ImapScript();
  private final BlockingQueue<List<String>> headers = new LinkedBlockingQueue<>();

  @SuppressWarnings("NullAway.Init") // every test starts it first
  private BalancedProxy proxy;

  private void start(Path workplace, String... settings) throws IOException {
    Files.writeString(workplace.resolve("clients.pem"), TestAuthority.shared().pem());
    proxy =
        new BalancedProxy(
            workplace,
            place.group("h", "client-id = proxy-v2"),
            "openmmp.tls { client-auth = optional, client-ca-file = clients.pem }",
            String.join("\n", settings));
    proxy
        .program()
        .store(
            place,
            0,
            peer -> {
              headers.add(header(peer));
              script.play(peer);
            });
    proxy.program().user("ben", "h");
  }

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  private static List<String> header(StorePeer peer) throws IOException {
    String fixed = peer.octets(16);
    String rest = peer.octets(fixed.charAt(14) << 8 | fixed.charAt(15));
    EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
    decoder.writeInbound(Unpooled.copiedBuffer(fixed + rest, StandardCharsets.ISO_8859_1));
    HAProxyMessage header = decoder.readInbound();
    List<String> said = new ArrayList<>();
    said.add(header.sourceAddress() + " " + header.destinationAddress());
    said.add(header.sourcePort() + " " + header.destinationPort());
    for (HAProxyTLV each : header.tlvs()) {
      said.add(
          each instanceof HAProxySSLTLV ssl
              ? "tls " + ssl.client() + " " + ssl.verify()
              : each.typeByteValue() + " " + each.content().toString(StandardCharsets.UTF_8));
    }
    header.release();
    decoder.finishAndReleaseAll();
    return said;
  }

  /** What the store is told when ben logs in, without the session's name, which is checked. */
  private List<String> told(RawClient client) throws InterruptedException {
    try (client) {
      String answer = client.command("a", AttackedProxy.login("ben"));
      assertTrue(answer.startsWith("a OK"), answer);
    }
    List<String> header = headers.poll(20, TimeUnit.SECONDS);
    if (header == null) {
      throw new AssertionError("no store was asked");
    }
    String id = header.stream().filter(each -> each.startsWith("5 ")).findFirst().orElse("");
    proxy.awaitLog("session=" + id.substring(2) + " ");
    header.remove(id);
    return header;
  }

  @Test
  void storeLearnsTheSocketsEndsAndWhetherThereIsTls(@TempDir Path workplace) throws Exception {
    start(workplace);
    List<String> inClear = told(proxy.program().silentClient());
    assertEquals("127.0.0.1 127.0.0.1", inClear.get(0));
    assertTrue(
        inClear.get(1).endsWith(" " + proxy.program().plainAddress().getPort()), inClear::toString);
    assertEquals(List.of("tls 0 1"), inClear.subList(2, inClear.size()));
    List<String> underTls = told(proxy.program().tlsClient());
    assertEquals(
        List.of("2 proxy.test", "tls 1 1", "33 TLSv1.3"), underTls.subList(2, underTls.size()));
    TestIdentity shown = TestAuthority.shared().host("ben.test");
    List<String> withCertificate = told(proxy.program().tlsPortClient().startTls(shown.context()));
    assertEquals(
        List.of("2 proxy.test", "tls 7 0", "33 TLSv1.3", "34 ben.test"),
        withCertificate.subList(2, withCertificate.size()));
  }

  @Test
  void storeLearnsWhatTheBalancerSaid(@TempDir Path workplace) throws Exception {
    start(workplace);
    String additions = ProxyHeaders.addition(2, "mail.example.com") + ProxyHeaders.tls(7, 0, "ben");
    assertEquals(
        List.of(
            "2001:db8:0:0:0:0:0:7 2001:db8:0:0:0:0:0:1",
            "40000 143",
            "2 mail.example.com",
            "tls 7 0",
            "33 TLSv1.3",
            "34 ben"),
        told(proxy.balancer().send(ProxyHeaders.v2("2001:db8::7", "2001:db8::1", additions))));
  }

  @Test
  void storeLearnsOfAWebmailsClientAndNotOfItsCertificate(@TempDir Path workplace)
      throws Exception {
    start(workplace, "openmmp.imap.trusted-proxies = [\"192.0.2.7\"]");
    RawClient webmail =
        proxy
            .balancer()
            .send(ProxyHeaders.v2("192.0.2.7", "198.51.100.1", ProxyHeaders.tls(7, 0, "webmail")));
    webmail.command(
        "i", "ID (\"x-originating-ip\" \"203.0.113.5\" \"x-originating-port\" \"555\")");
    assertEquals(
        List.of("203.0.113.5 198.51.100.1", "555 143", "tls 1 1", "33 TLSv1.3"), told(webmail));
  }
}
