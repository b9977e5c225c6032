package org.openmmp.it.operate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.openmmp.it.fixture.AnyCertificate;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.testkit.HeldSockets;

/**
 * People at work: what they have in common, what went wrong for any of them, and which of them an
 * operator means to send away. Safe for any thread.
 */
final class Load {
  private static final String NAME = "X-Name: ";
  private static final SSLContext TLS = AnyCertificate.context();

  /** Nobody is slower than that and goes on. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Queue<Farewell> farewells = new ConcurrentLinkedQueue<>();
  private final Map<String, Mail> mails = new ConcurrentHashMap<>();
  private final AtomicInteger names = new AtomicInteger();
  final AtomicInteger logins = new AtomicInteger();
  final AtomicInteger present = new AtomicInteger();
  final AtomicInteger goodbyes = new AtomicInteger();
  final AtomicInteger crossed = new AtomicInteger();
  final AtomicInteger answers = new AtomicInteger();
  final AtomicInteger deferred = new AtomicInteger();

  /** Whom an operator sends away: sessions that began before it was over. */
  private static final class Farewell {
    private final Predicate<MailUser> whom;
    private volatile long overNanos = Long.MAX_VALUE;

    Farewell(Predicate<MailUser> whom) {
      this.whom = whom;
    }
  }

  /** A message on its way to a mailbox, and whether it was said to be there. */
  private record Mail(MailUser owner, String letter, boolean taken) {}

  /** Sends such sessions away until the result is run. */
  Runnable meaning(Predicate<MailUser> whom) {
    Farewell farewell = new Farewell(whom);
    farewells.add(farewell);
    return () -> farewell.overNanos = System.nanoTime();
  }

  /** A session of that user heard goodbye. */
  void goodbye(MailUser user, long begunNanos) {
    goodbyes.incrementAndGet();
    if (farewells.stream()
        .noneMatch(each -> each.whom.test(user) && begunNanos - each.overNanos < 0)) {
      trouble(user + " was sent away, and was not meant");
    }
  }

  void trouble(String what) {
    troubles.add(what);
  }

  List<String> troubles() {
    return troubles.stream().limit(20).toList();
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  void end() {
    over.countDown();
  }

  /** What a person does between two looks at the mail; ends early with the load. */
  void rest(long millis) {
    try {
      if (over.await(millis, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until so many more logins were answered. */
  void awaitLogins(int more) {
    int before = logins.get();
    Await.until(
        () -> logins + " logins, " + present + " sessions, " + troubles(),
        LIMIT,
        () -> logins.get() >= before + more || !troubles.isEmpty());
  }

  /** A message of about that size for some mailboxes, with a name of its own. */
  String newMail(int octets, List<MailUser> owners) {
    String name = "m" + names.incrementAndGet();
    // With words in it that would end a session, if they stood elsewhere.
    String line = "* BYE not now {5}\r\n-ERR not now\r\nt1 OK )\r\n.\r\n..\r\n)\r\n";
    String letter =
        "Subject: a letter\r\n"
            + NAME
            + name
            + "\r\n\r\n"
            + line.repeat(1 + octets / line.length());
    owners.forEach(owner -> mails.put(name + " " + owner, new Mail(owner, letter, false)));
    return letter;
  }

  private static String nameOf(String letter) {
    int at = letter.indexOf(NAME);
    int end = letter.indexOf("\r\n", Math.max(0, at));
    return at < 0 || end < 0 ? "" : letter.substring(at + NAME.length(), end);
  }

  /** Somebody was told that the message is in the mailbox. */
  void taken(String letter, MailUser owner) {
    mails.computeIfPresent(
        nameOf(letter) + " " + owner, (name, mail) -> new Mail(owner, letter, true));
  }

  /** Whether these octets are a message that was sent to that mailbox; a store adds lines above. */
  boolean isWhole(String octets, MailUser owner) {
    Mail sent = mails.get(nameOf(octets) + " " + owner);
    return sent != null && octets.endsWith(sent.letter());
  }

  /** Holds what was promised against what is there. */
  void judgeMail(OperatedSite site) {
    Map<String, AtomicInteger> found = new ConcurrentHashMap<>();
    mails.values().stream()
        .map(Mail::owner)
        .distinct()
        .forEach(
            owner ->
                site.inbox(owner)
                    .forEach(
                        letter ->
                            found
                                .computeIfAbsent(
                                    nameOf(letter) + " " + owner, any -> new AtomicInteger())
                                .incrementAndGet()));
    mails.forEach(
        (name, mail) -> {
          int count = found.getOrDefault(name, new AtomicInteger()).get();
          if (count != (mail.taken() ? 1 : 0)) {
            trouble(name + " is there " + count + " times, was told so: " + (mail.taken() ? 1 : 0));
          }
        });
  }

  /** A client's socket, connected, and under TLS where that is wanted. */
  @SuppressWarnings("AddressSelection") // the loopback address, which has no other
  static Socket connect(int port, boolean tls) {
    try {
      Socket socket = HeldSockets.hold(new Socket());
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) LIMIT.toMillis());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) LIMIT.toMillis());
      if (!tls) {
        return socket;
      }
      SSLSocket secure =
          (SSLSocket) TLS.getSocketFactory().createSocket(socket, "localhost", port, true);
      secure.startHandshake();
      return secure;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "%d logins, %d answers, %d messages, %d goodbyes (%d crossed a command), %d deferred"
        .formatted(
            logins.get(),
            answers.get(),
            mails.values().stream().filter(Mail::taken).count(),
            goodbyes.get(),
            crossed.get(),
            deferred.get());
  }
}
