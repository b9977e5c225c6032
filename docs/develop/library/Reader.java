import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptWalk;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;

/** Looks into an INBOX at whichever host of a group serves: {@code Reader "HOST HOST…" PORT USER PASSWORD}. */
public final class Reader {
  private static final Service IMAP = new Service("imap");
  private final StoreSelector selector = new StoreSelector(SelectorSettings.defaults(), SelectionListener.NONE);
  private final ReplicationGroup group;
  private final int port;

  Reader(String hosts, int port) {
    group = ReplicationGroup.of("mail", Arrays.stream(hosts.split(" ")).map(StoreHost::new).toList());
    this.port = port;
  }

  /** Looks once for each line of input, first at the host that served the last time. */
  public static void main(String[] args) throws Exception {
    Reader reader = new Reader(args[0], Integer.parseInt(args[1]));
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (input.readLine() != null) {
      try (Imap store = reader.logIn(args[2], args[3])) {
        String exists = store.command("EXAMINE INBOX").replaceAll("(?s).*\\* (\\d+) EXISTS.*", "$1");
        System.out.println(store.host + ": " + exists + " messages");
      } catch (IOException e) {
        System.out.println("failed: " + e.getMessage());
      }
    }
  }

  private Imap logIn(String user, String password) throws IOException, InterruptedException {
    long deadline = now() + TimeUnit.SECONDS.toNanos(30);
    AttemptWalk walk = selector.walk(group, IMAP, ClientKind.READER, Caller.UNKNOWN, deadline, now());
    try {
      while (true) {
        Choice choice = walk.next(now());
        if (choice.kind().failed()) {
          throw new IOException(choice.reason().text());
        } else if (choice.kind().attempt()) {
          Imap store = new Imap(choice.target());
          AttemptOutcome outcome = store.logIn(port, user, password, stage -> walk.reached(stage, now()));
          walk.report(outcome, null, store.loggedIn(), store.said(), now(), Math.random());
          if (store.loggedIn()) {
            return store; // a replica that knows of a master is good enough to read from
          }
          store.close();
          if (outcome == AttemptOutcome.AUTH_REJECTED) {
            throw new IOException(store.said());
          }
        } else {
          CountDownLatch change = new CountDownLatch(1);
          walk.awaitChange(choice, change::countDown);
          change.await(choice.untilNanos() - now(), TimeUnit.NANOSECONDS);
        }
      }
    } finally {
      walk.abandon(now());
    }
  }

  private static long now() {
    return System.nanoTime();
  }
}
