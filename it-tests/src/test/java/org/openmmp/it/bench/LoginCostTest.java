package org.openmmp.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
  private static final int PIECES = 300;
  private static final String LISTENERS =
      """
      imap { listen = ["127.0.0.1:0"], clear-text-passwords = loopback }
      pop3 { listen = ["127.0.0.1:0"], clear-text-passwords = loopback }
      """;

  /** Something that a client does, and the most that it may cost. */
  private enum Piece {
    IMAP_LOGIN(MailDialect.IMAP, true, 33, 25_600),
    POP3_LOGIN(MailDialect.POP3, true, 37, 25_300),
    IMAP_NOOP(MailDialect.IMAP, false, 4.5, 1_000),
    POP3_NOOP(MailDialect.POP3, false, 4.5, 1_000);

    private final MailDialect dialect;
    private final boolean login;

    private final double mostCalls;
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
        program
            .above(
                piece.mostCalls,
                piece.mostOctets,
                piece.name().toLowerCase(Locale.ROOT),
                PIECES,
                times -> piece.repeat(times, proxy))
            .ifPresent(tooMuch::add);
      }
    }
    assertEquals(List.of(), tooMuch);
  }
}
