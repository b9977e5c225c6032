package org.openmmp.admin;

import io.netty.handler.codec.http.HttpResponseStatus;

/** A request that gets nothing but its refusal. */
final class RefusedRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient AdminReply refusal;

  RefusedRequestException(AdminReply refusal) {
    super("refused with " + refusal.status(), null, false, false);
    this.refusal = refusal;
  }

  RefusedRequestException(HttpResponseStatus status, String reason) {
    this(AdminReply.text(status, reason));
  }

  AdminReply refusal() {
    return refusal;
  }
}
