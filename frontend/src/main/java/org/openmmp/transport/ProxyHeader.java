package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;
import org.openmmp.transport.StoreTarget.Announcement;

/**
 * The header of the PROXY protocol. In version 2 it tells a store who the client is, whether it
 * came under TLS, and which session it is (rule B3.12); from a load balancer it tells whose a
 * connection is (rule B6.5).
 */
final class ProxyHeader {
  private static final int CLIENT_SSL = 0x01;
  private static final int CLIENT_CERTIFICATE = 0x02 | 0x04;
  private static final int VERIFIED = 0;
  private static final int NOT_VERIFIED = 1;

  private static final byte AUTHORITY = 0x02;
  private static final byte UNIQUE_ID = 0x05;
  private static final byte SSL_VERSION = 0x21;
  private static final byte SSL_CN = 0x22;

  /** What is longer is left out. */
  private static final int LONGEST_TEXT = 255;

  private static final int LONGEST_UNIQUE_ID = 128;

  private ProxyHeader() {}

  /** What a store is told, before anything else. */
  static HAProxyMessage of(Announcement announced) {
    if (announced.equals(Announcement.OURSELVES)) {
      return new HAProxyMessage(
          HAProxyProtocolVersion.V2,
          HAProxyCommand.LOCAL,
          HAProxyProxiedProtocol.UNKNOWN,
          null,
          null,
          0,
          0);
    }
    boolean four = isIpv4(announced.client()) && isIpv4(announced.server());
    TlsFacts tls = announced.tls();
    List<HAProxyTLV> facts = new ArrayList<>();
    addText(facts, AUTHORITY, tls == null ? "" : tls.serverName(), LONGEST_TEXT);
    addText(facts, UNIQUE_ID, announced.uniqueId(), LONGEST_UNIQUE_ID);
    facts.add(tls(tls));
    return new HAProxyMessage(
        HAProxyProtocolVersion.V2,
        HAProxyCommand.PROXY,
        four ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
        address(announced.client(), four),
        address(announced.server(), four),
        announced.client().getPort(),
        announced.server().getPort(),
        facts);
  }

  /** Whether TLS was there is always said, so that a store need not take silence for an answer. */
  private static HAProxySSLTLV tls(@Nullable TlsFacts tls) {
    if (tls == null) {
      return new HAProxySSLTLV(NOT_VERIFIED, (byte) 0, List.of());
    }
    boolean certificate = !tls.commonName().isEmpty();
    List<HAProxyTLV> facts = new ArrayList<>();
    addText(facts, SSL_VERSION, tls.version(), LONGEST_TEXT);
    addText(facts, SSL_CN, tls.commonName(), LONGEST_TEXT);
    return new HAProxySSLTLV(
        certificate ? VERIFIED : NOT_VERIFIED,
        (byte) (CLIENT_SSL | (certificate ? CLIENT_CERTIFICATE : 0)),
        facts);
  }

  private static void addText(List<HAProxyTLV> facts, byte type, String text, int longest) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    if (octets.length > 0 && octets.length <= longest) {
      facts.add(new HAProxyTLV(type, Unpooled.wrappedBuffer(octets)));
    }
  }

  private static boolean isIpv4(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address;
  }

  /** An IPv4 address beside an IPv6 one goes in its mapped form (RFC 4291, 2.5.5.2). */
  private static String address(InetSocketAddress end, boolean four) {
    String text = AddressLiteral.textOf(end.getAddress());
    return four || text.indexOf(':') >= 0 ? text : "::ffff:" + text;
  }

  /**
   * The origin that a header announces. Where it announces none (LOCAL, UNKNOWN, a local socket at
   * the balancer), which is how balancers check whether this front end is well, it is the socket's.
   *
   * @return empty if it is of no stream, or its addresses are none
   */
  static Optional<ClientOrigin> origin(HAProxyMessage header, ClientOrigin socket) {
    return switch (header.proxiedProtocol()) {
      case TCP4, TCP6 -> announced(header, socket);
      case UNKNOWN, UNIX_STREAM -> Optional.of(socket);
      case UDP4, UDP6, UNIX_DGRAM -> Optional.empty();
    };
  }

  private static Optional<ClientOrigin> announced(HAProxyMessage header, ClientOrigin socket) {
    InetAddress client = AddressLiteral.parse(header.sourceAddress());
    InetAddress server = AddressLiteral.parse(header.destinationAddress());
    return client == null || server == null
        ? Optional.empty()
        : Optional.of(
            new ClientOrigin(
                new InetSocketAddress(client, header.sourcePort()),
                new InetSocketAddress(server, header.destinationPort()),
                socket.onThisMachine() && client.isLoopbackAddress(),
                tls(header.tlvs())));
  }

  private static @Nullable TlsFacts tls(List<HAProxyTLV> tlvs) {
    for (HAProxyTLV tlv : tlvs) {
      if (tlv instanceof HAProxySSLTLV tls) {
        boolean certificate = tls.isPP2ClientCertConn() || tls.isPP2ClientCertSess();
        boolean verified = certificate && tls.verify() == 0;
        List<HAProxyTLV> inner = tls.encapsulatedTLVs();
        return tls.isPP2ClientSSL()
            ? new TlsFacts(
                textOf(inner, HAProxyTLV.Type.PP2_TYPE_SSL_VERSION),
                textOf(tlvs, HAProxyTLV.Type.PP2_TYPE_AUTHORITY),
                verified ? textOf(inner, HAProxyTLV.Type.PP2_TYPE_SSL_CN) : "")
            : null;
      }
    }
    return null;
  }

  /** The first text of that type; empty if there is none, or none that may stand in a name. */
  private static String textOf(List<HAProxyTLV> tlvs, HAProxyTLV.Type type) {
    for (HAProxyTLV tlv : tlvs) {
      if (tlv.type() == type) {
        ByteBuf content = tlv.content();
        String text = content.toString(StandardCharsets.UTF_8);
        boolean fit =
            content.readableBytes() <= LONGEST_TEXT
                && SafeText.isVisible(text)
                && text.indexOf('\ufffd') < 0;
        return fit ? text : "";
      }
    }
    return "";
  }
}
