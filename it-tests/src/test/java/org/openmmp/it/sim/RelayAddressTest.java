package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.DeliveryConnection;

/** Addresses and their parameters reach the store exactly, or are refused (B5.2, L11). */
final class RelayAddressTest {
  private static final String DSN = "lmtp.dsn = on";

  private static RelaySite site;

  @BeforeAll
  static void startSite() {
    site = new RelaySite(DSN);
    site.user("alice", "cluster1");
    site.user("a b", "cluster1");
    site.user("j\u00f6rg", "cluster1");
  }

  @AfterAll
  static void stopSite() {
    site.close();
  }

  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "<alice@example.com>, <alice@example.com>",
        "<ALICE+Lists.x@Example.COM>, <ALICE+Lists.x@Example.COM>",
        "<@a.example;@b.example:alice@example.com>, <alice@example.com>",
        "<\"alice\"@example.com>, <\"alice\"@example.com>",
        "<\"al\\ice\"@example.com>, <\"al\\ice\"@example.com>",
        "<\"a b\"@example.com>, <\"a b\"@example.com>",
        "<j\u00f6rg@example.com>, <j\u00f6rg@example.com>",
        "<alice@example.com> NOTIFY=SUCCESS;FAILURE ORCPT=rfc822;Al+2Bice@x,"
            + " <alice@example.com> NOTIFY=SUCCESS;FAILURE ORCPT=rfc822;Al+2Bice@x",
      })
  void recipientReachesItsStoreExactly(String sent, String received) {
    int before = site.heardBy("huey").lines("RCPT").size();
    try (DeliveryConnection mta = site.mta()) {
      String mail = mta.command("MAIL FROM:<\"x y\"@example.org> SMTPUTF8 RET=HDRS ENVID=a+2Bb");
      assertTrue(mail.startsWith("250"), mail);
      String reply = mta.command(octets("RCPT TO:" + commas(sent)));
      assertTrue(reply.startsWith("250"), reply);
    }
    List<String> lines = site.heardBy("huey").lines("RCPT");
    assertEquals(octets("RCPT TO:" + commas(received)), lines.get(lines.size() - 1));
    assertEquals(before + 1, lines.size());
    List<String> mails = site.heardBy("huey").lines("MAIL");
    assertEquals(
        "MAIL FROM:<\"x y\"@example.org> SMTPUTF8 RET=HDRS ENVID=a+2Bb",
        mails.get(mails.size() - 1));
  }

  /** In a table of the test a comma is a semicolon, but for the one behind an address type. */
  private static String commas(String text) {
    return text.replace(";FAILURE", ",FAILURE").replace(";@", ",@");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<alice@example.com\rRCPT TO:<x@example.com>>",
        "<alice\0@example.com>",
        "<\"alice\r\"@example.com>",
        "<alice@example.com> ORCPT=rfc822;a+0D+0ADATA",
        "<alice@example.com> X-UNKNOWN=1",
        "<alice@example.com",
        "<alice@exam ple.com>",
        "<>",
        "<\u00ffalice@example.com>",
        "<alice@[192.0.2.1] x>"
      })
  void anythingElseIsRefusedAndNoStoreHearsOfIt(String path) {
    List<String> before = site.heardBy("huey").lines("RCPT");
    try (DeliveryConnection mta = site.mta()) {
      mta.command("MAIL FROM:<bob@example.org>");
      String reply = mta.command("RCPT TO:" + path);
      assertTrue(reply.startsWith("50") || reply.startsWith("55"), reply);
      assertTrue(mta.command("NOOP").startsWith("250"), "one command had one reply");
    }
    assertEquals(before, site.heardBy("huey").lines("RCPT"));
  }
}
