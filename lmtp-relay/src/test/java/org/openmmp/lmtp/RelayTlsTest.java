package org.openmmp.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.transport.TestCertificates;

class RelayTlsTest {
  @TempDir Path directory;
  private String settings = "";

  @BeforeEach
  void issue() throws Exception {
    Certificate certificate = TestCertificates.in(directory).server("relay.test");
    settings =
        "openmmp.tls { certificate = \"%s\", key = \"%s\" }"
            .formatted(certificate.chain(), certificate.key());
  }

  // B5.1, B6.2, T5: nothing that was said before the handshake counts behind it
  @Test
  void stateBeforeTlsIsGoneBehindIt() throws Exception {
    try (RelaySite site = new RelaySite(directory, settings);
        LmtpLine clear = site.client()) {
      clear.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>").replies(2);
      clear.say("STARTTLS");
      assertEquals("220 2.0.0 Begin TLS now", clear.reply());
      try (LmtpLine secured = clear.underTls()) {
        assertEquals("503 5.5.1 Bad sequence of commands", secured.say("DATA").reply());
        assertEquals("503 5.5.1 Bad sequence of commands", secured.say("MAIL FROM:<>").reply());
        secured.say("LHLO mta");
        String last = secured.reply();
        assertTrue(!last.contains("STARTTLS"), last);
        assertEquals("503 5.5.1 Bad sequence of commands", secured.say("STARTTLS").reply());
        secured.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>", "DATA").replies(3);
        assertEquals("250 2.0.0 message 1, recipient 1", secured.say("x", ".").reply());
      }
    }
  }

  // T1
  @ParameterizedTest
  @ValueSource(strings = {"STARTTLS\r\nNOOP\r\n", "STARTTLS\r\nN", "STARTTLS\r\n\0\0"})
  void octetsBehindStartTlsEndTheSession(String octets) throws Exception {
    try (RelaySite site = new RelaySite(directory, settings);
        LmtpLine client = site.client()) {
      assertTrue(client.send(octets).reply().startsWith("421 4.7.0 "));
      client.awaitEnd();
    }
  }

  // B2.3, T4: no message in the clear where the policy wants TLS
  @Test
  void storeWithoutTlsGetsNoMessageWhereThePolicyWantsIt() throws Exception {
    try (RelaySite site = new RelaySite(directory, "openmmp.proxy.ducks.tls = starttls");
        LmtpLine client = site.client()) {
      client.say("MAIL FROM:<s@test>", "RCPT TO:<ducks-a@test>");
      List<String> replies = client.replies(2);
      assertTrue(replies.get(1).startsWith("451 4.4.1 "), replies.get(1));
      assertTrue(site.huey.commands.stream().noneMatch(each -> each.startsWith("MAIL")));
    }
  }
}
