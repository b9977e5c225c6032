package org.openmmp.shared;

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
  static final int MOST_QUERY_OCTETS = 8_192;
  private static final int FORM = 2;
  private static final int MOST_ID_OCTETS = 64;

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
