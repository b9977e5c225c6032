package org.openmmp.proxy.imap;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * The key under which told things are remembered as numbers: who does not know it cannot make two
 * of them look alike.
 */
final class ImapKey {
  private final long first;
  private final long second;

  /** A key of 16 octets. */
  ImapKey(byte[] octets) {
    ByteBuffer key = ByteBuffer.wrap(octets);
    this.first = key.getLong();
    this.second = key.getLong();
  }

  /** A text as a number that is not zero (SipHash-1-3 over its characters). */
  long of(CharSequence text) {
    Sip sip = new Sip(first, second);
    for (int i = 0; i < text.length(); i++) {
      sip.take(text.charAt(i));
    }
    return sip.end(text.length()) | 1;
  }

  /** Which flags there are, in whatever order and letters; not zero. */
  long ofFlags(String flags) {
    long sum = 0;
    for (String flag : flags.split(" ", -1)) {
      if (!flag.isEmpty()) {
        sum += of(flag.toUpperCase(Locale.ROOT));
      }
    }
    return sum << 1 | 1;
  }

  /** That the message at a place has a UID. */
  long of(long place, long uid) {
    Sip sip = new Sip(first, second);
    sip.take(place);
    sip.take(uid);
    return sip.end(2);
  }

  private static final class Sip {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    Sip(long first, long second) {
      v0 = first ^ 0x736f6d6570736575L;
      v1 = second ^ 0x646f72616e646f6dL;
      v2 = first ^ 0x6c7967656e657261L;
      v3 = second ^ 0x7465646279746573L;
    }

    void take(long word) {
      v3 ^= word;
      round();
      v0 ^= word;
    }

    long end(int length) {
      take((long) length << 56);
      v2 ^= 0xff;
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
