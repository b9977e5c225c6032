package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What one login with its logout, and one NOOP behind a login, ask of the system and of the heap,
 * however fast the machine is: calls, which strace counts, and octets, which the virtual machine
 * counts. Each ceiling is what was reached and a little more, and may only fall; what was found is
 * printed.
 *
 * <p>Only C1 compiles, for what C2 keeps from the heap depends on what it has seen before.
 */
@Tag("real-servers")
final class LoginCostTest {
  private static final int WARMING = 300;
  private static final int COUNTED = 200;
  private static final String LISTENERS =
      """
      imap { listen = ["127.0.0.1:0"], clear-text-passwords = loopback }
      pop3 { listen = ["127.0.0.1:0"], clear-text-passwords = loopback }
      """;

  /** Something that a client does, and the most that it may cost. */
  private enum Piece {
    IMAP_LOGIN(MailDialect.IMAP, true, 33, 50_000),
    POP3_LOGIN(MailDialect.POP3, true, 37, 50_000),
    IMAP_NOOP(MailDialect.IMAP, false, 4.5, 1_000),
    POP3_NOOP(MailDialect.POP3, false, 4.5, 1_000);

    private final MailDialect dialect;
    private final boolean login;

    /**
     * Of the event loops, but for those that wait, or wake the log's thread: how often that happens
     * depends on how fast all is.
     */
    private final double mostCalls;

    /** Of all threads. */
    private final long mostOctets;

    Piece(MailDialect dialect, boolean login, double mostCalls, long mostOctets) {
      this.dialect = dialect;
      this.login = login;
      this.mostCalls = mostCalls;
      this.mostOctets = mostOctets;
    }

    /** Does so much of it, one piece after the other. */
    private void repeat(int times, FrontEndUnderTest proxy) throws IOException {
      Door door = proxy.door(dialect.name().toLowerCase(Locale.ROOT));
      if (login) {
        for (int i = 0; i < times; i++) {
          try (Connection client = door.open()) {
            dialect.logIn(client);
            dialect.leave(client);
          }
        }
      } else {
        try (Connection client = door.open()) {
          dialect.logIn(client);
          for (int i = 0; i < times; i++) {
            dialect.idle(client);
          }
        }
      }
    }
  }

  @Test
  void aLoginAndANoopCostNoMoreThanBefore() throws Exception {
    List<String> tooMuch = new ArrayList<>();
    try (FrontEnds frontEnds = new FrontEnds(1);
        FrontEndUnderTest proxy =
            frontEnds.openMmp(
                "openmmp",
                "proxy",
                LISTENERS,
                System.getProperty("java.home"),
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1")) {
      CountedProgram program =
          new CountedProgram(proxy.process().pid(), frontEnds.folder("counted"));
      for (Piece piece : Piece.values()) {
        piece.repeat(WARMING, proxy);
        Map<String, Map<String, Integer>> calls = program.calls(() -> piece.repeat(COUNTED, proxy));
        Map<String, Long> octets = program.octets(() -> piece.repeat(COUNTED, proxy));
        double ofLoops = callsOfLoops(calls) / (double) COUNTED;
        long taken = octets.values().stream().mapToLong(Long::longValue).sum() / COUNTED;
        String found =
            "%s: %.2f calls, %d octets of heap"
                .formatted(piece.name().toLowerCase(Locale.ROOT), ofLoops, taken);
        System.out.println("COST " + found);
        calls.forEach((thread, by) -> System.out.println("  " + thread + " " + each(by)));
        octets.replaceAll((thread, all) -> all / COUNTED);
        System.out.println("  octets by thread " + octets);
        if (ofLoops > piece.mostCalls || taken > piece.mostOctets) {
          tooMuch.add(
              found + ", of " + piece.mostCalls + " and " + piece.mostOctets + ": " + calls);
        }
      }
    }
    assertEquals(List.of(), tooMuch);
  }

  private static int callsOfLoops(Map<String, Map<String, Integer>> calls) {
    return calls.getOrDefault("loop", Map.of()).entrySet().stream()
        .filter(call -> !call.getKey().matches("epoll_p?wait2?|futex|gettid"))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private static String each(Map<String, Integer> calls) {
    StringBuilder text = new StringBuilder();
    calls.forEach(
        (name, number) -> text.append(" %s %.2f".formatted(name, number / (double) COUNTED)));
    return text.toString();
  }
}
