package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RandomLoginsTest {
  private static final int RUNS = 3_000;

  @Test // B2.5, B3.7, B6.3
  void noWrongHostEverGetsPasswordAndEveryRunEnds() {
    int served = 0;
    int refused = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      RandomLogins run = new RandomLogins(seed);
      run.run();
      assertEquals("", run.violations(), "seed " + seed);
      served += run.served();
      refused += run.refused();
    }
    assertTrue(served > RUNS, "the runs prove something: served " + served);
    assertTrue(refused > RUNS, "the runs prove something: refused " + refused);
  }
}
