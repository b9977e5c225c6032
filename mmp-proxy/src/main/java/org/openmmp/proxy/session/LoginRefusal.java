package org.openmmp.proxy.session;

import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.store.StoreAnswer;

/**
 * Why a login is refused.
 *
 * @param answer the store's words if a store refused the login, or the first of those that did for
 *     now
 * @param reason for the log
 */
record LoginRefusal(LoginFailure failure, @Nullable StoreAnswer answer, String reason) {
  /** One that no store gave words for. */
  LoginRefusal(LoginFailure failure, String reason) {
    this(failure, null, reason);
  }
}
