package org.openmmp.directory;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where users' entries live. */
public interface Directory extends AutoCloseable {
  /**
   * Looks a user up. The stage always completes normally, on any thread (the caller's own when the
   * answer is cached): what goes wrong is a {@link LookupResult.Kind}.
   *
   * <p>A caller that is about to refuse somebody because of an answer that {@linkplain
   * LookupResult#isRemembered() was remembered} asks once more, {@linkplain LookupRequest#doubting
   * doubting} it.
   */
  CompletionStage<LookupResult> lookUp(LookupRequest request);

  /**
   * Checks a password by binding as the user (rule B1.8). Only called where pre-authentication is
   * configured for the user's domain, see {@link #preAuthenticates}. The stage always completes
   * normally.
   *
   * @param user an answer with an entry
   * @param password not kept and not changed; the caller clears it after the stage completes
   */
  CompletionStage<BindResult> bind(LookupResult user, byte[] password);

  /**
   * Whether users of this name's domain are to be checked by {@link #bind} before any store.
   *
   * @param login a whole name, as {@link #identityOf} and look-ups give it
   */
  boolean preAuthenticates(String login);

  /**
   * The whole name with its domain that a typed one stands for, in the one spelling that all its
   * spellings share; as it was typed if it can be nobody's. Nothing is asked for.
   *
   * @param defaultDomain as in {@link LookupRequest}
   */
  String identityOf(String typed, String defaultDomain);

  /** The state of each server, in the configured order, for operators; on any thread. */
  default List<DirectoryServerState> servers() {
    return List.of();
  }

  /** Drops what is cached of a login name, in any spelling that leads to the same entry. */
  void forget(String login);

  /**
   * Drops what is cached of all names that lead to an entry.
   *
   * @param entry its distinguished name
   */
  default void forgetEntry(String entry) {
    forgetAll();
  }

  /**
   * Drops what is cached of a domain and of all names in it.
   *
   * @param domain as a name has it behind its last at sign
   */
  default void forgetDomain(String domain) {
    forgetAll();
  }

  /** Drops everything that is cached. */
  void forgetAll();

  @Override
  void close();

  /** The result of a bind. */
  enum BindResult {
    /** The password is right. */
    ACCEPTED,
    /** The password is wrong, or the account may not bind. */
    REJECTED,
    /** No directory server answered. */
    DIRECTORY_DOWN
  }
}
