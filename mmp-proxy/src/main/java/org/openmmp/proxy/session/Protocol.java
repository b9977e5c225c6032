package org.openmmp.proxy.session;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.SafePoints;

/** A protocol that the proxy speaks on both sides; all that a session needs to know of it. */
public interface Protocol {
  /** The service that affinity and health are kept for. */
  Service service();

  /** A new dialogue with a client. */
  ClientDialogue withClient(ClientFacts facts);

  /** A new dialogue with a store. */
  StoreDialogue withStore(StoreLogin login);

  /** A new dialogue with a store that ends where a login would begin (rule B2.9). */
  ProbeDialogue probe(StoreHost host, TlsPolicy tls);

  /** A new dialogue with a store that ends with its answer to that login (rule B8.4). */
  ProbeDialogue trial(StoreLogin login);

  /** The capabilities in a store's answer to a login, with spaces between; empty if none are. */
  default String offered(StoreAnswer answer) {
    return "";
  }

  /**
   * What a store lacks for sessions to go on there (rule B9.3), as capabilities with spaces
   * between.
   *
   * @param offered what it tells behind a login, likewise; empty if it told nothing
   * @return empty if nothing is known to be lacking
   */
  default String lacking(String offered) {
    return "";
  }

  /** Follows a session from behind its login on. */
  SafePoints safePoints();

  /**
   * Follows a session from behind its login on, so that it may go on at another store; null where
   * the protocol has no such sessions.
   *
   * @param key of the hashes in which told messages are kept; 16 octets of chance
   * @param hidden the capabilities that the client is not shown with its login
   */
  default @Nullable ObservedSession observed(byte[] key, Predicate<String> hidden) {
    return null;
  }

  /**
   * The bytes that end a session after its login, such as {@code * BYE}; whole lines.
   *
   * @param session its name in the log
   */
  byte[] lastWords(Farewell why, String session);
}
