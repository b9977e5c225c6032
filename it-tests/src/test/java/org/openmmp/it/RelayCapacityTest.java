package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Postfix;

/**
 * A queue of a real Postfix, with the twenty connections that it has by default, before a real
 * store with few processes, a group that hangs, and a master that dies. How long each took is
 * printed.
 */
@Tag("real-servers")
final class RelayCapacityTest {
  private static final String FEW = "few.example.com";
  private static final String HUNG = "hung.example.com";
  private static final int ALLOWED = 8;
  private static final int MESSAGES = 200;

  /** So that those for the hung group are more than there are connections. */
  private static final int ONE_IN = 8;

  /** What Postfix has at once to a destination, as delivered. */
  private static final int CONNECTIONS = 20;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final MailUser DORA = MailUser.of("dora");
  private static final MailUser EVE = MailUser.of("eve");
  private static final String HOLD =
      "smtpd_end_of_data_restrictions = check_client_access static:hold\n";

  /** How a master is lost while its queue is under way. */
  private enum Loss {
    KILLED(CARLA, 0, Dovecot::kill, killed -> {}),
    /** What was being handed over waits for its answer, as RFC 5321 wants it. */
    HUNG(EVE, CONNECTIONS, Dovecot::hang, Dovecot::goOn);

    final MailUser recipient;
    final int waiting;
    final Consumer<Dovecot> begins;
    final Consumer<Dovecot> ends;

    Loss(MailUser recipient, int waiting, Consumer<Dovecot> begins, Consumer<Dovecot> ends) {
      this.recipient = recipient;
      this.waiting = waiting;
      this.begins = begins;
      this.ends = ends;
    }

    String words() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(RelayCapacityTest.class, List.of(ALICE, BOB, CARLA, DORA, EVE));
    site.slapd().set(ALICE, "mailHost", "few");
    site.slapd().set(DORA, "mailHost", "hung");
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  // L14, B5.18
  @Test
  void storeWithEightProcessesTakesTheWholeQueue() {
    String limit =
        "service lmtp {\n  process_limit = %d\n  client_limit = 1\n}\n".formatted(ALLOWED);
    try (Dovecot few = startStore(FEW, limit)) {
      double direct = secondsOf("direct", few.at(MailPort.LMTP), number -> ALICE);
      site.withProgram(
          "all",
          "openmmp.proxy.few.storehostlist = \"" + FEW + "\"\n",
          program -> {
            double relayed = secondsOf("relayed", program.lmtp(), number -> ALICE);
            System.out.printf(
                "%d messages, %d processes of the store: directly %.1f s, relayed %.1f s%n",
                MESSAGES, ALLOWED, direct, relayed);
            assertEquals(2 * MESSAGES, site.letters(ALICE));
          },
          "group=few");
    }
  }

  // L13, B5.17
  @Test
  void hungGroupLeavesTheQueueOfTheOthersItsRate() {
    try (Dovecot hung = startStore(HUNG, "")) {
      site.withProgram(
          "all",
          "openmmp.proxy.hung.storehostlist = \"" + HUNG + "\"\n",
          program -> {
            int others = MESSAGES - MESSAGES / ONE_IN;
            double before = secondsOf("alone", program.lmtp(), number -> BOB);
            hung.hang();
            try (Postfix postfix =
                queue("mixed", program.lmtp(), number -> number % ONE_IN == 0 ? DORA : BOB)) {
              double during = seconds(postfix, () -> sent(postfix, BOB) == others);
              System.out.printf(
                  "%d messages for others: %.0f a second alone, %.0f beside a hung group%n",
                  others, MESSAGES / before, others / during);
              hung.goOn();
              seconds(postfix, postfix::hasHandedOverAll);
              assertFalse(postfix.log().contains("status=bounced"), postfix::log);
            } finally {
              hung.goOn();
            }
            assertEquals(MESSAGES + others, site.letters(BOB));
            assertTrue(site.letters(DORA) >= MESSAGES / ONE_IN);
          },
          "hung",
          "is full");
    }
  }

  // B5.7, L4: nothing is lost, nothing is returned
  @ParameterizedTest
  @EnumSource(Loss.class)
  void queueGoesOnSoonAfterItsMasterWasLost(Loss loss) {
    site.withProgram(
        "all",
        "",
        program -> {
          MailUser recipient = loss.recipient;
          try (Postfix postfix = queue(loss.words(), program.lmtp(), number -> recipient)) {
            postfix.release();
            Await.until(postfix::log, LIMIT, () -> sent(postfix, recipient) >= MESSAGES / 4);
            loss.begins.accept(site.huey());
            int waiting = loss.waiting;
            double after = seconds(postfix, () -> sent(postfix, recipient) >= MESSAGES - waiting);
            loss.ends.accept(site.huey());
            seconds(postfix, postfix::hasHandedOverAll);
            int arrived = site.letters(recipient);
            System.out.printf(
                "all but %d messages had left the queue %.1f s after its master was %s; then %d of"
                    + " %d arrived, deferred %d times%n",
                waiting, after, loss.words(), arrived, MESSAGES, count(postfix, "status=deferred"));
            assertFalse(postfix.log().contains("status=bounced"), postfix::log);
            assertTrue(arrived >= MESSAGES, () -> arrived + " arrived");
          } finally {
            site.recover();
          }
        },
        "huey",
        "cluster1");
  }

  private static Dovecot startStore(String name, String more) {
    return site.startStore(
        name, site.addressFor(name), site.authority().issue(name), List.of(), more);
  }

  /** How long a queue of messages takes; all are delivered once, and none returned. */
  private static double secondsOf(
      String name, InetSocketAddress nextHop, Function<Integer, MailUser> recipient) {
    try (Postfix postfix = queue(name, nextHop, recipient)) {
      double seconds = seconds(postfix, postfix::hasHandedOverAll);
      assertFalse(postfix.log().contains("status=bounced"), postfix::log);
      return seconds;
    }
  }

  private static Postfix queue(
      String name, InetSocketAddress nextHop, Function<Integer, MailUser> recipient) {
    Postfix postfix = new Postfix(site.run(), name, nextHop, HOLD);
    try (DeliveryConnection sender = postfix.connect()) {
      for (int number = 1; number <= MESSAGES; number++) {
        sender.deliver(
            "sender@example.org",
            List.of(recipient.apply(number).login()),
            Letter.about("number " + number).octets());
      }
    }
    assertEquals(MESSAGES, postfix.queued());
    return postfix;
  }

  private static double seconds(Postfix postfix, BooleanSupplier done) {
    long begin = System.nanoTime();
    postfix.release();
    Await.until(postfix::log, LIMIT, done);
    return (System.nanoTime() - begin) / 1e9;
  }

  private static int sent(Postfix postfix, MailUser user) {
    return (int)
        postfix
            .log()
            .lines()
            .filter(line -> line.contains("to=<" + user.login() + ">"))
            .filter(line -> line.contains("status=sent"))
            .count();
  }

  private static long count(Postfix postfix, String part) {
    return postfix.log().lines().filter(line -> line.contains(part)).count();
  }
}
