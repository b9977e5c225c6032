package org.openmmp.it.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes new octets out of a corpus: changed, cut, doubled, joined; by a seed. */
final class Mutator {
  private static final String[] WORDS = {
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\u00ff",
    "{4}\r\n",
    "{1+}\r\n",
    "{4294967295}",
    "\"",
    "\\",
    "(",
    ")",
    "[",
    "]",
    "*",
    "+ ",
    " ",
    "%00",
    "%0d%0a",
    "=",
    "AA==",
    ".",
    "..",
    "-",
    "250 ",
    "OK ",
    "a ",
    "STARTTLS",
    "<",
    ">",
    "\u00c3\u00bc",
    "65536",
    "-1",
    ":",
    "@",
    "//",
    "PROXY ",
    "Content-Length: 1\r\n"
  };

  private final Random random;
  private final List<byte[]> corpus;

  Mutator(long seed, List<byte[]> corpus) {
    random = new Random(seed);
    this.corpus = corpus;
  }

  byte[] next() {
    byte[] octets = any();
    for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
      octets = changed(octets);
    }
    return octets.length > FuzzTarget.MOST_OCTETS
        ? java.util.Arrays.copyOf(octets, FuzzTarget.MOST_OCTETS)
        : octets;
  }

  private byte[] any() {
    return corpus.get(random.nextInt(corpus.size())).clone();
  }

  private byte[] changed(byte[] octets) {
    int from = random.nextInt(octets.length + 1);
    int to = Math.min(octets.length, from + random.nextInt(12));
    byte[] word = WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.ISO_8859_1);
    return switch (random.nextInt(7)) {
      case 0 -> joined(octets, from, word, to);
      case 1 -> joined(octets, from, word, from);
      case 2 -> joined(octets, from, new byte[0], to);
      case 3 -> joined(octets, to, Arrays.copyOfRange(octets, from, to), to);
      case 4 -> {
        byte[] other = any();
        int at = random.nextInt(other.length + 1);
        yield joined(octets, from, Arrays.copyOfRange(other, at, other.length), octets.length);
      }
      default -> {
        if (from < octets.length) {
          octets[from] =
              (byte)
                  (random.nextBoolean()
                      ? random.nextInt(256)
                      : octets[from] ^ (1 << random.nextInt(8)));
        }
        yield octets;
      }
    };
  }

  private static byte[] joined(byte[] octets, int to, byte[] between, int from) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(octets, 0, to);
    all.writeBytes(between);
    all.write(octets, from, octets.length - from);
    return all.toByteArray();
  }
}
