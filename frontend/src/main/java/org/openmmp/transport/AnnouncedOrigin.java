package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.SafeText;

/** Reads out of a PROXY protocol header whose the connection is. */
final class AnnouncedOrigin {
  private static final int LONGEST_NAME = 255;

  private AnnouncedOrigin() {}

  /**
   * The origin that a header announces. Where it announces none (LOCAL, UNKNOWN, a local socket at
   * the balancer), which is how balancers check whether this front end is well, it is the socket's.
   *
   * @return empty if it is of no stream, or its addresses are none
   */
  static Optional<ClientOrigin> of(HAProxyMessage header, ClientOrigin socket) {
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
                text(inner, HAProxyTLV.Type.PP2_TYPE_SSL_VERSION),
                text(tlvs, HAProxyTLV.Type.PP2_TYPE_AUTHORITY),
                verified ? text(inner, HAProxyTLV.Type.PP2_TYPE_SSL_CN) : "")
            : null;
      }
    }
    return null;
  }

  /** The first text of that type; empty if there is none, or none that may stand in a name. */
  private static String text(List<HAProxyTLV> tlvs, HAProxyTLV.Type type) {
    for (HAProxyTLV tlv : tlvs) {
      if (tlv.type() == type) {
        ByteBuf content = tlv.content();
        String text = content.toString(StandardCharsets.UTF_8);
        boolean fit =
            content.readableBytes() <= LONGEST_NAME
                && SafeText.isVisible(text)
                && text.indexOf('\ufffd') < 0;
        return fit ? text : "";
      }
    }
    return "";
  }
}
