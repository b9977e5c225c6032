package org.openmmp.admin;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * One page of the admin listener.
 *
 * @param methods those that it answers to
 * @param open whether it may be asked for without the token
 * @param answer makes its answer, on any thread, and may throw a {@link RefusedRequestException}
 */
record AdminPage(
    Set<HttpMethod> methods,
    boolean open,
    Function<Request, CompletableFuture<AdminReply>> answer) {
  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  /**
   * What is asked of a page.
   *
   * @param query what stands behind the question mark, as sent; empty if there is nothing
   * @param body empty for GET and HEAD
   * @param resume to be called, on any thread, when the body of an answer that gave no chunk has
   *     one now, as with events sent by the server
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, by one page
  record Request(String query, byte[] body, Runnable resume) {}

  /** One that is read, and changes nothing. */
  static AdminPage reading(boolean open, Function<Request, AdminReply> answer) {
    return new AdminPage(
        READING, open, request -> CompletableFuture.completedFuture(answer.apply(request)));
  }

  /** The same where the answer comes later. */
  static AdminPage readingLater(Function<Request, CompletableFuture<AdminReply>> answer) {
    return new AdminPage(READING, false, answer);
  }
}
