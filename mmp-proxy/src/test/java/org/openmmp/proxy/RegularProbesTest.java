package org.openmmp.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.program.SharedRooms;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.GroupSnapshot;

/** Stores that are asked although nobody waits for one. */
class RegularProbesTest {
  private static final int PATIENCE_SECONDS = 20;

  @TempDir private Path directory;

  @Test // B2.38
  void storeIsAskedForItsGreetingAgainAndAgainAndHearsNoName() throws Exception {
    try (OneStoreSite site =
        new OneStoreSite(directory, "openmmp.proxy.one.probe { kind = greeting, interval = 1s }")) {
      List<String> heard = commandsUntil(site, "LOGOUT", 3);
      assertTrue(
          heard.stream().allMatch(each -> each.contains("CAPABILITY") || each.contains("LOGOUT")),
          heard::toString);
      awaitOutcome(site, AttemptOutcome.GREETED);
    }
  }

  @ParameterizedTest // B2.38: a refused account is no verdict on the host
  @CsvSource({"secret, bob", "wrong, bob"})
  void storeIsAskedThroughALogin(String password, String user) throws Exception {
    String settings =
        "openmmp.proxy.one.probe { kind = login, interval = 1s, user = %s, password = %s }"
            .formatted(user, password);
    try (OneStoreSite site = new OneStoreSite(directory, settings)) {
      List<String> heard = commandsUntil(site, "LOGOUT", 2);
      assertTrue(
          heard.stream().anyMatch(each -> each.contains("LOGIN") || each.contains("AUTHENTICATE")),
          heard::toString);
      awaitOutcome(site, AttemptOutcome.GREETED);
      assertEquals(GroupSnapshot.HostState.WORKING, site.host().state());
    }
  }

  @Test // B2.38: no login has to find out
  void storeThatFailsIsKnownBeforeALoginMeetsIt() throws Exception {
    try (OneStoreSite site =
        new OneStoreSite(directory, "openmmp.proxy.one.probe { kind = greeting, interval = 1s }")) {
      commandsUntil(site, "LOGOUT", 1);
      site.closeStore();
      awaitOutcome(site, AttemptOutcome.CONNECTION_REFUSED);
      assertTrue(site.host().failures() > 0);
    }
  }

  @Test // B2.38
  void nobodyIsAskedUnlessTheGroupWantsIt() throws Exception {
    try (OneStoreSite site = new OneStoreSite(directory, "openmmp.proxy.one.probe.interval = 1s")) {
      assertEquals(null, site.commands.poll(3, TimeUnit.SECONDS));
      assertFalse(site.host().attemptsStarted() > 0);
    }
  }

  @Test // B2.38: a busy machine opens its servers when the first look at what is due is over
  void storeIsAskedWhereTheServerOpensLate() throws Exception {
    try (OneStoreSite site =
        new OneStoreSite(
            directory,
            "openmmp.proxy.one.probe { kind = greeting, interval = 1s }",
            RegularProbesTest::awaitFirstLook)) {
      commandsUntil(site, "LOGOUT", 1);
    }
  }

  /** What was scheduled after as long on each loop comes behind the look. */
  private static void awaitFirstLook(SharedRooms rooms) {
    rooms
        .transports()
        .loops()
        .forEach(loop -> loop.schedule(() -> {}, 1, TimeUnit.SECONDS).syncUninterruptibly());
  }

  private static List<String> commandsUntil(OneStoreSite site, String word, int times)
      throws InterruptedException {
    List<String> heard = new ArrayList<>();
    int found = 0;
    while (found < times) {
      String command = site.commands.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(command, () -> "only " + heard);
      heard.add(command);
      found += command.contains(word) ? 1 : 0;
    }
    return heard;
  }

  private static void awaitOutcome(OneStoreSite site, AttemptOutcome outcome)
      throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (site.host().lastOutcome() != outcome) {
      assertTrue(System.nanoTime() - until < 0, () -> site.host().toString());
      site.commands.poll(50, TimeUnit.MILLISECONDS);
    }
  }
}
