package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.RelayProbe;
import org.openmmp.lmtp.store.StoreIntroduction;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;

/** How an LMTP store is asked for its greeting, as a table: nothing is delivered. */
class RelayProbeTest {
  @ParameterizedTest // B2.9, B2.3, T2
  @CsvSource(
      delimiter = '|',
      value = {
        "OFF      | 220 hi~                             | LHLO /QUIT",
        "OFF      | 220 hi~250 store~                   | LHLO ACCEPTED /QUIT",
        "OFF      | 220 hi [REFERRAL lmtp://huey/]~250 store~ | LHLO ACCEPTED /QUIT",
        "OFF      | 421 no~                             | REFUSED_GREETING /",
        "OFF      | 554 no~                             | REFUSED_GREETING /",
        "OFF      | hello~                              | PROTOCOL_VIOLATION /",
        "OFF      | 220 hi~451 no~                      | LHLO REFUSED_GREETING /QUIT",
        "STARTTLS | 220 hi~250 store~                   | LHLO TLS_FAILED /QUIT",
        "STARTTLS | 220 hi~250-store~250 STARTTLS~220 go~ | LHLO STARTTLS TLS /",
        "STARTTLS | 220 hi~250-store~250 STARTTLS~220 go~(tls)250 store~"
            + " | LHLO STARTTLS TLS LHLO ACCEPTED /QUIT",
      })
  void probeEndsWhereADeliveryWouldBegin(TlsPolicy tls, String words, String happened) {
    StoreHost host = new StoreHost("dewey");
    RelayProbe probe =
        new RelayProbe(
            new StoreIntroduction("relay.test", new ReferralPattern(ReferralPattern.OWN_FORM), 10),
            new StorePlace(
                host,
                ReplicationGroup.implicit(host),
                RelayRig.access(tls, StoreAccess.ClientId.ID),
                Map.of()));
    StringBuilder seen = new StringBuilder();
    boolean handshake = false;
    for (String part : words.strip().replace("~", "\r\n").split("\\(tls\\)", -1)) {
      if (handshake) {
        tell(probe.onTls(), seen);
      }
      handshake = true;
      tell(probe.onBytes(part.getBytes(StandardCharsets.US_ASCII)), seen);
    }
    String farewell = new String(probe.leave(), StandardCharsets.US_ASCII).strip();
    assertEquals(happened.strip(), seen + "/" + farewell);
  }

  private static void tell(List<StoreStep> steps, StringBuilder seen) {
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        new String(send.octets(), StandardCharsets.US_ASCII)
            .lines()
            .forEach(line -> seen.append(line.split(" ", 2)[0]).append(' '));
      } else if (step == StoreStep.Simple.START_TLS) {
        seen.append("TLS ");
      } else if (step instanceof ProbeDialogue.End end) {
        seen.append(end.outcome()).append(' ');
      }
    }
  }
}
