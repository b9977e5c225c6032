package org.openmmp.storesim;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Whose acknowledgements a master's commit waits for: {@code store.dbreplicate.ackpolicy}, which
 * has names and numbers. A commit that does not get them is done all the same, when the
 * acknowledgement timeout is over. A peer is a replica that may be elected.
 */
public enum AckPolicy {
  /** Nobody's. */
  NONE(0),
  /** Of any replica. */
  ONE(1),
  /** Of any peer. */
  ONE_PEER(2),
  /** Of so many peers that, with the master, most of those that may be elected have it. */
  QUORUM(3),
  /** Of every peer. */
  ALL_PEER(4),
  /** Of every replica that is connected. */
  ALL_AVAILABLE(5),
  /** Of every replica of the group. */
  ALL_CLIENTS(6);

  private final int number;

  AckPolicy(int number) {
    this.number = number;
  }

  /**
   * The replicas of a group, or some of them.
   *
   * @param clients how many there are
   * @param peers how many of them may be elected
   */
  record Replicas(int clients, int peers) {}

  /**
   * Whether a commit that was acknowledged by some need wait no longer. Where there is nobody of
   * the kind that is asked for, there is nobody to wait for.
   *
   * @param all every replica of the group, running or not
   * @param available those that the master hears
   * @param acknowledged those that have the record
   */
  boolean enough(Replicas all, Replicas available, Replicas acknowledged) {
    return switch (this) {
      case NONE -> true;
      case ONE -> acknowledged.clients() >= Math.min(1, all.clients());
      case ONE_PEER -> acknowledged.peers() >= Math.min(1, all.peers());
      // The master has the record itself.
      case QUORUM -> acknowledged.peers() >= (all.peers() + 1) / 2;
      case ALL_PEER -> acknowledged.peers() >= all.peers();
      case ALL_AVAILABLE -> acknowledged.clients() >= available.clients();
      case ALL_CLIENTS -> acknowledged.clients() >= all.clients();
    };
  }

  /** As people write it: {@code one-peer}. */
  public String written() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * A policy by its number or its name.
   *
   * @throws IllegalArgumentException if there is none such
   */
  public static AckPolicy of(String text) {
    return Arrays.stream(values())
        .filter(
            policy ->
                policy.written().equalsIgnoreCase(text)
                    || String.valueOf(policy.number).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    (text.isEmpty() ? "which ackpolicy?" : "there is no ackpolicy " + text + ";")
                        + " there are "
                        + Arrays.stream(values())
                            .map(policy -> policy.number + " = " + policy.written())
                            .collect(Collectors.joining(", "))));
  }
}
