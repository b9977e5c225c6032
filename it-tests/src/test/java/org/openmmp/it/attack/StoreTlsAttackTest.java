package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** Section 2 of the attacks, from the stores' side: the first store attacks, the second behaves. */
@Tag("slow")
final class StoreTlsAttackTest {
  private static final TestAuthority AUTHORITY = TestAuthority.shared();
  private static final String PATIENT =
      "openmmp.proxy-defaults { connect-timeout = 6s, greeting-timeout = 6s }";
  private static Arena arena;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    Map<TlsPolicy, Integer> groups = new EnumMap<>(TlsPolicy.class);
    for (TlsPolicy policy : TlsPolicy.values()) {
      groups.put(policy, 40);
    }
    arena = new Arena(workplace, groups, 2, PATIENT);
  }

  @AfterAll
  static void stopProxy() {
    arena.close();
  }

  // T2
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        "P1 OK [CAPABILITY IMAP4rev1] in\r\nP2 OK in\r\nP3 OK in\r\n",
        "* OK [ALERT] Visit evil.test\r\n",
        "x",
      })
  void whatIsBehindTheStoresOkToStartTlsEndsTheAttempt(String injected) {
    Arena.Round round = arena.next(TlsPolicy.STARTTLS);
    StoreScript attacker = round.honest().startTlsAnswer("%t OK begin\r\n" + injected);
    assertSecondServes(round, attacker);
    assertEquals(List.of(), attacker.logins());
  }

  // T2
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK list\r\nSASL PLAIN\r\n.\r\n",
        "+OK\r\n+OK\r\n+OK\r\n+OK in\r\n",
        "-ERR [SYS/REFER/evil.test] go there\r\n",
        "\r\n",
        "x",
      })
  void whatIsBehindTheStoresOkToStlsEndsTheAttempt(String injected) {
    Arena.Round round = arena.next(MailProtocol.POP3, TlsPolicy.STARTTLS);
    StoreScript attacker = round.honest().startTlsAnswer("+OK begin\r\n" + injected);
    assertSecondServes(round, attacker);
    assertEquals(List.of(), attacker.logins());
  }

  // T3
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @EnumSource(TlsPolicy.class)
  void preauthIsNobodysMailbox(TlsPolicy policy) {
    for (String greeting :
        List.of("* PREAUTH [CAPABILITY IMAP4rev1] welcome", "* preauth in", "* PREAUTH")) {
      Arena.Round round = arena.next(policy);
      StoreScript attacker = new ImapScript().greeting(greeting);
      assertSecondServes(
          round, policy == TlsPolicy.IMPLICIT ? round.honest().greeting(greeting) : attacker);
    }
  }

  // T3: nobody else is there
  @Test
  void preauthOfTheOnlyStoreIsAnOutage() {
    Arena.Round round = arena.next();
    ScriptedStore store = round.open(0, new ImapScript().greeting("* PREAUTH in"));
    round.assertUnavailable(round.logIn());
    round.assertNoSecretAt(store);
  }

  // T4
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%t NO not now\r\n",
        "%t BAD what\r\n",
        "* BYE no TLS here\r\n",
        "%t OK\r\nnot a handshake, and long enough to be taken for a record of TLS\r\n",
      })
  void aStoreThatRefusesTlsGetsNoCredential(String refusal) {
    Arena.Round round = arena.next(TlsPolicy.STARTTLS);
    assertSecondServes(round, round.honest().startTlsAnswer(refusal));
  }

  // T4
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "* OK ready",
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready",
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN XSTARTTLS STARTTLS2] ready",
      })
  void aStoreThatOffersNoTlsGetsNoCredential(String greeting) {
    for (TlsPolicy policy : List.of(TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT)) {
      assertSecondServes(arena.next(policy), new ImapScript().greeting(greeting));
    }
  }

  // T4
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-ERR not now\r\n",
        "-ERR [SYS/REFER/evil.test] go there\r\n",
        "+OK\r\nnot a handshake, and long enough to be taken for a record of TLS\r\n",
        "+OKAY\r\n",
        "+ \r\n",
        "\r\n",
      })
  void aStoreThatRefusesStlsGetsNoCredential(String refusal) {
    Arena.Round round = arena.next(MailProtocol.POP3, TlsPolicy.STARTTLS);
    assertSecondServes(round, round.honest().startTlsAnswer(refusal));
  }

  // T4
  @Test
  void aPop3StoreWithoutTlsGetsNoCredential() {
    for (TlsPolicy policy : List.of(TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT)) {
      assertSecondServes(arena.next(MailProtocol.POP3, policy), new Pop3Script());
    }
  }

  // T4: opportunistic goes on in the clear where TLS is not offered or refused, as was decided
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void opportunisticTakesWhatThereIs(MailProtocol protocol) {
    String refusal = protocol == MailProtocol.IMAP ? "%t NO not now\r\n" : "-ERR not now\r\n";
    String command = protocol == MailProtocol.IMAP ? "STARTTLS" : "STLS";
    for (String how : List.of("none", "self-signed", "refused")) {
      Arena.Round round = arena.next(protocol, TlsPolicy.OPPORTUNISTIC);
      StoreScript first = StoreScript.of(protocol);
      if (!how.equals("none")) {
        first.secured(TlsPolicy.STARTTLS, TestAuthority.selfSignedHost(round.host(0)).context());
      }
      if (how.equals("refused")) {
        first.startTlsAnswer(refusal);
      }
      ScriptedStore store = round.open(0, first);
      round.logInAt(first);
      assertEquals(!how.equals("none"), store.heard().contains(command), how);
    }
  }

  // T8
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @CsvSource({"IMAP, STARTTLS", "IMAP, IMPLICIT", "POP3, STARTTLS", "POP3, IMPLICIT"})
  void aCertificateThatIsNotTheStoresIsRefused(MailProtocol protocol, TlsPolicy policy) {
    for (int kind = 0; kind < 5; kind++) {
      Arena.Round round = arena.next(protocol, policy);
      String name = round.host(0);
      TestIdentity shown =
          switch (kind) {
            case 0 -> AUTHORITY.host(round.host(1));
            case 1 -> AUTHORITY.expiredHost(name);
            case 2 -> TestAuthority.selfSignedHost(name);
            case 3 -> AUTHORITY.host("*." + name);
            default -> AUTHORITY.host(name + ".evil.test");
          };
      StoreScript impostor = StoreScript.of(protocol).secured(policy, shown.context());
      assertSecondServes(round, impostor);
      assertEquals(List.of(), impostor.logins());
      assertEquals(1, failuresOfTls(name), name);
    }
  }

  private static long failuresOfTls(String host) {
    return arena
        .proxy()
        .page("/metrics")
        .lines()
        .filter(line -> line.startsWith("openmmp_store_attempts_total"))
        .filter(line -> line.contains("\"" + host + "\"") && line.contains("\"tls-failed\""))
        .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ')))))
        .sum();
  }

  private static void assertSecondServes(Arena.Round round, StoreScript attacker) {
    StoreScript behaving = round.honest();
    ScriptedStore first = round.open(0, attacker);
    round.open(1, behaving);
    try (RawClient client = round.client()) {
      round.assertAccepted(round.logIn(client));
      assertFalse(client.heard().contains("evil"), client.heard());
    }
    assertEquals(List.of(round.user()), behaving.users());
    assertEquals(1, first.connections());
    round.assertNoSecretAt(first);
  }
}
