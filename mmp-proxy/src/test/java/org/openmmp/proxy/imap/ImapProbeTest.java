package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.proxy.session.ProbeScript;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.TlsPolicy;

/** How an IMAP store is asked for its greeting, as a table: nobody logs in. */
class ImapProbeTest {
  @ParameterizedTest // B2.9, B2.3, T2
  @CsvSource(
      delimiter = '|',
      value = {
        "OFF      | * OK hi~                                | >P1 CAPABILITY /P2 LOGOUT",
        "OFF      | * OK hi~(more)* CAPABILITY IMAP4rev1~P1 OK x~"
            + " | >P1 CAPABILITY ACCEPTED /P2 LOGOUT",
        "OFF      | * OK [CAPABILITY IMAP4rev1] hi~         | ACCEPTED /P1 LOGOUT",
        "IMPLICIT | * OK [CAPABILITY IMAP4rev1] hi~         | ACCEPTED /P1 LOGOUT",
        "OFF      | * BYE busy~                             | REFUSED_GREETING /",
        "OFF      | * BYE [REFERRAL imap://huey/] gone~     | ACCEPTED /",
        "OFF      | * PREAUTH hi~                           | PROTOCOL_VIOLATION /",
        "OFF      | +OK hi~                                 | PROTOCOL_VIOLATION /",
        "STARTTLS | * OK hi~                                | >P1 STARTTLS /P2 LOGOUT",
        "STARTTLS | * OK hi~(more)P1 NO x~             | >P1 STARTTLS TLS_FAILED /P2 LOGOUT",
        "STARTTLS | * OK [CAPABILITY IMAP4rev1] hi~         | TLS_FAILED /P1 LOGOUT",
        "STARTTLS | * OK hi~(more)P1 OK x~                  | >P1 STARTTLS TLS /",
        "STARTTLS | * OK hi~(more)P1 OK x~(tls)* CAPABILITY IMAP4rev1~P2 OK x~"
            + " | >P1 STARTTLS TLS >P2 CAPABILITY ACCEPTED /P3 LOGOUT",
        "STARTTLS | * OK hi~(more)P1 OK x~* OK injected~ | >P1 STARTTLS TLS_FAILED /P2 LOGOUT",
        "OPPORTUNISTIC | * OK [CAPABILITY IMAP4rev1] hi~    | ACCEPTED /P1 LOGOUT",
      })
  void probeEndsWhereALoginWouldBegin(TlsPolicy tls, String words, String happened) {
    assertEquals(
        happened.strip(),
        ProbeScript.play(
            StoreTalk.probe(
                new StoreHost("huey"), tls, ImapCapabilities.learnt(() -> 0), ImapStoreWords::new),
            words));
  }
}
