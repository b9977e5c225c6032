package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The header of the PROXY protocol, version 2, that tells a store who the client is (rule B3.12).
 */
final class ProxyHeader {
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  private static final int VERSION_2_PROXY = 0x21;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;
  private static final int PORTS = 4;

  private ProxyHeader() {}

  /** Builds the header; the caller writes it before anything else. */
  static ByteBuf of(StoreTarget.ClientAddresses ends, ByteBufAllocator allocator) {
    boolean four = isIpv4(ends.client()) && isIpv4(ends.server());
    byte[] from = octets(ends.client(), four);
    byte[] to = octets(ends.server(), four);
    return allocator
        .ioBuffer()
        .writeBytes(SIGNATURE)
        .writeByte(VERSION_2_PROXY)
        .writeByte(four ? TCP_OVER_IPV4 : TCP_OVER_IPV6)
        .writeShort(from.length + to.length + PORTS)
        .writeBytes(from)
        .writeBytes(to)
        .writeShort(ends.client().getPort())
        .writeShort(ends.server().getPort());
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
