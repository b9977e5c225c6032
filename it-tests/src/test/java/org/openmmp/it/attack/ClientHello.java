package org.openmmp.it.attack;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A TLS 1.2 ClientHello, made by hand (RFC 5246 section 7.4.1.2, RFC 6066 section 3). */
final class ClientHello {
  private ClientHello() {}

  /** One that asks for a server's name, whatever its octets are. */
  static byte[] askingFor(String name) {
    byte[] host = name.getBytes(StandardCharsets.ISO_8859_1);
    try {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(body);
      out.writeShort(0x0303);
      out.write(new byte[32]);
      out.writeByte(0);
      out.writeShort(2);
      out.writeShort(0xc02f);
      out.writeShort(0x0100);
      out.writeShort(9 + host.length);
      out.writeShort(0);
      out.writeShort(5 + host.length);
      out.writeShort(3 + host.length);
      out.writeByte(0);
      out.writeShort(host.length);
      out.write(host);
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      DataOutputStream framed = new DataOutputStream(record);
      framed.writeByte(0x16);
      framed.writeShort(0x0301);
      framed.writeShort(4 + body.size());
      framed.writeInt(0x01000000 | body.size());
      body.writeTo(framed);
      return record.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
