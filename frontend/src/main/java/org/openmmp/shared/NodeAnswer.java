package org.openmmp.shared;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What one front end answered to an order.
 *
 * @param node its name
 * @param status of its page's answer, such as 200; 0: it has not answered yet, {@link #UNTOLD}: it
 *     could not be told, and {@code body} says why
 * @param body the answer
 */
public record NodeAnswer(String node, int status, String body) {
  static final int UNTOLD = 1;

  private static final int FORM = 3;
  private static final int MOST_BODY_OCTETS = 1024 * 1024;
  private static final int LARGEST_STATUS = 599;

  /** Whether it could not be told. */
  public boolean untold() {
    return status == UNTOLD;
  }

  byte[] packed() {
    return Packed.of(
        FORM,
        out -> {
          Packed.text(out, node);
          out.writeInt(status);
          boolean fits = body.getBytes(StandardCharsets.UTF_8).length <= MOST_BODY_OCTETS;
          Packed.text(out, fits ? body : "its answer is too long: ask this front end alone");
        });
  }

  static Optional<NodeAnswer> of(byte[] octets) {
    return Packed.read(
        FORM,
        octets,
        in ->
            new NodeAnswer(
                Packed.text(in, Beacon.MOST_NAME_OCTETS),
                Packed.count(in, LARGEST_STATUS),
                Packed.text(in, MOST_BODY_OCTETS)));
  }
}
