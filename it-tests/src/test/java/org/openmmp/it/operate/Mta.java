package org.openmmp.it.operate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;

/** An MTA that hands on one message after the other, and again those that were deferred. */
final class Mta implements Runnable {
  private static final MailUser ITSELF = MailUser.of("mta");

  private final Load load;
  private final int port;
  private final List<MailUser> owners;
  private final int number;
  private @Nullable DeliveryConnection connection;
  private long begun;

  Mta(Load load, int port, List<MailUser> owners, int number) {
    this.load = load;
    this.port = port;
    this.owners = owners;
    this.number = number;
  }

  @Override
  public void run() {
    try {
      for (int i = number; !load.isOver(); i += 7) {
        List<MailUser> to = new ArrayList<>();
        for (int j = 0; j <= i % 3; j++) {
          to.add(owners.get((i + j * 101) % owners.size()));
        }
        List<MailUser> left = to.stream().distinct().toList();
        String letter = load.newMail(500 + i % 40_000, left);
        while (!left.isEmpty()) {
          left = hand(letter, left);
        }
        load.rest(100);
      }
      if (connection != null) {
        connection.command("QUIT");
      }
    } catch (RuntimeException | AssertionError cut) {
      load.trouble("an MTA: " + cut);
    } finally {
      if (connection != null) {
        connection.close();
      }
    }
  }

  /** Hands it on; returns for whom it has to be done again. */
  private List<MailUser> hand(String letter, List<MailUser> to) {
    DeliveryConnection open = connection;
    if (open == null) {
      begun = System.nanoTime();
      open = DeliveryConnection.lmtp("127.0.0.1", port);
      connection = open;
    }
    String begin = open.command("MAIL FROM:<mta@example.org>");
    if (begin.startsWith("421 ")) {
      open.close();
      connection = null;
      load.goodbye(ITSELF, begun);
      return to;
    }
    expect("250", begin);
    List<MailUser> again = new ArrayList<>();
    List<MailUser> accepted = new ArrayList<>();
    for (MailUser each : to) {
      String answer = open.command("RCPT TO:<" + each.login() + ">");
      (isDone(answer) ? accepted : again).add(each);
    }
    if (accepted.isEmpty()) {
      expect("250", open.command("RSET"));
      return again;
    }
    List<String> replies = open.data(letter.getBytes(StandardCharsets.ISO_8859_1), accepted.size());
    for (int i = 0; i < replies.size(); i++) {
      if (isDone(replies.get(i))) {
        load.taken(letter, accepted.get(i));
      } else {
        again.add(accepted.get(i));
      }
    }
    return again;
  }

  /** A message that is deferred is no failure, but words of a shutdown within it are. */
  private boolean isDone(String answer) {
    if (!answer.startsWith("250")) {
      expect("45", answer);
      load.deferred.incrementAndGet();
      load.rest(200);
    }
    return answer.startsWith("250");
  }

  private static void expect(String code, String reply) {
    if (!reply.startsWith(code)) {
      throw new AssertionError(reply);
    }
  }
}
