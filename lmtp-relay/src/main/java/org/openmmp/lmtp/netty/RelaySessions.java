package org.openmmp.lmtp.netty;

import java.net.InetAddress;
import java.util.Map;
import org.openmmp.guard.Farewell;
import org.openmmp.lmtp.transaction.Relay;
import org.openmmp.lmtp.transaction.RelayClient;
import org.openmmp.lmtp.transaction.RelaySession;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.ClientArrivals;
import org.openmmp.transport.ClientSession;
import org.openmmp.wire.NetworkSet;

/** Makes the sessions of one relay. */
public final class RelaySessions implements ClientArrivals.Server {
  private final RelayParts parts;
  private final NetworkSet trusted;

  /** Of those parts. */
  public RelaySessions(RelayParts parts) {
    this.parts = parts;
    this.trusted = parts.settings().config().clients().trusted();
  }

  @Override
  public byte[] lastWords(Farewell why) {
    return RelaySession.lastWords(why);
  }

  @Override
  public ClientSession session(ClientArrivals.Arrival arrival) {
    Relay relay = parts.relayAt(arrival.channel().eventLoop());
    return new RelayDriver(
        parts, arrival, new RelaySession(relay, describe(arrival), System.nanoTime()));
  }

  private RelayClient describe(ClientArrivals.Arrival arrival) {
    InetAddress from = arrival.origin().client().getAddress();
    return new RelayClient(
        arrival.id(),
        AddressLiteral.textOf(from),
        AddressLiteral.textOf(arrival.origin().server().getAddress()),
        arrival.underTls(),
        trusted.contains(from),
        !arrival.underTls() && parts.mayStartTls(),
        Map.of());
  }
}
