package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.Exim;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/**
 * A real MTA that says BDAT LAST, the message, QUIT and the end of its sending in one breath, and
 * reads the replies afterwards.
 */
@Tag("real-servers")
final class EximChunkingTest {
  private static final int SMALL = 40;
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");
  private static final Pattern SUBJECT = Pattern.compile("Subject: (number \\d+)");
  private static final Pattern SIZE = Pattern.compile("RFC822\\.SIZE (\\d+)");

  /** Of the large letters, in octets: below, at and above what fits into buffers and memory. */
  private static final List<Integer> LARGE =
      List.of(200_000, 262_144, 400_000, 700_000, 1_048_576, 1_500_000, 2_000_000);

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(EximChunkingTest.class, List.of(ALICE, BOB));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  // B5.13
  @Test
  void eachMessageOfAnEximThatQuitsBehindItArrivesOnceAndIsNeverDeferred() {
    // a busy machine's store lets the connections of an Exim wait
    site.withProgram("all", "", EximChunkingTest::deliverAll, "is full");
  }

  private static void deliverAll(ProxyProcess program) {
    List<Letter> letters = letters();
    try (Exim exim = new Exim(site.run(), "exim", program.lmtp())) {
      for (Letter letter : letters) {
        try (DeliveryConnection sender = exim.connect()) {
          sender.deliver("sender@example.org", List.of(ALICE.login()), letter.octets());
          sender.deliver(
              "sender@example.org", List.of(ALICE.login(), BOB.login()), letter.octets());
        }
      }
      Await.until(
          () -> exim.log() + program.log(), Duration.ofMinutes(1), () -> exim.queued() == 0);
      assertNoneDeferred(exim.log(), 3 * letters.size());
      List<String> subjects =
          IntStream.range(0, letters.size()).mapToObj(number -> "number " + number).toList();
      assertEquals(twice(subjects), found(program, ALICE, SUBJECT));
      assertEquals(subjects.stream().sorted().toList(), found(program, BOB, SUBJECT));
      List<String> sizes = found(program, BOB, SIZE);
      LARGE.forEach(
          least ->
              assertTrue(
                  sizes.stream().anyMatch(size -> Integer.parseInt(size) >= least),
                  sizes::toString));
    }
  }

  private static void assertNoneDeferred(String log, int deliveries) {
    // Exim's flags: => and -> delivered, == deferred, ** failed; C= is the server's word, K is
    // CHUNKING.
    assertFalse(log.contains(" == ") || log.contains(" ** "), log);
    List<String> delivered =
        log.lines().filter(line -> line.contains(" => ") || line.contains(" -> ")).toList();
    assertEquals(deliveries, delivered.size(), log);
    delivered.forEach(line -> assertTrue(line.contains(" K "), line));
  }

  private static List<Letter> letters() {
    return IntStream.range(0, SMALL + LARGE.size())
        .mapToObj(
            number -> {
              String text = Letter.about("number " + number).text();
              String line = "0123456789abcdef".repeat(4) + "\r\n";
              int more = number < SMALL ? 0 : LARGE.get(number - SMALL);
              return new Letter(text + line.repeat(more / line.length() + 1));
            })
        .toList();
  }

  private static List<String> twice(List<String> subjects) {
    return subjects.stream()
        .flatMap(subject -> List.of(subject, subject).stream())
        .sorted()
        .toList();
  }

  /** What a pattern's group is in the headers and sizes of a user's messages, sorted. */
  private static List<String> found(ProxyProcess program, MailUser user, Pattern pattern) {
    try (ImapConnection connection = new ImapConnection(program.imap(Security.TLS))) {
      assertTrue(connection.login(user).isOk());
      connection.openInbox();
      String all =
          String.join(
              "\n",
              connection
                  .command("FETCH 1:* (RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
                  .untagged());
      return pattern
          .matcher(all)
          .results()
          .map((MatchResult one) -> one.group(1))
          .sorted()
          .toList();
    }
  }
}
