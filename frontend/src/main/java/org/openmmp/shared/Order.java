package org.openmmp.shared;

import java.time.Duration;
import java.util.Optional;

/**
 * What an administrator wants of all front ends of the site: a page of the admin interface with its
 * query.
 *
 * @param id at random; who has carried it out does not do so again
 * @param node where it was given
 * @param path the page's
 * @param query what is asked of it
 * @param atSeconds when it was given, in seconds since 1970 by that node's clock
 */
public record Order(String id, String node, String path, String query, long atSeconds) {
  /** One that is older is none any more. */
  static final Duration HOLDS = Duration.ofHours(24);

  /** By so much clocks may differ. */
  private static final Duration CLOCKS_DIFFER = Duration.ofHours(3);

  static final int MOST_QUERY_OCTETS = 8_192;
  private static final int FORM = 2;
  private static final int MOST_ID_OCTETS = 64;

  /**
   * Whether it is to be carried out still: by the engine's clock and by the own one, which may
   * differ from that of whoever gave it, and of which one may be wrong.
   *
   * @param ageMillis how long ago it was written, by the engine's clock
   * @param nowSeconds by the own
   */
  boolean holds(long ageMillis, long nowSeconds) {
    long clocks = nowSeconds - atSeconds;
    long most = HOLDS.plus(CLOCKS_DIFFER).toSeconds();
    return ageMillis <= HOLDS.toMillis() && clocks <= most && clocks >= -most;
  }

  /** Whether it sets what holds until another one sets it otherwise. */
  boolean lasts() {
    return !path.matches(".*/(?:kick|flush|sessions|blocks)");
  }

  byte[] packed() {
    return Packed.of(
        FORM,
        out -> {
          Packed.text(out, id);
          Packed.text(out, node);
          Packed.text(out, path);
          Packed.text(out, query);
          out.writeLong(atSeconds);
        });
  }

  static Optional<Order> of(byte[] octets) {
    return Packed.read(
        FORM,
        octets,
        in ->
            new Order(
                Packed.text(in, MOST_ID_OCTETS),
                Packed.text(in, Beacon.MOST_NAME_OCTETS),
                Packed.text(in, Beacon.MOST_NAME_OCTETS),
                Packed.text(in, MOST_QUERY_OCTETS),
                in.readLong()));
  }
}
