package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.transport.StoreTarget.Announcement;

/**
 * The header of the PROXY protocol, version 2, that tells a store who the client is, whether it
 * came under TLS, and which session it is (rule B3.12).
 */
final class ProxyHeader {
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  private static final int VERSION_2_PROXY = 0x21;
  private static final int VERSION_2_LOCAL = 0x20;
  private static final int UNSPECIFIED = 0x00;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;

  private static final int AUTHORITY = 0x02;
  private static final int UNIQUE_ID = 0x05;
  private static final int SSL = 0x20;
  private static final int SSL_VERSION = 0x21;
  private static final int SSL_CN = 0x22;

  private static final int CLIENT_SSL = 0x01;
  private static final int CLIENT_CERTIFICATE = 0x02 | 0x04;
  private static final int VERIFIED = 0;
  private static final int NOT_VERIFIED = 1;

  /** What is longer is left out. */
  private static final int LONGEST_TEXT = 255;

  private static final int LONGEST_UNIQUE_ID = 128;

  private ProxyHeader() {}

  /** Builds the header; the caller writes it before anything else. */
  static ByteBuf of(Announcement announced, ByteBufAllocator allocator) {
    if (announced.equals(Announcement.OURSELVES)) {
      return allocator
          .ioBuffer()
          .writeBytes(SIGNATURE)
          .writeByte(VERSION_2_LOCAL)
          .writeByte(UNSPECIFIED)
          .writeShort(0);
    }
    boolean four = isIpv4(announced.client()) && isIpv4(announced.server());
    ByteBuf header =
        allocator
            .ioBuffer()
            .writeBytes(SIGNATURE)
            .writeByte(VERSION_2_PROXY)
            .writeByte(four ? TCP_OVER_IPV4 : TCP_OVER_IPV6);
    int lengthAt = header.writerIndex();
    header
        .writeShort(0)
        .writeBytes(octets(announced.client(), four))
        .writeBytes(octets(announced.server(), four))
        .writeShort(announced.client().getPort())
        .writeShort(announced.server().getPort());
    TlsFacts tls = announced.tls();
    writeText(header, AUTHORITY, tls == null ? "" : tls.serverName(), LONGEST_TEXT);
    writeText(header, UNIQUE_ID, announced.uniqueId(), LONGEST_UNIQUE_ID);
    writeTls(header, tls);
    return closed(header, lengthAt);
  }

  /** Whether TLS was there is always said, so that a store need not take silence for an answer. */
  private static void writeTls(ByteBuf header, @Nullable TlsFacts tls) {
    header.writeByte(SSL);
    int lengthAt = header.writerIndex();
    header.writeShort(0);
    if (tls == null) {
      header.writeByte(0).writeInt(NOT_VERIFIED);
    } else {
      boolean certificate = !tls.commonName().isEmpty();
      header
          .writeByte(CLIENT_SSL | (certificate ? CLIENT_CERTIFICATE : 0))
          .writeInt(certificate ? VERIFIED : NOT_VERIFIED);
      writeText(header, SSL_VERSION, tls.version(), LONGEST_TEXT);
      writeText(header, SSL_CN, tls.commonName(), LONGEST_TEXT);
    }
    closed(header, lengthAt);
  }

  private static void writeText(ByteBuf header, int type, String text, int longest) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    if (octets.length > 0 && octets.length <= longest) {
      header.writeByte(type).writeShort(octets.length).writeBytes(octets);
    }
  }

  /** Sets a length once all that it counts has been written behind it. */
  private static ByteBuf closed(ByteBuf header, int lengthAt) {
    return header.setShort(lengthAt, header.writerIndex() - lengthAt - Short.BYTES);
  }

  private static boolean isIpv4(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address;
  }

  /** An IPv4 address beside an IPv6 one goes in its mapped form (RFC 4291, 2.5.5.2). */
  private static byte[] octets(InetSocketAddress end, boolean four) {
    InetAddress address = end.getAddress();
    byte[] octets = address.getAddress();
    if (four || octets.length == 16) {
      return octets;
    }
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(octets, 0, mapped, 12, octets.length);
    return mapped;
  }
}
