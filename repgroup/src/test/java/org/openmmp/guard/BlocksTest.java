package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.guard.Blocks.Block;
import org.openmmp.testkit.FakeClock;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.Network;

class BlocksTest {
  private static final OptionalLong EVER = OptionalLong.empty();

  /** Just before the clock's values begin anew. */
  private static final long NOW = new FakeClock(Long.MAX_VALUE - 10).now();

  private final Blocks blocks = new Blocks();

  private static InetAddress address(String text) {
    return Objects.requireNonNull(AddressLiteral.parse(text));
  }

  @ParameterizedTest // B8.5
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0, true",
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.0/24, 2001:db8::1, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, ::ffff:192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "0.0.0.0/0, 203.0.113.1, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::1, false",
    "2001:db8::/100, 192.0.2.1, false",
    "::/0, 192.0.2.1, false",
  })
  void aNetworkKeepsItsAddressesOut(String network, String client, boolean out) {
    assertFalse(blocks.blocks(address(client), NOW));
    assertTrue(blocks.add(Block.of(Network.parse(network), EVER), NOW));
    assertEquals(out, blocks.blocks(address(client), NOW));
    assertTrue(blocks.remove(Block.of(Network.parse(network), EVER)));
    assertFalse(blocks.remove(Block.of(Network.parse(network), EVER)));
    assertFalse(blocks.blocks(address(client), NOW));
  }

  @Test // B8.5
  void aUserIsOneWhateverTheCase() {
    assertTrue(blocks.add(Block.of("Alice@Example.com", "", EVER), NOW));
    assertTrue(blocks.blocks("alice@EXAMPLE.com", NOW));
    assertFalse(blocks.blocks("bob@example.com", NOW));
    assertEquals("alice@example.com", blocks.all(NOW).get(0).toString());
  }

  @Test // B8.5
  void aUserIsOneWhateverTheName() {
    assertTrue(blocks.add(Block.of("alice@example.com", "UID=alice,dc=x", EVER), NOW));
    assertTrue(blocks.blocksEntry("uid=Alice,dc=x", NOW));
    assertFalse(blocks.blocksEntry("uid=bob,dc=x", NOW));
    assertFalse(blocks.blocksEntry("", NOW));
    assertTrue(
        blocks.add(Block.of("al@example.com", "uid=alice,dc=x", OptionalLong.of(NOW + 9)), NOW));
    assertTrue(blocks.blocksEntry("uid=alice,dc=x", NOW + 9), "the longer one holds");
    assertTrue(blocks.remove(Block.of("ally@example.com", "uid=alice,dc=x", EVER)));
    assertEquals(0, blocks.all(NOW).size());
    assertFalse(blocks.blocksEntry("uid=alice,dc=x", NOW));
  }

  @Test // B8.5
  void aBlockEndsByItselfAndALaterWordCounts() {
    Network network = Network.parse("192.0.2.0/24");
    assertTrue(blocks.add(Block.of(network, OptionalLong.of(NOW + 20)), NOW));
    assertTrue(blocks.blocks(address("192.0.2.1"), NOW + 19));
    assertFalse(blocks.blocks(address("192.0.2.1"), NOW + 20));
    assertEquals(0, blocks.all(NOW + 20).size());
    assertTrue(blocks.add(Block.of(network, EVER), NOW));
    assertTrue(blocks.blocks(address("192.0.2.1"), NOW + 20));
  }

  @Test // R13
  void whatIsRememberedIsBounded() {
    for (int i = 0; i < Blocks.MOST; i++) {
      assertTrue(blocks.add(Block.of("user" + i, "", OptionalLong.of(NOW + 5)), NOW));
    }
    assertFalse(blocks.add(Block.of("one more", "", EVER), NOW));
    assertTrue(blocks.add(Block.of("user7", "", EVER), NOW));
    assertTrue(blocks.add(Block.of("one more", "", EVER), NOW + 5));
    assertEquals(2, blocks.all(NOW + 5).size());
  }
}
