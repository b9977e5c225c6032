package org.openmmp.shared;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sign of life of one front end, written each second.
 *
 * @param node its configured name
 * @param boot of this one start of it, at random
 * @param number grows with each one of a start: an older one is never taken for a newer
 * @param echoes the newest number that it has read of each other start: who has read none of this
 *     front end's of late is a thing of the past that somebody put there again
 * @param shelves which of what it tells elsewhere is the newest, by {@link Shelf}
 * @param wordsMillis how old its words on groups are
 * @param facts what it tells of itself
 */
record Beacon(
    String node,
    long boot,
    long number,
    Map<Long, Long> echoes,
    List<Long> shelves,
    int wordsMillis,
    NodeFacts facts) {
  static final int MOST_NAME_OCTETS = 512;

  /** A later program may tell more. */
  private static final int MOST_SHELVES = 64;

  /** Of so many it tells that it has read them. */
  static final int MOST_ECHOES = 128;

  private static final int FORM = 11;

  byte[] packed() {
    return Packed.of(
        FORM,
        out -> {
          Packed.text(out, node);
          out.writeLong(boot);
          out.writeLong(number);
          out.writeInt(echoes.size());
          for (Map.Entry<Long, Long> each : echoes.entrySet()) {
            out.writeLong(each.getKey());
            out.writeLong(each.getValue());
          }
          out.writeInt(shelves.size());
          for (long each : shelves) {
            out.writeLong(each);
          }
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
                echoes(in),
                shelves(in),
                Packed.count(in, Integer.MAX_VALUE),
                new NodeFacts(
                    Packed.text(in, MOST_NAME_OCTETS),
                    Packed.text(in, MOST_NAME_OCTETS),
                    Packed.count(in, Integer.MAX_VALUE),
                    in.readBoolean())));
  }

  private static Map<Long, Long> echoes(DataInputStream in) throws IOException {
    Map<Long, Long> all = new HashMap<>();
    for (int i = Packed.count(in, MOST_ECHOES); i > 0; i--) {
      all.put(in.readLong(), in.readLong());
    }
    return Map.copyOf(all);
  }

  private static List<Long> shelves(DataInputStream in) throws IOException {
    List<Long> all = new ArrayList<>();
    for (int i = Packed.count(in, MOST_SHELVES); i > 0; i--) {
      all.add(in.readLong());
    }
    return List.copyOf(all);
  }

  /** Which is its newest there; 0: it tells nothing of it. */
  long newest(int shelf) {
    return shelf < shelves.size() ? shelves.get(shelf) : 0;
  }

  /** Where it stands, and what stands beside it of the same start. */
  String field() {
    return field(node, boot);
  }

  static String field(String node, long boot) {
    return node + "/" + Long.toHexString(boot);
  }
}
