package org.openmmp.proxy.client;

import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.wire.SessionReference;

/**
 * What one protocol says to a client up to its login: whole lines with their ends, octets as
 * ISO-8859-1.
 *
 * <p>A tag is what the client named its command with; a protocol without tags is given what its
 * codec gave, and leaves it out.
 */
public interface PreAuthReplies {
  /** To a command outside the grammar, unknown, or not allowed now. */
  String bad(String tag, String why);

  /** The one answer to a login that is wrong, whatever is wrong with it (B1.4, B6.4). */
  String authenticationFailed(String tag);

  /** To a login that needs TLS first (rule B3.2). */
  String privacyRequired(String tag);

  /** To a SASL mechanism that is not there. */
  String noSuchMechanism(String tag);

  /** To a token without a name: whom it stands for is known to the store that it leads to only. */
  String nameless(String tag);

  /** To a SASL exchange that the client gave up. */
  String cancelled(String tag);

  /** To a login behind the last proxy of a chain (R4). */
  String proxyLoop(String tag);

  /** A SASL challenge, in base64. */
  String challenge(byte[] base64);

  /** The go-ahead for TLS. */
  String beginTls(String tag);

  /** To a client that takes its leave. */
  String loggedOut(String tag);

  /**
   * To a login that failed.
   *
   * @param answer the store's words if a store refused it, or the first of those that did for now
   */
  String refusal(String tag, LoginFailure failure, @Nullable StoreAnswer answer);

  /** To a login that succeeded, in the store's words. */
  String accepted(String tag, StoreAnswer answer);

  /** The last words of a connection; empty where the protocol has none. */
  String farewell(Farewell why);

  /** The same, naming the session where its line in the log tells more (rule B8.6). */
  default String farewell(Farewell why, String session) {
    String words = farewell(why);
    return why.namesSession() && words.endsWith("\r\n")
        ? words.substring(0, words.length() - 2) + SessionReference.behindWords(session) + "\r\n"
        : words;
  }
}
