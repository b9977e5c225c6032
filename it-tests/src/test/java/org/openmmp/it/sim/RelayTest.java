package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;

/** What passes behind a login (rules B3.4 and B3.11). */
final class RelayTest {
  private static final String BEHIND_THE_LOGIN =
      String.join(
          "\r\n",
          "b APPEND INBOX {15+}",
          "Subject: x",
          "",
          "y",
          "c SELECT INBOX",
          "d STORE 1 +FLAGS (\\Deleted)",
          "e EXPUNGE",
          "f LOGOUT",
          "");

  @Test
  void pipelinedBytesReachTheStoreOnceAndInOrderAtEverySplit() { // B3.4, P13
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      String all = "a LOGIN " + alice.login() + " " + alice.password() + "\r\n" + BEHIND_THE_LOGIN;
      List<String> whole = answers(site, all, "");
      assertTrue(
          tags(whole).equals(List.of("a OK", "b OK", "c OK", "d OK", "e OK", "f OK")),
          whole::toString);
      for (int split = 1; split < all.length(); split++) {
        assertEquals(
            shapeOf(whole), shapeOf(answers(site, all.substring(0, split), all.substring(split))));
      }
      assertEquals(List.of(), site.cluster().mail().of(alice.login()).inbox().messages());
      assertEquals(all.length() + 1, site.cluster().mail().of(alice.login()).inbox().uidNext());
    }
  }

  @ParameterizedTest
  @EnumSource
  void pipelinedBytesFollowAReferral(ReferralForm form) { // B3.4, B3.5
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.cluster().behave("huey", NodeBehaviour.healthy().referringBy(form));
      String all = "a LOGIN " + alice.login() + " " + alice.password() + "\r\n" + BEHIND_THE_LOGIN;
      assertEquals(
          List.of("a OK", "b OK", "c OK", "d OK", "e OK", "f OK"), tags(answers(site, all, "")));
      assertEquals(2, site.cluster().mail().of(alice.login()).inbox().uidNext());
    }
  }

  @ParameterizedTest
  @EnumSource
  void idleHearsOfNewMailAtOnce(Endpoint.Security security) { // B3.11
    try (SimSite site = SitePlan.replicated().withClientTls().start();
        ImapConnection idle = site.connect(security);
        ImapConnection other = site.connect(security)) {
      MailUser alice = site.user("alice");
      assertTrue(SiteClients.login(idle, alice).isOk());
      assertTrue(SiteClients.login(other, alice).isOk());
      assertTrue(idle.command("SELECT INBOX").isOk());
      idle.send("i IDLE\r\n");
      assertTrue(idle.line().startsWith("+ "));
      assertTrue(other.command("APPEND INBOX {15+}\r\nSubject: x\r\n\r\ny").isOk());
      assertEquals("* 1 EXISTS", idle.line());
      idle.send("DONE\r\n");
      String line = idle.line();
      assertTrue((line.startsWith("i OK") ? line : idle.line()).startsWith("i OK"));
    }
  }

  /** Every line until the server closes, behind the greeting. */
  private static List<String> answers(SimSite site, String first, String second) {
    List<String> lines = new ArrayList<>();
    try (ImapConnection client = site.connect()) {
      client.send(first);
      client.send(second);
      String line = client.line();
      while (!line.startsWith("f ")) {
        lines.add(line);
        line = client.line();
      }
      lines.add(line);
    }
    return lines;
  }

  private static List<String> tags(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.startsWith("* "))
        .map(line -> line.substring(0, Math.min(4, line.length())))
        .toList();
  }

  /** The lines without the numbers that count on from session to session. */
  private static List<String> shapeOf(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceAll("(UIDNEXT|APPENDUID \\d+) \\d+", "$1 n"))
        .toList();
  }
}
