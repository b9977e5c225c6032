package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;

/** The program runs out of descriptors while clients log in, and gets them back. */
@Tag("slow")
final class NoDescriptorTest {
  private static final String PASSWORD = "Secret-of-the-crowd-6Hg";
  private static final int DESCRIPTORS = 300;
  private static final int LOGINS = 20;
  private static final Pattern TOLD =
      Pattern.compile("(?m)^(\\S+) .* own-want want=descriptor times=");
  private static final Duration NEARLY_A_MINUTE = Duration.ofSeconds(59);

  // B2.22, B6.7
  @Test
  void withoutDescriptorsAcceptingPausesAndNoStoreIsBlamed() {
    LogWatch watch = new LogWatch(List.of(PASSWORD));
    watch.expect(" own-want want=descriptor ");
    watch.expect("openmmp.limits|ends soon");
    Place place = Place.of(2);
    try (ProgramApart program =
        new ProgramApart(
            NoDescriptorTest.class,
            "proxy",
            watch,
            List.of("prlimit", "--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS),
            place.group("pair"))) {
      program.user("amy", "example.test", PASSWORD, "pair");
      program.store(place, 0, new ImapScript());
      program.store(place, 1, new ImapScript());
      String login = "a LOGIN amy@example.test " + PASSWORD + "\r\n";
      List<RawClient> early = new ArrayList<>();
      for (int i = 0; i < LOGINS; i++) {
        early.add(program.client(MailProtocol.IMAP));
      }
      RawClient open = program.client(MailProtocol.IMAP).send(login);
      assertTrue(open.answer("a").startsWith("a OK "));
      List<RawClient> crowd = new ArrayList<>();
      for (int i = 0; i < DESCRIPTORS; i++) {
        crowd.add(program.silentClient(MailProtocol.IMAP));
      }
      Await.until(program::log, Duration.ofSeconds(20), () -> TOLD.matcher(program.log()).find());

      for (RawClient client : early) {
        String answer = client.send(login).answer("a");
        assertTrue(answer.startsWith("a NO [UNAVAILABLE]"), answer);
      }
      assertEquals("b OK NOOP", open.command("b", "NOOP"));
      early.forEach(RawClient::close);
      crowd.forEach(RawClient::close);

      Await.until(
          program::log,
          Duration.ofSeconds(20),
          () -> {
            try (RawClient late = program.silentClient(MailProtocol.IMAP)) {
              return late.line() != null && late.send(login).answer("a").startsWith("a OK ");
            }
          });
      assertEquals(
          "working", program.admin(MailProtocol.IMAP).host("pair", place.address(0)).state());
      assertFalse(program.log().contains(" cool-down "), program::log);
      assertEquals(0, program.admin(MailProtocol.IMAP).attempts("pair", place.address(1)));
      assertTrue(program.metric("openmmp_own_wants_total") >= LOGINS, "each is counted");
      assertToldOnceAMinute(program.log());
    }
  }

  private static void assertToldOnceAMinute(String log) {
    OffsetDateTime last = OffsetDateTime.MIN;
    for (MatchResult line : TOLD.matcher(log).results().toList()) {
      OffsetDateTime told = OffsetDateTime.parse(line.group(1));
      assertTrue(last.plus(NEARLY_A_MINUTE).isBefore(told), log);
      last = told;
    }
  }
}
