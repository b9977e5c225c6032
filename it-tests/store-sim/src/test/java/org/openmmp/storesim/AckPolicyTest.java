package org.openmmp.storesim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AckPolicyTest {
  /**
   * The replicas beside the master are peers, and {@code p0} those of priority 0; of these some are
   * connected, and of these some have the record.
   */
  @ParameterizedTest(name = "{0}: {1}/{2} all, {3}/{4} available, {5}/{6} acknowledged")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NONE          | 2 | 0 | 0 | 0 | 0 | 0 | true
          ONE           | 2 | 1 | 2 | 1 | 0 | 1 | true
          ONE           | 2 | 1 | 2 | 1 | 0 | 0 | false
          ONE           | 0 | 0 | 0 | 0 | 0 | 0 | true
          ONE_PEER      | 2 | 1 | 2 | 1 | 0 | 1 | false
          ONE_PEER      | 2 | 1 | 2 | 1 | 1 | 0 | true
          ONE_PEER      | 0 | 1 | 0 | 1 | 0 | 0 | true
          QUORUM        | 2 | 0 | 2 | 0 | 1 | 0 | true
          QUORUM        | 2 | 0 | 0 | 0 | 0 | 0 | false
          QUORUM        | 1 | 0 | 0 | 0 | 0 | 0 | false
          QUORUM        | 4 | 0 | 4 | 0 | 1 | 0 | false
          QUORUM        | 4 | 0 | 4 | 0 | 2 | 0 | true
          QUORUM        | 2 | 2 | 2 | 2 | 0 | 2 | false
          QUORUM        | 0 | 0 | 0 | 0 | 0 | 0 | true
          ALL_PEER      | 2 | 1 | 2 | 1 | 2 | 0 | true
          ALL_PEER      | 2 | 1 | 1 | 1 | 1 | 1 | false
          ALL_AVAILABLE | 2 | 1 | 1 | 0 | 1 | 0 | true
          ALL_AVAILABLE | 2 | 1 | 1 | 1 | 1 | 0 | false
          ALL_AVAILABLE | 2 | 1 | 0 | 0 | 0 | 0 | true
          ALL_CLIENTS   | 2 | 1 | 2 | 1 | 2 | 1 | true
          ALL_CLIENTS   | 2 | 1 | 2 | 0 | 2 | 0 | false
          """)
  void commitsWaitForThoseThatThePolicyNames(
      AckPolicy policy,
      int peers,
      int p0,
      int availablePeers,
      int availableP0,
      int acknowledgedPeers,
      int acknowledgedP0,
      boolean enough) {
    assertEquals(
        enough,
        policy.enough(
            new AckPolicy.Replicas(peers + p0, peers),
            new AckPolicy.Replicas(availablePeers + availableP0, availablePeers),
            new AckPolicy.Replicas(acknowledgedPeers + acknowledgedP0, acknowledgedPeers)));
  }

  @ParameterizedTest
  @CsvSource({"0, NONE", "3, QUORUM", "6, ALL_CLIENTS", "one-peer, ONE_PEER", "Quorum, QUORUM"})
  void policiesHaveNumbersAndNames(String text, AckPolicy policy) {
    assertEquals(policy, AckPolicy.of(text));
  }

  @Test
  void noOtherNumberIsOne() {
    assertThrows(IllegalArgumentException.class, () -> AckPolicy.of("7"));
    assertThrows(IllegalArgumentException.class, () -> AckPolicy.of(""));
  }
}
