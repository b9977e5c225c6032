package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.store.StoreEvent;
import org.openmmp.lmtp.store.StoreIntroduction;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;

/** The opening of a connection to a store, as a table: what it says, and what comes of it. */
class StoreConversationTest {
  /**
   * Words of the store, {@code ~} for a line's end and {@code (tls)} for a handshake; what follows:
   * sent lines, and events by their names.
   */
  @ParameterizedTest // B2.3, B5.6, B6.2, T2, T4
  @CsvSource(
      delimiter = '|',
      value = {
        "OFF         | 220 hi~250 store~                 | Greeted >LHLO Opened",
        "OFF         | 220-two~220 lines~250 STARTTLS~   | Greeted >LHLO Opened",
        "OFF         | 554 no~                           | Failed=REFUSED_GREETING",
        "OFF         | 421 no~                           | Failed=REFUSED_GREETING",
        "OFF         | hello~                            | Failed=PROTOCOL_VIOLATION",
        "OFF         | 220 hi~451 no~                    | Greeted >LHLO Failed=REFUSED_GREETING",
        "OFF         | 220 hi~502 no~                    | Greeted >LHLO Failed=REFUSED_GREETING",
        "OFF         | 220 hi [REFERRAL lmtp://huey/]~   | Referred=huey",
        "OFF         | 421 no [REFERRAL lmtp://huey:25]~ | Referred=huey",
        "OFF         | 220 hi~250 store~250 more~        | Greeted >LHLO Opened"
            + " Failed=PROTOCOL_VIOLATION",
        "STARTTLS    | 220 hi~250 store~                 | Greeted >LHLO Failed=TLS_FAILED",
        "STARTTLS    | 220 hi~250-store~250 STARTTLS~220 go~(tls)250 store~ | Greeted >LHLO"
            + " >STARTTLS StartTls >LHLO Opened",
        "STARTTLS    | 220 hi~250-store~250 STARTTLS~454 no~ | Greeted >LHLO >STARTTLS"
            + " Failed=TLS_FAILED",
        "STARTTLS    | 220 hi~250-store~250 STARTTLS~220 go~250 injected~ | Greeted >LHLO"
            + " >STARTTLS Failed=TLS_FAILED",
        "OPPORTUNISTIC | 220 hi~250 store~               | Greeted >LHLO Opened",
        "OPPORTUNISTIC | 220 hi~250-store~250 STARTTLS~454 no~ | Greeted >LHLO >STARTTLS Opened",
        "OFF         | 220 hi~250-store~250 XCLIENT ADDR~220 hi~250 store~ | Greeted >LHLO"
            + " Named >XCLIENT Opened",
      })
  void openingGoesAsTheStoreSays(TlsPolicy policy, String words, String outcome) {
    for (boolean octetByOctet : new boolean[] {false, true}) {
      StringBuilder happened = new StringBuilder();
      StoreConversation store = conversation(policy, words.contains("XCLIENT"));
      for (String part : words.strip().replace("~", "\r\n").split("\\(tls\\)", -1)) {
        if (!happened.isEmpty()) {
          store.onTls().forEach(each -> tell(each, happened));
        }
        byte[] octets = part.getBytes(StandardCharsets.US_ASCII);
        for (byte[] piece :
            octetByOctet && !part.contains("injected") ? each(octets) : List.of(octets)) {
          store.onOctets(piece).forEach(each -> tell(each, happened));
        }
      }
      String expected = outcome.strip();
      // a second LHLO behind XCLIENT is sent too
      assertEquals(expected, happened.toString().strip().replace(">XCLIENT >LHLO", ">XCLIENT"));
    }
  }

  private static List<byte[]> each(byte[] octets) {
    List<byte[]> pieces = new ArrayList<>();
    for (byte octet : octets) {
      pieces.add(new byte[] {octet});
    }
    return pieces;
  }

  private static void tell(StoreStep event, StringBuilder happened) {
    if (event instanceof StoreStep.Send send) {
      String line = new String(send.octets(), StandardCharsets.US_ASCII);
      happened.append('>').append(line.strip().replaceAll(" .*", ""));
    } else if (event instanceof StoreEvent.Failed failed) {
      happened.append("Failed=").append(failed.outcome());
    } else if (event instanceof StoreEvent.Referred referred) {
      happened.append("Referred=").append(referred.referral().host());
    } else if (event instanceof StoreStep.Simple simple) {
      happened.append(
          switch (simple) {
            case GREETED -> "Greeted";
            case NAMED -> "Named";
            case READY -> "Opened";
            case START_TLS -> "StartTls";
          });
    } else {
      happened.append(event.getClass().getSimpleName());
    }
    happened.append(' ');
  }

  private static StoreConversation conversation(TlsPolicy policy, boolean introduces) {
    StoreHost host = new StoreHost("dewey");
    StoreAccess access = RelayRig.access(policy, StoreAccess.ClientId.ID);
    Map<String, String> client = introduces ? Map.of("ADDR", "192.0.2.1") : Map.of();
    return new StoreConversation(
        new StoreKey(1, new StorePlace(host, ReplicationGroup.implicit(host), access, client)),
        new StoreIntroduction("relay.test", new ReferralPattern(ReferralPattern.OWN_FORM), 10));
  }
}
