package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.FatalStore;
import org.openmmp.it.fixture.FatalStore.Point;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.it.fixture.Postfix;
import org.openmmp.it.fixture.ProxyProcess;

/** A full queue of a real MTA, and one master after the other dies while it is delivered. */
@Tag("real-servers")
final class RelayQueueTest {
  private static final int MESSAGES = 2_000;
  private static final int DELIVERIES_OF_A_MASTER = 200;
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");
  private static final Pattern NUMBER = Pattern.compile("Subject: number (\\d+)");

  private final List<FatalStore> fatal = new ArrayList<>();
  private final List<Dovecot> masters = new ArrayList<>();

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(RelayQueueTest.class, List.of(ALICE, BOB));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  // B5.3, B5.4, B5.7, L4
  @Test
  void everyMessageOfTheQueueArrivesAlthoughAMasterDiesAtEachPoint() {
    List<String> hosts = new ArrayList<>();
    for (Point point : Point.values()) {
      String name = "fatal" + (hosts.size() + 1) + ".example.com";
      Dovecot behind = startBehind("behind-" + name);
      masters.add(behind);
      fatal.add(
          new FatalStore(
              site.placeFor(name, MailPort.LMTP), behind, point, DELIVERIES_OF_A_MASTER));
      hosts.add(name);
    }
    hosts.add(MailSite.HUEY);
    try {
      site.withProgram(
          "all",
          "openmmp.proxy-defaults.tls = off\n" + MailSite.hosts(hosts.toArray(new String[0])),
          this::deliverAll,
          "fatal",
          MailSite.GROUP);
    } finally {
      fatal.forEach(FatalStore::close);
      masters.forEach(Dovecot::close);
    }
  }

  private void deliverAll(ProxyProcess program) {
    try (Postfix postfix =
        new Postfix(
            site.run(),
            "postfix",
            program.lmtp(),
            "smtpd_end_of_data_restrictions = check_client_access static:hold\n")) {
      try (DeliveryConnection sender = postfix.connect()) {
        for (int number = 1; number <= MESSAGES; number++) {
          sender.deliver(
              "sender@example.org",
              List.of(ALICE.login(), BOB.login()),
              Letter.about("number " + number).octets());
        }
      }
      assertEquals(MESSAGES, postfix.queued());
      postfix.release();
      Await.until(
          () -> postfix.queued() + " messages are left\n" + program.log(),
          Duration.ofMinutes(4),
          postfix::hasHandedOverAll);
      fatal.forEach(store -> assertTrue(store.isDead()));
      assertFalse(postfix.log().contains("status=bounced"), postfix::log);
      assertArrived(program, ambiguous(postfix));
    }
  }

  /** How often nobody could know whether the store had a message for a recipient. */
  private static long ambiguous(Postfix postfix) {
    return postfix.log().lines().filter(line -> line.contains("dsn=4.4.2")).count();
  }

  private static void assertArrived(ProxyProcess program, long ambiguous) {
    Set<Integer> all = new HashSet<>(IntStream.rangeClosed(1, MESSAGES).boxed().toList());
    int copies = 0;
    for (MailUser user : List.of(ALICE, BOB)) {
      List<Integer> numbers = numbersByImap(program, user);
      assertEquals(all, new HashSet<>(numbers));
      assertEquals(numbers.size(), countByPop3(program, user));
      copies += numbers.size() - MESSAGES;
    }
    assertTrue(ambiguous > 0, "no connection was lost after the end of data");
    assertTrue(copies <= ambiguous, copies + " copies, " + ambiguous + " lost connections");
  }

  private static List<Integer> numbersByImap(ProxyProcess program, MailUser user) {
    try (ImapConnection connection = new ImapConnection(program.imap(Security.TLS))) {
      assertTrue(connection.login(user).isOk());
      connection.openInbox();
      String subjects =
          String.join(
              "\n", connection.command("FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]").untagged());
      List<Integer> numbers =
          new ArrayList<>(
              NUMBER
                  .matcher(subjects)
                  .results()
                  .map(found -> Integer.valueOf(found.group(1)))
                  .toList());
      Collections.sort(numbers);
      return numbers;
    }
  }

  private static int countByPop3(ProxyProcess program, MailUser user) {
    try (Pop3Connection connection =
        new Pop3Connection(program.at(MailProtocol.POP3, Security.TLS))) {
      String answer = connection.answerToLogin(user);
      assertTrue(answer.startsWith("+OK"), answer);
      return connection.listing("LIST").size();
    }
  }

  private static Dovecot startBehind(String name) {
    return site.startStore(name, site.addressFor(name), site.authority().issue(name), List.of());
  }
}
