import java.io.IOException;
import java.util.List;
import java.util.concurrent.*;
import java.util.stream.Stream;
import org.openmmp.repgroup.*;
import org.openmmp.routing.*;

/** Makes folders at the master of a group: {@code Writer "HOST HOST…" PORT USER PASSWORD FOLDER…}. */
public final class Writer {
  private final StoreSelector selector = new StoreSelector(
      SelectorSettings.defaults().with(SelectorSettings.ReadOnlyFallback.off()), SelectionListener.NONE);
  private final ReplicationGroup group;
  private final Routing routing;

  Writer(Stream<String> hosts, int port) {
    group = ReplicationGroup.of("mail", hosts.map(StoreHost::new).toList());
    routing = Routing.of(List.of(group), StoreAccess.at(port, TlsPolicy.IMPLICIT));
  }

  public static void main(String[] args) throws Exception {
    Writer writer = new Writer(Stream.of(args[0].split(" ")), Integer.parseInt(args[1]));
    for (String folder : List.of(args).subList(4, args.length)) {
      try (Imap store = writer.logIn(args[2], args[3])) {
        store.command("CREATE " + folder);
        System.out.println(store.host + ": " + store.said());
      }
    }
  }

  private Imap logIn(String user, String password) throws IOException, InterruptedException {
    StoreSearch search = new StoreSearch(selector, () -> routing, routing,
        new Service("imap"), ClientKind.WRITER, Caller.UNKNOWN, group);
    search.begin(null, now() + TimeUnit.SECONDS.toNanos(30), now());
    try {
      for (Choice choice = search.next(now()); ; choice = search.next(now())) {
        if (choice.kind().failed()) {
          throw new IOException(choice.reason().text());
        } else if (choice.kind().attempt()) {
          Imap store = new Imap(choice.target());
          int port = search.accessTo(store.host).port();
          if (tell(search, store, store.logIn(port, user, password, stage -> search.reached(stage, now())))) {
            return store;
          }
          store.close();
        } else {
          CountDownLatch change = new CountDownLatch(1);
          search.awaitChange(choice, change::countDown);
          change.await(choice.untilNanos() - now(), TimeUnit.NANOSECONDS);
        }
      }
    } finally {
      search.abandon(now());
    }
  }

  /** Tells what came of it, follows a referral within the group, and says whether it is the store to write to. */
  private static boolean tell(StoreSearch search, Imap store, AttemptOutcome outcome) throws IOException {
    if (outcome == AttemptOutcome.REFERRED) {
      Referral referral = store.referral();
      ReferralTrust.Verdict to = search.judge(store.host, referral);
      search.referred(to.kind().followed() ? to : null, store.loggedIn(), to.reason(), now(), Math.random());
      if (to.kind().followed()) {
        search.follow(TlsPolicy.IMPLICIT, referral, to, now());
      } else if (to.kind().leavesGroup()) {
        throw new IOException(to.reason()); // no password goes there
      }
    } else {
      search.report(outcome, store.said(), now(), Math.random());
    }
    if (outcome == AttemptOutcome.AUTH_REJECTED) {
      throw new IOException(store.said());
    }
    return outcome == AttemptOutcome.ACCEPTED;
  }

  private static long now() {
    return System.nanoTime();
  }
}
