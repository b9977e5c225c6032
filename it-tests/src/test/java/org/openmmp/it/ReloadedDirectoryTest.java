package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.Slapd;

/** An LDAP server that is emptied and loaded again while people log in and mail comes. */
@Tag("real-servers")
final class ReloadedDirectoryTest {
  private static final List<MailUser> USERS =
      IntStream.range(0, 6).mapToObj(number -> MailUser.of("user" + number)).toList();

  private MailSite site;

  @BeforeEach
  void start() {
    site = new MailSite(ReloadedDirectoryTest.class, USERS);
  }

  @AfterEach
  void stop() {
    site.close();
  }

  // B1.11
  @ParameterizedTest
  @ValueSource(strings = {"o=mail", "o={domain},o=mail"})
  void nobodyIsUnknownWhileOneOfTwoServersIsLoadedAgain(String base) {
    try (Slapd second = new Slapd(site.run(), "second")) {
      second.addDomain("example.com");
      USERS.forEach(user -> second.addUser(user, MailSite.GROUP));
      site.withProgram(
          "all",
          settings(base, site.slapd().url(), second.url()),
          program -> {
            USERS.forEach(user -> assertServed(program, user));
            site.slapd().restartEmpty();
            USERS.forEach(user -> assertServed(program, user));
            site.slapd().addBase();
            USERS.forEach(user -> assertServed(program, user));
            site.slapd().addReader();
            USERS.forEach(user -> assertServed(program, user));
            site.slapd().addDomain("example.com");
            USERS.forEach(user -> assertServed(program, user));
            for (MailUser loaded : USERS) {
              site.slapd().addUser(loaded, MailSite.GROUP);
              USERS.forEach(user -> assertServed(program, user));
            }
            second.kill();
            USERS.forEach(user -> awaitServed(program, user));
          },
          "directory",
          "ldap");
    }
  }

  // B1.11: without a second server the answer is that it does not work for now
  @ParameterizedTest
  @ValueSource(strings = {"o=mail", "o={domain},o=mail"})
  void nobodyIsUnknownWhileTheOnlyServerIsLoadedAgain(String base) {
    site.withProgram(
        "all",
        settings(base, site.slapd().url()),
        program -> {
          USERS.forEach(user -> assertServed(program, user));
          site.slapd().restartEmpty();
          USERS.forEach(user -> assertNotUnknown(program, user));
          site.slapd().addBase();
          USERS.forEach(user -> assertNotUnknown(program, user));
          site.slapd().addReader();
          USERS.forEach(user -> assertNotUnknown(program, user));
          site.slapd().addDomain("example.com");
          USERS.forEach(user -> assertNotUnknown(program, user));
          for (MailUser loaded : USERS) {
            site.slapd().addUser(loaded, MailSite.GROUP);
            USERS.forEach(user -> assertNotUnknown(program, user));
          }
          USERS.forEach(user -> awaitServed(program, user));
        },
        "directory",
        "ldap");
  }

  /** Entries are looked up anew for everybody; who was found is remembered for stale-for. */
  private static String settings(String base, String... urls) {
    return """
    openmmp.directory {
      urls = ["%s"]
      base-dn = "%s"
      reopen-interval = 1s
      cache { positive-ttl = 1ms, negative-ttl = 1ms, refresh-ahead = 0 }
    }
    """
        .formatted(String.join("\", \"", urls), base);
  }

  private static void assertServed(ProxyProcess program, MailUser user) {
    String login = answerToLogin(program, user);
    assertTrue(login.contains(" OK "), () -> login + "\n" + program.log());
    String recipient = answerToRecipient(program, user);
    assertTrue(recipient.startsWith("250"), () -> recipient + "\n" + program.log());
  }

  private static void assertNotUnknown(ProxyProcess program, MailUser user) {
    String login = answerToLogin(program, user);
    assertTrue(
        login.contains(" OK ") || login.contains(" NO [UNAVAILABLE]"),
        () -> login + "\n" + program.log());
    String recipient = answerToRecipient(program, user);
    assertTrue(
        recipient.startsWith("250") || recipient.startsWith("4"),
        () -> recipient + "\n" + program.log());
  }

  private static void awaitServed(ProxyProcess program, MailUser user) {
    Await.until(
        () -> user + " is served\n" + program.log(),
        Duration.ofSeconds(30),
        () ->
            answerToLogin(program, user).contains(" OK ")
                && answerToRecipient(program, user).startsWith("250"));
    assertServed(program, user);
  }

  private static String answerToLogin(ProxyProcess program, MailUser user) {
    try (ImapConnection connection = new ImapConnection(program.imap(Security.PLAIN))) {
      String answer = " " + connection.login(user).tagged();
      assertFalse(answer.contains("AUTHENTICATIONFAILED"), () -> answer + "\n" + program.log());
      return answer;
    }
  }

  private static String answerToRecipient(ProxyProcess program, MailUser user) {
    try (DeliveryConnection mta = DeliveryConnection.lmtp("127.0.0.1", program.lmtp().getPort())) {
      mta.envelope("sender@example.org", List.of());
      String answer = mta.command("RCPT TO:<" + user.login() + ">");
      assertFalse(answer.startsWith("5"), () -> answer + "\n" + program.log());
      return answer;
    }
  }
}
