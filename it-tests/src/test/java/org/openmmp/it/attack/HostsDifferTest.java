package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.storesim.LoopbackAddresses;

/**
 * A group's third host greets in other words, offers other capabilities, shows another authority's
 * certificate, and has another clock; the second differs as hosts may (rule B2.39).
 */
@Tag("slow")
final class HostsDifferTest {
  private static final String PASSWORD = "Secret-of-the-probe-9Kd";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<String> KINDS =
      List.of("greeting", "capabilities", "certificate", "clock");

  private final List<String> hosts = LoopbackAddresses.next(3);
  private final int imap = LoopbackAddresses.freePort(hosts);
  private final int pop3 = LoopbackAddresses.freePort(hosts);
  private final int lmtp = LoopbackAddresses.freePort(hosts);
  private final AtomicBoolean unlike = new AtomicBoolean(true);
  private final AtomicInteger connections = new AtomicInteger();

  private String group(String name, String compare) {
    return """
    openmmp.proxy.%s {
      storehostlist = "%s", imapport = %d, popport = %d, lmtpport = %d
      imap.tls = opportunistic
      probe { kind = login, interval = 1s, user = probe, password = %s%s }
    }
    """
        .formatted(name, String.join(" ", hosts), imap, pop3, lmtp, PASSWORD, compare);
  }

  // B2.39, B2.38
  @Test
  void hostThatIsUnlikeTheOthersIsAWarningOnceAndItsEndIsTold() {
    LogWatch watch = new LogWatch(List.of(PASSWORD));
    watch.expect(" hosts-differ group=trio ");
    watch.expect("openmmp.limits|ends soon");
    List<ScriptedStore> stores =
        Stream.iterate(0, i -> i < hosts.size(), i -> i + 1).flatMap(this::stores).toList();
    try (ProgramApart program =
        new ProgramApart(
            HostsDifferTest.class,
            "all",
            watch,
            List.of(),
            "openmmp.lmtp { listen = [\"127.0.0.1:0\"], trusted-clients = [\"127.0.0.1\"] }",
            group("trio", ""),
            group("quiet", ", compare = []"))) {
      KINDS.forEach(kind -> await(program, "hosts-differ", kind));
      assertEquals(KINDS.size(), (int) program.metric("openmmp_group_hosts_differ"));
      String status = program.admin(MailProtocol.IMAP).page("/api/v1/groups?format=text");
      assertFalse(status.contains(" unknown "), () -> "what greets is known: " + status);
      String third = hosts.get(2);
      for (String told :
          List.of(
              "HOSTS DIFFER in greeting: " + third + " greets with * Other ready. instead of",
              "HOSTS DIFFER in capabilities: " + third + " lacks UIDL",
              "HOSTS DIFFER in certificate: " + third + " shows issuer itself instead of issuer",
              "HOSTS DIFFER in clock: the clock of " + third + " is about 7")) {
        assertTrue(status.contains(told), () -> told + "\n" + status);
      }
      assertTrue(
          program
              .admin(MailProtocol.IMAP)
              .page("/api/v1/groups")
              .contains("\"differences\":{\"clock\":"),
          status);
      unlike.set(false);
      KINDS.forEach(kind -> await(program, "hosts-agree", kind));
      assertEquals(0, (int) program.metric("openmmp_group_hosts_differ"));
      String log = program.log();
      for (String event : List.of("hosts-differ", "hosts-agree")) {
        assertEquals(
            KINDS.size(),
            log.lines().filter(line -> line.contains(event + " group=trio ")).count(),
            log);
      }
      assertFalse(log.contains(" group=quiet kind="), log);
      assertFalse(log.contains(" cool-down "), log);
    } finally {
      stores.forEach(ScriptedStore::close);
    }
  }

  private static void await(ProgramApart program, String event, String kind) {
    String line = event + " group=trio kind=" + kind;
    Await.until(() -> line + "\n" + program.log(), PATIENCE, () -> program.log().contains(line));
  }

  /** Those of one host, which names itself, its processes and the time in what it says. */
  private Stream<ScriptedStore> stores(int index) {
    String host = hosts.get(index);
    TestIdentity own = TestAuthority.shared().host("store-" + index + ".test");
    TestIdentity other = TestAuthority.selfSignedHost("store-" + index + ".test");
    return Stream.of(
        new ScriptedStore(
            host,
            imap,
            peer ->
                new ImapScript()
                    .secured(TlsPolicy.STARTTLS, (isUnlike(index) ? other : own).context())
                    .greeting(
                        "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] store-"
                            + index
                            + ".test "
                            + (isUnlike(index) ? "Other" : "Usual")
                            + " ready.")
                    .play(peer)),
        new ScriptedStore(
            host,
            pop3,
            peer ->
                new Pop3Script()
                    .capabilities(
                        isUnlike(index) ? Pop3Script.SASL.replace("UIDL\r\n", "") : Pop3Script.SASL)
                    .greeting(
                        "+OK ready <%d.%d@store-%d.test>"
                            .formatted(
                                connections.incrementAndGet(),
                                Instant.now().getEpochSecond(),
                                index))
                    .play(peer)),
        new ScriptedStore(
            host,
            lmtp,
            peer ->
                new DeliveryScript()
                    .saying(
                        DeliveryScript.Point.GREETING,
                        "220 store-%d LMTP (%d) %s"
                            .formatted(
                                index,
                                connections.incrementAndGet(),
                                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                    Instant.now()
                                        .plusSeconds(isUnlike(index) ? 75 : 0)
                                        .atOffset(ZoneOffset.UTC))))
                    .play(peer)));
  }

  private boolean isUnlike(int index) {
    return index == 2 && unlike.get();
  }
}
