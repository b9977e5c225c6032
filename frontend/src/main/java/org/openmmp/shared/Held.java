package org.openmmp.shared;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.openmmp.guard.HeldPlaces;

/** What users and addresses hold at one front end, as octets. */
final class Held {
  private static final int FORM = 7;
  private static final int MOST_PLACES = 1_000_000;

  private Held() {}

  static byte[] packed(HeldPlaces held) {
    return Packed.of(
        FORM,
        out -> {
          write(out, held.users());
          write(out, held.addresses());
        });
  }

  private static void write(DataOutputStream out, Map<Long, Integer> counts) throws IOException {
    out.writeInt(counts.size());
    for (Map.Entry<Long, Integer> each : counts.entrySet()) {
      out.writeLong(each.getKey());
      out.writeInt(Math.min(each.getValue(), MOST_PLACES));
    }
  }

  static Optional<HeldPlaces> of(byte[] octets) {
    return Packed.read(FORM, octets, in -> new HeldPlaces(read(in), read(in)));
  }

  private static Map<Long, Integer> read(DataInputStream in) throws IOException {
    Map<Long, Integer> counts = new HashMap<>();
    for (int i = Packed.count(in, HeldPlaces.MOST); i > 0; i--) {
      counts.put(in.readLong(), Packed.count(in, MOST_PLACES));
    }
    return counts;
  }
}
