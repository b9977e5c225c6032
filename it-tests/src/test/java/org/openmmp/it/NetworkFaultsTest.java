package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.ProxyProcess;

/**
 * A sample of row B1 with real stores, each behind a link of its own: who serves when packets are
 * dropped or late, and when a store hangs, dies or vanishes in mid-session. Every case has a group
 * of its own over the same three hosts, so that none learns from another.
 */
@Tag("real-servers")
@Tag("slow")
final class NetworkFaultsTest {
  private static final int HOSTS = 3;
  private static final Duration LOGIN_DEADLINE = Duration.ofSeconds(8);
  private static final List<NetworkNamespace> machines = new ArrayList<>();
  private static final List<Dovecot> stores = new ArrayList<>();

  private static MailSite site;
  private static LogWatch watch;
  private static ProxyProcess program;

  /** What happens to a host. */
  private enum Fault {
    DROPS_EVERYTHING,
    IS_SLOW,
    HANGS,
    IS_DEAD,
    VANISHES_IN_MID_SESSION;

    void begin(int host) {
      switch (this) {
        case DROPS_EVERYTHING, VANISHES_IN_MID_SESSION -> machines.get(host).vanish();
        case IS_SLOW -> machines.get(host).slowDown();
        case HANGS -> stores.get(host).hang();
        case IS_DEAD -> stores.get(host).kill();
      }
    }

    void end(int host) {
      switch (this) {
        case DROPS_EVERYTHING, VANISHES_IN_MID_SESSION -> machines.get(host).reappear();
        case IS_SLOW -> machines.get(host).speedUp();
        case HANGS -> stores.get(host).goOn();
        case IS_DEAD -> stores.get(host).restart();
      }
    }
  }

  /**
   * One case.
   *
   * @param protocol null: LMTP
   * @param broken the hosts that have the fault
   */
  record Case(int number, Fault fault, List<Integer> broken, @Nullable MailProtocol protocol) {
    String group() {
      return "case" + number;
    }

    MailUser user() {
      return MailUser.of("user" + number);
    }

    /** The host that has to serve; -1: none. Slow is not down (rule B2.6). */
    int serving() {
      return fault == Fault.IS_SLOW || !broken.contains(0)
          ? 0
          : broken.size() == HOSTS ? -1 : broken.contains(1) ? 2 : 1;
    }
  }

  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      for (List<Integer> broken : List.of(List.of(0), List.of(1), List.of(0, 1, 2))) {
        if (fault == Fault.VANISHES_IN_MID_SESSION && broken.size() == HOSTS) {
          continue;
        }
        for (MailProtocol protocol : MailProtocol.values()) {
          all.add(new Case(all.size(), fault, broken, protocol));
        }
        all.add(new Case(all.size(), fault, broken, null));
      }
    }
    return all;
  }

  @BeforeAll
  static void start() {
    List<MailUser> users = cases().stream().map(Case::user).toList();
    site = new MailSite(NetworkFaultsTest.class, List.of());
    StringBuilder groups = new StringBuilder();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < HOSTS; i++) {
      NetworkNamespace machine = new NetworkNamespace();
      String name = "far" + i + ".example.com";
      Dovecot store =
          site.startStore(
              name, machine.address(), site.authority().issue(name), machine.launcher());
      store.serves(users);
      machines.add(machine);
      stores.add(store);
      names.add(name);
    }
    for (Case each : cases()) {
      site.slapd().addUser(each.user(), each.group());
      groups.append(
          "openmmp.proxy.%s.storehostlist = \"%s\"\n"
              .formatted(each.group(), String.join(" ", names)));
    }
    watch = site.watch();
    watch.expect("case\\d+|far\\d|network");
    program =
        site.startProgram(
            "all",
            watch,
            groups
                + """
                openmmp {
                  proxy-defaults { connect-timeout = 700ms, greeting-timeout = 2500ms, wait-for-store = 500ms }
                  login.deadline = 8s
                  lmtp { timeouts.search = 8s }
                }
                """);
  }

  @AfterAll
  static void stop() {
    program.close();
    stores.forEach(Dovecot::close);
    machines.forEach(NetworkNamespace::close);
    site.close();
  }

  // B1
  @ParameterizedTest
  @MethodSource("cases")
  void hostThatCanServesAndNobodyHearsThatTheirPasswordIsWrong(Case one) {
    MailConnection before =
        one.fault() == Fault.VANISHES_IN_MID_SESSION && one.protocol() != null
            ? loggedIn(one, one.protocol())
            : null;
    one.broken().forEach(one.fault()::begin);
    try {
      long begun = System.nanoTime();
      String answer = one.protocol() == null ? delivered(one) : logIn(one, one.protocol());
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      String service = one.protocol() == null ? "lmtp" : one.protocol().service();
      assertTrue(took.compareTo(LOGIN_DEADLINE.plusSeconds(10)) < 0, took::toString);
      String unavailable = one.protocol() == null ? "451 4." : one.protocol().unavailable();
      String accepted = one.protocol() == null ? "250 " : one.protocol().accepted();
      assertTrue(answer.startsWith(one.serving() < 0 ? unavailable : accepted), answer);
      if (one.serving() >= 0) {
        assertEquals(
            stores.get(one.serving()).settings().name(),
            program.admin(service).master(one.group()),
            program.log().lines().filter(line -> line.contains(one.group())).toList()::toString);
      }
    } finally {
      one.broken().forEach(one.fault()::end);
      if (before != null) {
        before.close();
      }
    }
  }

  private static MailConnection loggedIn(Case one, MailProtocol protocol) {
    MailConnection connection = protocol.connect(program.at(protocol, Security.PLAIN));
    String answer = connection.answerToLogin(one.user());
    assertTrue(answer.startsWith(protocol.accepted()), answer);
    return connection;
  }

  private static String logIn(Case one, MailProtocol protocol) {
    try (MailConnection connection = protocol.connect(program.at(protocol, Security.PLAIN))) {
      return connection.answerToLogin(one.user());
    }
  }

  /** In mid-session here means: the recipient was accepted, the message comes behind it. */
  private static String delivered(Case one) {
    try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", program.lmtp().getPort())) {
      mta.command("MAIL FROM:<mta@example.org>");
      String reply = mta.command("RCPT TO:<" + one.user().login() + ">");
      if (!reply.startsWith("250")) {
        return reply;
      }
      assertTrue(mta.command("DATA").startsWith("354"), "DATA");
      mta.send("Subject: one\r\n\r\none\r\n.\r\n");
      return mta.reply();
    }
  }
}
