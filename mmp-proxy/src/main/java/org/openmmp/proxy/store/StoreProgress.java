package org.openmmp.proxy.store;

/** How far an attempt at a store has come on its way to an answer. */
public enum StoreProgress {
  /** The connection stands, under TLS if that is implicit: the time for the greeting begins. */
  CONNECTED,
  /** The greeting was a good one: the time for the login begins. */
  GREETED,
  /** All that concerns everybody went well; the store is told now who the client is. */
  NAMED
}
