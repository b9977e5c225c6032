package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamedMastersTest {
  private static final long BEGIN = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30);

  /** Each word is {@code SECOND:HOST>MASTER}, or {@code SECOND:HOST} that serves. */
  @ParameterizedTest // B2.37
  @CsvSource({
    "0:a>c 1:b>d 2:a>c, a c b d",
    "0:a>c 1:b>d 2:b>d, ''",
    "0:a>c 1:b>d 2:b>d 3:a>c, a c b d",
    "0:a>c 1:b>d 50:a>c, a c b d",
    "0:a>c 1:b>d 61:a>c, ''",
    "0:a>c 1:b>c 2:a>c 3:b>c, ''",
    "0:a>c 1:b>d 2:a>d 3:b>d 4:a>d, ''",
    "0:a>c 1:b>d 2:a>d 3:a>c, ''",
    "0:a>c 1:b>d 2:c>d 3:a>c 4:b>d 5:a>c, ''",
    "0:a>c 1:b>d 2:d>c 3:a>c, ''",
    "0:a>b 1:b>a 2:a>b 3:b>a, ''",
    "0:a>c 1:b>d 2:b 3:a>c, ''",
    "0:a>c 1:c 2:b>d 3:d 4:a>c, a c b d",
    "0:a>c, ''",
    "0:a>c 1:a>d 2:a>c 3:a>d, ''"
  })
  void hostsContradictEachOther(String words, String found) {
    NamedMasters named = new NamedMasters();
    StringBuilder told = new StringBuilder();
    for (String word : words.split(" ", -1)) {
      NamedMasters.@Nullable Contradiction contradiction = hear(named, word);
      if (contradiction != null) {
        told.append(contradiction.by())
            .append(' ')
            .append(contradiction.master())
            .append(' ')
            .append(contradiction.otherBy())
            .append(' ')
            .append(contradiction.otherMaster());
      }
    }
    assertEquals(found, told.toString());
  }

  private static NamedMasters.@Nullable Contradiction hear(NamedMasters named, String word) {
    String[] parts = word.split("[:>]", -1);
    long now = BEGIN + TimeUnit.SECONDS.toNanos(Long.parseLong(parts[0]));
    if (parts.length == 2) {
      named.serves(new StoreHost(parts[1]));
      return null;
    }
    return named.named(new StoreHost(parts[1]), new StoreHost(parts[2]), now);
  }

  @Test // B2.23, B2.37
  void lastGoodMasterIsKeptWhileReplicasNameDifferentOnes() {
    Walks walks = new Walks();
    walks.group = Walks.group("split", "a", "b", "c", "d");
    loginBehind(walks, "a", "c");
    assertEquals(new StoreHost("c"), walks.affinity());
    loginBehind(walks, "b", "d");
    assertEquals(0, walks.news.count("masters differ"));
    loginBehind(walks, "a", "c");
    assertEquals(1, walks.news.count("masters differ: a c, b d"), walks.news.lines::toString);
    loginBehind(walks, "b", "d");
    assertEquals(1, walks.news.count("masters differ"), "once a minute");
    assertEquals(new StoreHost("c"), walks.affinity());
    assertEquals(List.of(new StoreHost("c")), walks.login(AttemptOutcome.ACCEPTED));
  }

  /** A login that comes to one host first, which refers it to another, which lets it in. */
  private static void loginBehind(Walks walks, String first, String master) {
    walks.pass(1_000);
    walks.impatientWalk().abandon(walks.clock.now());
    AttemptWalk walk =
        walks.selector.walkFrom(
            walks.group,
            walks.service,
            walks.kind,
            walks.caller,
            new StoreHost(first),
            false,
            walks.clock.in(Walks.DEADLINE),
            walks.clock.now());
    assertEquals(new StoreHost(first), walks.next(walk).target());
    walks.refer(walk, new StoreHost(master));
    assertEquals(new StoreHost(master), walks.next(walk).target());
    walks.report(walk, AttemptOutcome.ACCEPTED);
  }

  @ParameterizedTest // B2.37
  @CsvSource({"59, false", "61, true"})
  void contradictionThatLastsIsToldOnceAMinute(int second, boolean again) {
    NamedMasters named = new NamedMasters();
    hear(named, "0:a>c");
    hear(named, "0:b>d");
    assertNotNull(hear(named, "0:a>c"));
    for (int passed = 1; passed < second; passed++) {
      assertNull(passed < 60 ? hear(named, passed + ":a>c") : null);
      assertNull(passed < 60 ? hear(named, passed + ":b>d") : null);
    }
    assertEquals(again, hear(named, second + ":a>c") != null);
  }
}
