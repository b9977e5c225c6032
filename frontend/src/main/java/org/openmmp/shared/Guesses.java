package org.openmmp.shared;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.openmmp.guard.WrongPassword;
import org.openmmp.wire.Network;

/**
 * The wrong passwords that one front end met in its last seconds.
 *
 * @param last the number of the last of them; they are numbered one by one, so that none is counted
 *     twice
 */
record Guesses(long last, List<WrongPassword> all) {
  static final int MOST = 1_000;
  private static final int FORM = 5;
  private static final int LONGEST_PREFIX = 128;

  /** Those that came behind that number. */
  List<WrongPassword> since(long number) {
    long fresh = Math.max(0, Math.min(all.size(), last - number));
    return all.subList(all.size() - (int) fresh, all.size());
  }

  byte[] packed() {
    return Packed.of(
        FORM,
        out -> {
          out.writeLong(last);
          out.writeInt(all.size());
          for (WrongPassword each : all) {
            out.writeLong(each.userHigh());
            out.writeLong(each.userLow());
            out.writeBoolean(each.network().ipv6());
            out.writeLong(each.network().high());
            out.writeLong(each.network().low());
            out.writeInt(each.network().prefixLength());
            out.writeLong(each.print());
            out.writeBoolean(each.seen());
          }
        });
  }

  static Optional<Guesses> of(byte[] octets) {
    return Packed.read(
        FORM,
        octets,
        in -> {
          long last = in.readLong();
          List<WrongPassword> all = new ArrayList<>();
          for (int i = Packed.count(in, MOST); i > 0; i--) {
            all.add(read(in));
          }
          if (last < all.size()) {
            throw new IOException("more than were counted");
          }
          return new Guesses(last, List.copyOf(all));
        });
  }

  private static WrongPassword read(DataInputStream in) throws IOException {
    long high = in.readLong();
    long low = in.readLong();
    Network network =
        new Network(
            in.readBoolean(), in.readLong(), in.readLong(), Packed.count(in, LONGEST_PREFIX));
    return new WrongPassword(high, low, network, in.readLong(), in.readBoolean());
  }
}
