package org.openmmp.proxy.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.StoreAnswer;

/**
 * One protocol's dialogue with one client from its connect to its login: bytes and events in, steps
 * out.
 *
 * <p>It frames by itself and keeps what it cannot use yet, bounded (rule B6.1). Between a {@link
 * SessionStep.LogIn} or {@link SessionStep.Respond} and {@link #challenge}, {@link #refuse} or
 * {@link #accept} it takes bytes and only keeps them.
 */
public interface ClientDialogue {
  /** The connection stands, under TLS if it is implicit: the greeting. */
  List<SessionStep> onOpen();

  /** Bytes from the client, in order, cut anywhere. */
  List<SessionStep> onBytes(byte[] octets);

  /**
   * TLS stands after {@link SessionStep.Simple#START_TLS}; no state from before survives (rule
   * B6.2).
   */
  List<SessionStep> onTls(ClientFacts facts);

  /**
   * The client as stores and the directory shall hear of it: {@code own}, or what a trusted proxy
   * in front of this one said of its client (rule B3.12).
   */
  default ClientFacts seenAs(ClientFacts own) {
    return own;
  }

  /**
   * The store asks the client, in base64, in the course of the login under way. What the client
   * sends next is its {@link SessionStep.Respond}, or {@link SessionStep.Simple#GIVE_UP}.
   */
  List<SessionStep> challenge(byte[] base64);

  /**
   * The login under way failed: its answer, and the steps of what the client pipelined behind it.
   *
   * @param answer the store's words if a store refused the credentials
   */
  List<SessionStep> refuse(LoginFailure failure, @Nullable StoreAnswer answer);

  /** The login under way succeeded: the bytes that tell the client so. */
  byte[] accept(StoreAnswer answer);

  /**
   * After {@link #accept}: what the client pipelined behind its login, for the store; at most once.
   */
  byte[] leftOver();

  /** Octets kept and not yet used. While they are many the adapter reads no more. */
  int buffered();

  /** The connection is over before its login: what is kept is overwritten (rule B6.6). */
  void forget();

  /** The bytes to end the connection with; empty where the protocol has none at this point. */
  byte[] farewell(Farewell why);
}
