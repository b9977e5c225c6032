package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/** Why a login is refused is nobody's business but the operator's, whatever store is behind. */
@Tag("real-servers")
final class SameRefusalTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final MailUser DISABLED = MailUser.of("disabled");
  private static final MailUser DELETED = MailUser.of("deleted");
  private static final MailUser UNKNOWN = MailUser.of("unknown");
  private static final String CYRUS = "cyrus.example.com";

  private static MailSite site;
  private static Cyrus cyrus;
  private static ProxyProcess proxy;

  @BeforeAll
  static void start() {
    site = new MailSite(SameRefusalTest.class, List.of(ALICE, CARLA, DISABLED, DELETED));
    cyrus = new Cyrus(site.run(), site.cyrus(CYRUS), List.of(CARLA));
    site.slapd().set(CARLA, "mailHost", CYRUS);
    site.slapd().set(DISABLED, "mailUserStatus", "disabled");
    site.slapd().set(DELETED, "inetUserStatus", "deleted");
    proxy = site.startProxy(site.watch(), "");
  }

  @AfterAll
  static void stop() {
    proxy.close();
    cyrus.close();
    site.close();
  }

  // B1.4, B4.3, B6.4, R11
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void wrongPasswordUnknownAndDisabledUserAreAnsweredByTheSameBytes(MailProtocol protocol) {
    List<String> expected = refusal(protocol, ALICE, MailUser.WRONG_PASSWORD);
    String last = expected.get(expected.size() - 1);
    assertTrue(last.startsWith(protocol.wrongPassword()), last);
    assertEquals(expected, refusal(protocol, CARLA, MailUser.WRONG_PASSWORD));
    for (MailUser user : List.of(DISABLED, DELETED, UNKNOWN)) {
      assertEquals(expected, refusal(protocol, user, user.password()));
    }
  }

  private static List<String> refusal(MailProtocol protocol, MailUser user, String password) {
    try (MailConnection connection = protocol.connect(proxy.at(protocol, Security.TLS))) {
      return connection.answerToLogin(user, password);
    }
  }
}
