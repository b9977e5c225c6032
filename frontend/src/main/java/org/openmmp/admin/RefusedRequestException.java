package org.openmmp.admin;

/** A request that gets nothing but its refusal. */
final class RefusedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Response refusal;

  RefusedRequestException(Response refusal) {
    super("refused with " + refusal.status(), null, false, false);
    this.refusal = refusal;
  }

  static RefusedRequestException of(Response.Status status, String reason) {
    return new RefusedRequestException(Response.text(status, reason));
  }

  Response refusal() {
    return refusal;
  }
}
