package org.openmmp.program;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.transport.SessionFacts;

/**
 * Whom an administrator means by a login name: everybody who opens that mailbox, by whatever name
 * (rule B8.5).
 *
 * @param login the whole name in its one spelling
 * @param entry the distinguished name of the user's entry; empty if the directory knows of none now
 */
record NamedUser(String login, String entry) {
  private static final NamedUser NOBODY = new NamedUser("", "");
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * Asks the directory whom that name leads to, unless it is remembered.
   *
   * @param typed as a client would type it; a name without a domain is of the directory's default
   *     domain. Empty: nobody
   */
  static CompletionStage<NamedUser> of(Directory directory, String typed) {
    if (typed.isEmpty()) {
      return CompletableFuture.completedStage(NOBODY);
    }
    String login = directory.identityOf(typed, "");
    // Who may not use the one service may use the other.
    return directory
        .lookUp(request(typed, "imap"))
        .thenCompose(
            found ->
                found.kind() == LookupResult.Kind.NOT_ALLOWED
                    ? directory.lookUp(request(typed, "pop3"))
                    : CompletableFuture.completedStage(found))
        .thenApply(found -> new NamedUser(login, found.entryDn()));
  }

  private static LookupRequest request(String typed, String service) {
    return new LookupRequest(typed, "", service, true, "127.0.0.1", "127.0.0.1").within(PATIENCE);
  }

  /** Whether that session is this user's. */
  boolean has(SessionFacts session) {
    return is(session.user(), session.entry());
  }

  /** Whether a name in its one spelling, or an entry, is this user's. */
  boolean is(String user, String dn) {
    return user.equalsIgnoreCase(login) || (!entry.isEmpty() && dn.equalsIgnoreCase(entry));
  }
}
