package org.openmmp.proxy.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.proxy.session.ProbeScript;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.TlsPolicy;

/** How a POP3 store is asked for its greeting, as a table: nobody logs in. */
class Pop3ProbeTest {
  @ParameterizedTest // B2.9, B2.3, T2
  @CsvSource(
      delimiter = '|',
      value = {
        "OFF      | +OK hi~(more)                       | >CAPA /QUIT",
        "OFF      | +OK hi~(more)+OK~USER~.~            | >CAPA ACCEPTED /QUIT",
        "OFF      | +OK hi~(more)-ERR what~             | >CAPA ACCEPTED /QUIT",
        "IMPLICIT | +OK hi~(more)+OK~USER~.~            | >CAPA ACCEPTED /QUIT",
        "OFF      | -ERR [SYS/TEMP] busy~               | REFUSED_GREETING /",
        "OFF      | -ERR [SYS/REFER/huey] gone~         | ACCEPTED /",
        "OFF      | * OK hi~                            | PROTOCOL_VIOLATION /",
        "STARTTLS | +OK hi~(more)                       | >STLS /QUIT",
        "STARTTLS | +OK hi~(more)-ERR no~               | >STLS TLS_FAILED /QUIT",
        "STARTTLS | +OK hi~(more)+OK go~                | >STLS TLS /",
        "STARTTLS | +OK hi~(more)+OK go~(tls)+OK~USER~.~ | >STLS TLS >CAPA ACCEPTED /QUIT",
      })
  void probeEndsWhereALoginWouldBegin(TlsPolicy tls, String words, String happened) {
    ProbeDialogue probe =
        StoreTalk.probe(
            new StoreHost("huey"), tls, Pop3Capabilities.learnt(() -> 0), Pop3StoreWords::new);
    assertEquals(happened.strip(), ProbeScript.play(probe, words));
  }
}
