package org.openmmp.proxy.client;

import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.wire.LineFramer;

/**
 * The commands of one protocol that a client may give before login. There is a new one once TLS
 * stands, so that nothing from before counts (rule B6.2).
 */
public interface PreAuthCommands {
  /** Makes the commands of one connection in its present state. */
  interface Maker {
    /**
     * The commands of a client.
     *
     * @param talk told what comes of each command
     * @param octets where commands are read from
     */
    PreAuthCommands commands(PreAuthTalk talk, ClientFacts client, LineFramer octets);
  }

  /** The greeting, whole lines. */
  String greeting();

  /** Reads on and obeys what is complete; false if more octets are needed, or the end came. */
  boolean obeyNext();

  /** Octets of a command that is not complete, beside those that were not read yet. */
  default int held() {
    return 0;
  }

  /** Overwrites those. */
  default void forget() {}
}
