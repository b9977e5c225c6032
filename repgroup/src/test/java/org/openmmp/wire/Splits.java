package org.openmmp.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The ways in which a network may cut the same octets into packets. */
public final class Splits {
  private Splits() {}

  /** Whole, cut in two at every place, and one octet at a time. */
  public static List<List<byte[]>> everySplitOf(byte[] octets) {
    List<List<byte[]>> splits = new ArrayList<>(octets.length + 1);
    splits.add(List.of(octets.clone()));
    for (int at = 1; at < octets.length; at++) {
      splits.add(
          List.of(
              Arrays.copyOfRange(octets, 0, at), Arrays.copyOfRange(octets, at, octets.length)));
    }
    List<byte[]> single = new ArrayList<>(octets.length);
    for (byte octet : octets) {
      single.add(new byte[] {octet});
    }
    splits.add(single);
    return splits;
  }
}
