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
public record NodeTls(@Nullable SslContext context, boolean implicit, boolean loginInClear) {
  /** No TLS; logins in the clear. */
  public static NodeTls none() {
    return new NodeTls(null, false, true);
  }

  /** STARTTLS is offered, and needed for a login. */
  public static NodeTls startTls(SslContext context) {
    return new NodeTls(context, false, false);
  }

  /** TLS from the first byte. */
  public static NodeTls implicit(SslContext context) {
    return new NodeTls(context, true, false);
  }
}
