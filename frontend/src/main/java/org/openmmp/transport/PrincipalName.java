package org.openmmp.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A user principal name as an otherName of a certificate holds it, in DER: the object identifier
 * 1.3.6.1.4.1.311.20.2.3, and a UTF8String under an explicit tag.
 */
final class PrincipalName {
  private static final byte[] ITS_OID = {
    0x2b, 0x06, 0x01, 0x04, 0x01, (byte) 0x82, 0x37, 0x14, 0x02, 0x03
  };
  private static final int OID = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int SEQUENCE = 0x30;
  private static final int EXPLICIT = 0xa0;

  /** A length over 127 octets is in so many octets, which are enough for any name. */
  private static final int MOST_LENGTH_OCTETS = 2;

  private PrincipalName() {}

  /** The name; null if it is another kind of name, or none that can be read. */
  static @Nullable String of(byte[] der) {
    ByteBuffer name = unwrapped(ByteBuffer.wrap(der));
    ByteBuffer oid = contents(name, OID);
    if (oid == null || !oid.equals(ByteBuffer.wrap(ITS_OID))) {
      return null;
    }
    ByteBuffer text = contents(unwrapped(name), UTF8_STRING);
    if (text == null) {
      return null;
    }
    byte[] octets = new byte[text.remaining()];
    text.get(octets);
    String read = new String(octets, UTF_8);
    return Arrays.equals(read.getBytes(UTF_8), octets) ? read : null;
  }

  /** What the outer tags stand around: Java versions differ in how many of them they give. */
  private static ByteBuffer unwrapped(ByteBuffer element) {
    ByteBuffer inside = element;
    for (ByteBuffer next = inside; next != null; next = inner(inside)) {
      inside = next;
    }
    return inside;
  }

  private static @Nullable ByteBuffer inner(ByteBuffer element) {
    ByteBuffer sequence = contents(element, SEQUENCE);
    return sequence == null ? contents(element, EXPLICIT) : sequence;
  }

  /** The contents of the next element if it has that tag, which is taken; else null. */
  private static @Nullable ByteBuffer contents(ByteBuffer from, int tag) {
    ByteBuffer at = from.slice();
    if (at.remaining() < 2 || (at.get() & 0xff) != tag) {
      return null;
    }
    int length = at.get() & 0xff;
    int lengthOctets = length - 0x80;
    if (lengthOctets >= 0) {
      if (lengthOctets > MOST_LENGTH_OCTETS || lengthOctets > at.remaining()) {
        return null;
      }
      length = 0;
      for (int i = 0; i < lengthOctets; i++) {
        length = length << 8 | (at.get() & 0xff);
      }
    }
    if (length > at.remaining()) {
      return null;
    }
    from.position(from.position() + at.position() + length);
    return at.slice(at.position(), length);
  }
}
