package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.pop3.Pop3Endpoint;
import org.openmmp.storesim.session.NodeTls;

/** What is POP3's own: logins in two commands, answers that end with a dot (rule B4). */
final class Pop3SessionTest {
  private static final int SESSIONS = 300;
  private static final int USERS = 20;
  private static final int BIG = 8 << 20;

  @Test
  void pipelinedCommandsReachTheStoreOnceAndInOrderAtEverySplit() { // B4.4, P13
    try (SimSite site = pop3().start()) {
      MailUser alice = site.user("alice");
      inbox(site, alice, "Subject: x\r\n\r\n.dot\r\n");
      String all = pipelined(alice);
      List<String> whole = answers(site, all, "");
      assertEquals(
          List.of("+OK 1 20", "+OK 20 octets", "Subject: x", "", "..dot", ".", "+OK goodbye"),
          whole.subList(2, whole.size()));
      for (int split = 1; split < all.length(); split++) {
        assertEquals(whole, answers(site, all.substring(0, split), all.substring(split)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void pipelinedCommandsFollowAReferral(ReferralForm form) { // B4.2, B4.4
    try (SimSite site = pop3().start()) {
      MailUser alice = site.user("alice");
      inbox(site, alice, "Subject: x\r\n\r\n.dot\r\n");
      site.cluster().makeMaster("louie");
      site.cluster().behave("huey", NodeBehaviour.healthy().referringBy(form));
      assertTrue(answers(site, pipelined(alice), "").contains("+OK 1 20"));
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 1/1/1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void storeWithoutSaslIsLoggedInToByNameAndPassword(ReferralForm form) { // B4.1, B4.2, R7
    try (SimSite site = pop3().speaking(Pop3Endpoint.withoutSasl(NodeTls.none())).start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.cluster().behave("huey", NodeBehaviour.healthy().referringBy(form));
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 1/1/1");
    }
  }

  @Test
  void wrongPasswordIsTriedAtOneHostAndLooksLikeAnUnknownOrDisabledUser() { // B2.5, B4.3, R11
    try (SimSite site = pop3().start()) {
      MailUser alice = site.user("alice");
      MailUser disabled = site.user("disabled");
      site.directory().changeUser(disabled.login(), "mailUserStatus", "disabled");
      String wrong = wrongPassword(site, alice);
      assertTrue(wrong.startsWith("-ERR [AUTH] "), wrong);
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 0/0/0");
      site.mark();
      assertEquals(wrong, site.clients().answer(MailUser.of("nobody")));
      assertEquals(wrong, site.clients().answer(disabled));
      assertEquals(wrong, wrongPassword(site, disabled));
      site.assertTraffic("huey 0/0/0, dewey 0/0/0, louie 0/0/0");
    }
  }

  @Test
  void mailboxInUseIsToldInTheStoresWordsAndTriedNowhereElse() { // B4.3
    try (SimSite site = pop3().start()) {
      MailUser alice = site.user("alice");
      site.cluster().behave("huey", NodeBehaviour.failing(Fault.MAILBOX_IN_USE));
      assertEquals("-ERR [IN-USE] Another session holds the mailbox", site.clients().answer(alice));
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void bigMessagePassesByteForByteAndIsDeletedAtQuitOnly(Endpoint.Security security) {
    String message = big();
    try (SimSite site = pop3().withClientTls().start()) { // B4.4
      MailUser alice = site.user("alice");
      Mailbox inbox = inbox(site, alice, message);
      try (Pop3Connection client =
          new Pop3Connection(site.clients().endpoint(MailProtocol.POP3, security))) {
        assertTrue(client.answerToLogin(alice).startsWith("+OK"));
        List<String> lines = client.listing("RETR 1");
        assertEquals(message, String.join("\r\n", lines) + "\r\n");
        assertEquals("+OK marked", client.command("DELE 1"));
        assertEquals(1, inbox.messages().size());
        assertEquals("+OK goodbye", client.command("QUIT"));
      }
      assertEquals(List.of(), inbox.messages());
    }
  }

  @Test
  void storeThatTrustsTheProxyIsToldOfTheClient() { // B3.12
    try (SimSite site = pop3().with("proxy-defaults.client-id = id").start()) {
      assertTrue(site.accepts(site.user("alice")));
      Map<String, String> told = site.cluster().node("huey").counters().clientIds().get(0);
      assertEquals("127.0.0.1", told.get("addr"));
      assertTrue(told.keySet().containsAll(List.of("port", "session", "ttl")), told::toString);
    }
  }

  @Test
  void threeHundredSessionsStandAtOnce() {
    List<Pop3Connection> open = Collections.synchronizedList(new ArrayList<>());
    try (SimSite site = pop3().start()) {
      List<MailUser> users = new ArrayList<>();
      for (int i = 0; i < USERS; i++) {
        users.add(site.user("user" + i));
      }
      for (int i = 0; i < SESSIONS / USERS; i++) {
        open.addAll(SiteClients.atOnce(users, user -> loggedIn(site, user)));
      }
      assertTrue(open.stream().allMatch(client -> client.command("STAT").equals("+OK 0 0")));
      site.assertTraffic("huey 300/300/300, dewey 0/0/0, louie 0/0/0");
      open.forEach(Pop3Connection::close);
    }
  }

  private static SitePlan pop3() {
    return SitePlan.replicated().readBy(MailProtocol.POP3);
  }

  private static Pop3Connection loggedIn(SimSite site, MailUser user) {
    Pop3Connection client = site.clients().pop3();
    assertTrue(SiteClients.login(client, user).startsWith("+OK"));
    return client;
  }

  private static String wrongPassword(SimSite site, MailUser user) {
    try (Pop3Connection client = site.clients().pop3()) {
      return client.answerToWrongPassword(user);
    }
  }

  private static Mailbox inbox(SimSite site, MailUser user, String message) {
    Mailbox inbox = site.cluster().mail().of(user.login()).inbox();
    inbox.append(
        List.of(),
        OffsetDateTime.now(ZoneOffset.UTC),
        message.getBytes(StandardCharsets.ISO_8859_1));
    return inbox;
  }

  private static String pipelined(MailUser user) {
    return String.join(
        "\r\n", "USER " + user.login(), "PASS " + user.password(), "STAT", "RETR 1", "QUIT", "");
  }

  /** Every line until the store said goodbye, behind the greeting. */
  private static List<String> answers(SimSite site, String first, String second) {
    List<String> lines = new ArrayList<>();
    try (Pop3Connection client = site.clients().pop3()) {
      client.send(first);
      client.send(second);
      do {
        lines.add(client.line());
      } while (!lines.get(lines.size() - 1).equals("+OK goodbye"));
    }
    return lines;
  }

  /** Lines of every octet but line ends, some with dots in front. */
  private static String big() {
    StringBuilder message = new StringBuilder(BIG + 256);
    for (int line = 0; message.length() < BIG; line++) {
      message.append(".".repeat(line % 4));
      for (int octet = 0; octet < 80; octet++) {
        int value = (line * 31 + octet * 7) & 0xff;
        message.append((char) (value <= ' ' ? 'x' : value));
      }
      message.append("|\r\n");
    }
    return message.toString();
  }
}
