package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Reads a ClientHello (RFC 8446, section 4.1.2) as far as an application protocol is concerned. */
final class ClientHello {
  private static final int VERSION_AND_RANDOM = 34;
  private static final int ALPN = 16;

  private ClientHello() {}

  /**
   * Whether a client that sent this hello can speak a protocol: it names it, or names none. What
   * cannot be read is left to the TLS engine to judge.
   */
  static boolean acceptsProtocol(ByteBuf hello, String protocol) {
    try {
      ByteBuf names = protocolNames(hello.duplicate().skipBytes(VERSION_AND_RANDOM));
      boolean namesNone = !names.isReadable();
      while (names.isReadable()) {
        String name = names.readString(names.readUnsignedByte(), StandardCharsets.US_ASCII);
        if (name.equals(protocol)) {
          return true;
        }
      }
      return namesNone;
    } catch (IndexOutOfBoundsException e) {
      return true;
    }
  }

  private static ByteBuf protocolNames(ByteBuf in) {
    in.skipBytes(in.readUnsignedByte()); // session id
    in.skipBytes(in.readUnsignedShort()); // cipher suites
    in.skipBytes(in.readUnsignedByte()); // compression methods
    ByteBuf extensions = in.readSlice(in.isReadable() ? in.readUnsignedShort() : 0);
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
      if (type == ALPN) {
        return extension.readSlice(extension.readUnsignedShort());
      }
    }
    return extensions;
  }
}
