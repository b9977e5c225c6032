package org.openmmp.lmtp.store;

/**
 * Which connection to a store is meant, in steps and events: it stands for the conversation that is
 * held there.
 *
 * @param number no other connection has it
 * @param place where the connection leads
 */
public record StoreKey(long number, StorePlace place) {
  @Override
  public boolean equals(Object other) {
    return other instanceof StoreKey key && key.number == number;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number);
  }
}
