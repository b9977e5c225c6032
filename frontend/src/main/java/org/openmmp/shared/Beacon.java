package org.openmmp.shared;

import java.util.Optional;

/**
 * The sign of life of one front end, written each second.
 *
 * @param node its configured name
 * @param boot of this one start of it, at random
 * @param number grows with each one of a start: an older one is never taken for a newer
 * @param words which of its words on groups are the newest
 * @param wordsMillis how old those are
 * @param facts what it tells of itself
 */
record Beacon(String node, long boot, long number, long words, int wordsMillis, NodeFacts facts) {
  static final int MOST_NAME_OCTETS = 512;
  private static final int FORM = 1;

  byte[] packed() {
    return Packed.of(
        FORM,
        out -> {
          Packed.text(out, node);
          out.writeLong(boot);
          out.writeLong(number);
          out.writeLong(words);
          out.writeInt(wordsMillis);
          Packed.text(out, facts.fingerprint());
          Packed.text(out, facts.version());
          out.writeInt(facts.clients());
          out.writeBoolean(facts.draining());
        });
  }

  static Optional<Beacon> of(byte[] octets) {
    return Packed.read(
        FORM,
        octets,
        in ->
            new Beacon(
                Packed.text(in, MOST_NAME_OCTETS),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                Packed.count(in, Integer.MAX_VALUE),
                new NodeFacts(
                    Packed.text(in, MOST_NAME_OCTETS),
                    Packed.text(in, MOST_NAME_OCTETS),
                    Packed.count(in, Integer.MAX_VALUE),
                    in.readBoolean())));
  }

  /** Where it stands, and what stands beside it of the same start. */
  String field() {
    return field(node, boot);
  }

  static String field(String node, long boot) {
    return node + "/" + Long.toHexString(boot);
  }
}
