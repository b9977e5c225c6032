package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.proxy.session.HeldScript;
import org.openmmp.routing.TlsPolicy;

/** What an IMAP store hears before it is chosen, and once it is. */
class ImapHeldStoreTest {
  @ParameterizedTest // B2.31
  @CsvSource(
      delimiter = '|',
      value = {
        "OFF      | * OK [CAPABILITY IMAP4rev1 ID] hi~ | READY /P1 LOGOUT",
        "OFF      | * OK [CAPABILITY IMAP4rev1 ID] hi~(in) | READY named >2 lines with the name",
        "OFF      | (in)* OK [CAPABILITY IMAP4rev1 ID] hi~ | named >2 lines with the name",
        "OFF      | * OK hi~(more)* CAPABILITY IMAP4rev1 ID~P1 OK x~ | >P1 CAPABILITY READY /P2"
            + " LOGOUT",
        "OFF      | * OK hi~(in)* CAPABILITY IMAP4rev1 ID~P1 OK x~"
            + " | >P1 CAPABILITY named >2 lines with the name",
        "OFF      | * OK [CAPABILITY IMAP4rev1] hi~(more)* BYE idle~ | READY PROTOCOL_VIOLATION /P1"
            + " LOGOUT",
        "OFF      | * OK [CAPABILITY IMAP4rev1] hi~(more)P1 OK in~ | READY PROTOCOL_VIOLATION /P1"
            + " LOGOUT",
        "OFF      | * OK [CAPABILITY IMAP4rev1] hi~P1 OK in~(in)"
            + " | READY named PROTOCOL_VIOLATION /P3 LOGOUT",
        "OFF      | * BYE busy~                        | REFUSED_GREETING /",
        "OFF      | * PREAUTH hi~                      | PROTOCOL_VIOLATION /",
        "STARTTLS | * OK hi~(more)P1 OK x~(tls)* CAPABILITY IMAP4rev1 ID~P2 OK x~"
            + " | >P1 STARTTLS TLS >P2 CAPABILITY READY /P3 LOGOUT",
        "STARTTLS | * OK hi~(more)P1 OK x~(tls)* CAPABILITY IMAP4rev1 ID~P2 OK x~(in)"
            + " | >P1 STARTTLS TLS >P2 CAPABILITY READY named >2 lines with the name",
        "STARTTLS | * OK [CAPABILITY IMAP4rev1] hi~    | TLS_FAILED /P1 LOGOUT",
        "STARTTLS | * OK hi~(more)P1 OK x~* OK injected~ | >P1 STARTTLS TLS_FAILED /P2 LOGOUT",
      })
  void storeHearsNoNameBeforeItIsChosen(TlsPolicy tls, String words, String happened) {
    assertEquals(
        happened.strip(),
        HeldScript.play(
            login -> ImapStoreWords.dialogue(login, ImapCapabilities.learnt(() -> 0)), tls, words));
  }
}
