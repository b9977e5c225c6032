package org.openmmp.proxy.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.proxy.session.HeldScript;
import org.openmmp.routing.TlsPolicy;

/** What a POP3 store hears before it is chosen, and once it is. */
class Pop3HeldStoreTest {
  @ParameterizedTest // B2.31
  @CsvSource(
      delimiter = '|',
      value = {
        "OFF      | +OK hi~(more)+OK~USER~XCLIENT~.~ | >CAPA READY /QUIT",
        "OFF      | +OK hi~(more)+OK~USER~.~(in)     | >CAPA READY named >1 lines with the name",
        "OFF      | +OK hi~(in)+OK~USER~.~     | >CAPA named >1 lines with the name",
        "OFF      | +OK hi~(more)+OK~USER~.~(more)-ERR idle~ | >CAPA READY PROTOCOL_VIOLATION"
            + " /QUIT",
        "OFF      | +OK hi~(more)+OK~USER~.~+OK in~ | >CAPA READY PROTOCOL_VIOLATION /QUIT",
        "OFF      | -ERR busy~                       | REFUSED_GREETING /",
        "STARTTLS | +OK hi~(more)+OK~(tls)+OK~USER~.~ | >STLS TLS >CAPA READY /QUIT",
        "STARTTLS | +OK hi~(more)-ERR no~             | >STLS TLS_FAILED /QUIT",
      })
  void storeHearsNoNameBeforeItIsChosen(TlsPolicy tls, String words, String happened) {
    assertEquals(
        happened.strip(),
        HeldScript.play(
            login -> Pop3StoreWords.dialogue(login, Pop3Capabilities.learnt(() -> 0)), tls, words));
  }
}
