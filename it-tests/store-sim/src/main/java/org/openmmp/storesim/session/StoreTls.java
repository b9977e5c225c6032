package org.openmmp.storesim.session;

import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated store's port is protected.
 *
 * @param context certificate and key; null: no TLS at all
 * @param implicit TLS from the first byte, else STARTTLS is offered
 * @param loginInClear whether a login is taken without TLS
 */
public record StoreTls(@Nullable SslContext context, boolean implicit, boolean loginInClear) {
  /** No TLS; logins in the clear. */
  public static StoreTls none() {
    return new StoreTls(null, false, true);
  }

  /** STARTTLS is offered, and needed for a login. */
  public static StoreTls startTls(SslContext context) {
    return new StoreTls(context, false, false);
  }

  /** TLS from the first byte. */
  public static StoreTls implicit(SslContext context) {
    return new StoreTls(context, true, false);
  }
}
