package org.openmmp.lmtp.transaction;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** L3, L4, L5: number, order and class of all replies are those of an independent model. */
class RandomDeliveriesTest {
  private static final int RUNS = 1_000;

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000, 2_000_000, 3_000_000})
  void everyReplyIsTheModels(long origin) {
    for (long seed = origin; seed < origin + RUNS; seed++) {
      new RandomDelivery(seed).run();
    }
  }
}
