package org.openmmp.program;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.ldap.LdapDirectory;

/**
 * The directory that is asked now. Another may be put in its place: questions under way are
 * answered by the one that they were put to, which is closed behind the last of them. On any
 * thread.
 */
final class DirectoryInUse implements Directory {
  private volatile Held held;

  DirectoryInUse(Directory first) {
    held = new Held(first, () -> {});
  }

  /** One directory, and how many still need it: its place is one of them. */
  private static final class Held {
    private final Directory directory;
    private final AtomicInteger needs = new AtomicInteger(1);
    private Runnable atClose;

    Held(Directory directory, Runnable atClose) {
      this.directory = directory;
      this.atClose = atClose;
    }

    /** False if it is closed, or about to be. */
    boolean enter() {
      int before = needs.get();
      while (before > 0 && !needs.compareAndSet(before, before + 1)) {
        before = needs.get();
      }
      return before > 0;
    }

    <T> CompletionStage<T> leaveAfter(CompletionStage<T> answer) {
      answer.whenComplete((any, failure) -> leave());
      return answer;
    }

    void leave() {
      if (needs.decrementAndGet() == 0) {
        // Closing waits for connections, and this may be an event loop.
        new Thread(
                () -> {
                  directory.close();
                  atClose.run();
                },
                "former-directory")
            .start();
      }
    }
  }

  /**
   * Asks another from now on.
   *
   * @param findsTheSame whether it would find what the former one has found: then it remembers that
   * @param atClose run once the former one is closed
   */
  void become(Directory other, boolean findsTheSame, Runnable atClose) {
    Held former = held;
    if (findsTheSame
        && other instanceof LdapDirectory next
        && former.directory instanceof LdapDirectory before) {
      next.rememberAs(before);
    }
    former.atClose = atClose;
    held = new Held(other, () -> {});
    former.leave();
  }

  /** Has every server tried in the background, where there are servers. */
  void tryServers() {
    if (held.directory instanceof LdapDirectory ldap) {
      ldap.tryServers();
    }
  }

  private Held entered() {
    Held now = held;
    while (!now.enter()) {
      now = held;
    }
    return now;
  }

  @Override
  public CompletionStage<LookupResult> lookUp(LookupRequest request) {
    Held now = entered();
    return now.leaveAfter(now.directory.lookUp(request));
  }

  @Override
  public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
    Held now = entered();
    return now.leaveAfter(now.directory.bind(user, password));
  }

  @Override
  public boolean preAuthenticates(String login) {
    return held.directory.preAuthenticates(login);
  }

  @Override
  public String identityOf(String typed, String defaultDomain) {
    return held.directory.identityOf(typed, defaultDomain);
  }

  @Override
  public List<DirectoryServerState> servers() {
    return held.directory.servers();
  }

  @Override
  public void forget(String login) {
    held.directory.forget(login);
  }

  @Override
  public void forgetEntry(String entry) {
    held.directory.forgetEntry(entry);
  }

  @Override
  public void forgetDomain(String domain) {
    held.directory.forgetDomain(domain);
  }

  @Override
  public void forgetAll() {
    held.directory.forgetAll();
  }

  @Override
  public void close() {
    held.directory.close();
  }
}
