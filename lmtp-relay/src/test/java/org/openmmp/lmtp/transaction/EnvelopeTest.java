package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.lmtp.protocol.EnvelopeAddress;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreAccess.ClientId;
import org.openmmp.routing.TlsPolicy;

class EnvelopeTest {
  private static final ReplicationGroup GROUP = ReplicationGroup.implicit(new StoreHost("huey"));

  // B5.1, B3.12: stores are told of the client by XCLIENT only where the group says so
  @ParameterizedTest
  @CsvSource({
    "NONE, 192.0.2.1, '', ''",
    "PROXY_V2, 192.0.2.1, '', ''",
    "ID, 192.0.2.1, '', 192.0.2.1",
    "ID, 2001:db8::1, '', IPV6:2001:db8::1",
    "ID, 192.0.2.1, 198.51.100.7, 198.51.100.7",
    "ID, 192.0.2.1, IPV6:2001:db8::2, IPV6:2001:db8::2",
    "NONE, 192.0.2.1, 198.51.100.7, ''",
  })
  void storesAreToldOfTheClientWhereTheyMayBe(
      ClientId how, String address, String described, String told) {
    Map<String, String> attributes = described.isEmpty() ? Map.of() : Map.of("ADDR", described);
    RelayClient client =
        new RelayClient("s1", address, "192.0.2.9", false, true, false, attributes);
    Envelope envelope =
        new Envelope(
            new EnvelopeCommand(LmtpVerb.MAIL, EnvelopeAddress.NULL, List.of()),
            client,
            routing(how));
    assertEquals(told.isEmpty() ? Map.of() : Map.of("ADDR", told), envelope.introducedTo(GROUP));
  }

  private static Routing routing(ClientId how) {
    StoreAccess access = RelayRig.access(TlsPolicy.OFF, how);
    return new Routing(
        GroupTable.of(List.of()),
        Map.of(),
        access,
        new ReferralTrust(List.of(), Set.of(), 3),
        false,
        Recovery.NONE);
  }
}
