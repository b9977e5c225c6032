package org.openmmp.shared;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.Secret;

/** What is shared is read by the site's front ends alone, and stands where it was put (B10.1). */
class SealTest {
  private static final byte[] TEXT = "kick user=alice".getBytes(StandardCharsets.UTF_8);

  private final Seal seal = new Seal(Secret.of("0123456789abcdef"), "north");

  @Test
  void opensWhereItWasClosed() {
    byte[] sealed = seal.close("order", TEXT);
    assertArrayEquals(TEXT, seal.open("order", sealed).orElseThrow());
    assertFalse(new String(sealed, StandardCharsets.ISO_8859_1).contains("alice"));
    assertFalse(Arrays.equals(sealed, seal.close("order", TEXT)));
  }

  @Test
  void opensAtNoOtherPlaceSiteOrKey() {
    byte[] sealed = seal.close("node/mmp1/1", TEXT);
    assertTrue(seal.open("node/mmp2/1", sealed).isEmpty());
    assertTrue(seal.open("words/mmp1/1", sealed).isEmpty());
    assertTrue(
        new Seal(Secret.of("0123456789abcdef"), "south").open("node/mmp1/1", sealed).isEmpty());
    assertTrue(
        new Seal(Secret.of("0123456789abcdeF"), "north").open("node/mmp1/1", sealed).isEmpty());
  }

  @Test
  void nothingThatIsChangedOrCutOpens() {
    byte[] sealed = seal.close("order", TEXT);
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertTrue(seal.open("order", changed).isEmpty(), "octet " + i);
      assertTrue(seal.open("order", Arrays.copyOf(sealed, i)).isEmpty(), "cut at " + i);
    }
  }
}
