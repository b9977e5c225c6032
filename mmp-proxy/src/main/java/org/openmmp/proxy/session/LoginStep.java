package org.openmmp.proxy.session;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;

/** What a login wants done next; each event of a {@link LoginFlow} gives exactly one. */
sealed interface LoginStep {
  /**
   * Ask the directory once more: for who authenticates, or anew because what it said was remembered
   * and would be the reason for a refusal.
   */
  record LookUp(LookupRequest request) implements LoginStep {}

  /** Check the password by a bind (rule B1.8). */
  record Bind(LookupResult user) implements LoginStep {}

  /** Connect and log in. */
  record Dial(LoginAttempt attempt) implements LoginStep {}

  /**
   * Wait until something changes in the group, or until the time given.
   *
   * @param registration takes the one to wake, on any thread, and wakes at once if it is too late
   */
  record Await(long untilNanos, Consumer<Runnable> registration) implements LoginStep {}

  /** The store accepted: join the two. */
  record HandOver(StoreAnswer answer) implements LoginStep {}

  /**
   * The login failed.
   *
   * @param answer the store's words if a store refused the login, or the first of those that did
   *     for now
   * @param reason for the log
   */
  record Fail(LoginFailure failure, @Nullable StoreAnswer answer, String reason)
      implements LoginStep {}
}
