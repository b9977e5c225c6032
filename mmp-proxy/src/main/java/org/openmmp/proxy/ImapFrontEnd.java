package org.openmmp.proxy;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.openmmp.config.ImapConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.proxy.imap.ImapCapabilities;
import org.openmmp.proxy.imap.ImapLimits;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.imap.ImapSettings;
import org.openmmp.proxy.session.Mechanism;
import org.openmmp.proxy.session.PreAuthLimits;
import org.openmmp.wire.AddressLiteral;
import org.openmmp.wire.NetworkSet;

/** Turns the configuration of the IMAP front end into its protocol. */
final class ImapFrontEnd {
  private ImapFrontEnd() {}

  static ImapProtocol protocol(OpenMmpConfig config) {
    ImapConfig imap = config.imap();
    NetworkSet trusted = NetworkSet.parse(imap.trustedProxies());
    ImapConfig.Bounds bounds = imap.bounds();
    List<Mechanism> mechanisms =
        imap.mechanisms().stream()
            .map(name -> Objects.requireNonNull(Mechanism.named(name), "the reader checked it"))
            .toList();
    return new ImapProtocol(
        new ImapSettings(
            config.hostname(),
            mechanisms,
            imap.listen().startTls(),
            imap.alertText(),
            Map.of("name", "OpenMMP"),
            address -> {
              InetAddress parsed = AddressLiteral.parse(address);
              return parsed != null && trusted.contains(parsed);
            },
            imap.capabilities().isEmpty()
                ? ImapCapabilities.learnt()
                : ImapCapabilities.configured(imap.capabilities()),
            new ImapLimits(
                new PreAuthLimits(
                    bounds.maxLineOctets(),
                    bounds.maxPipelinedOctets(),
                    bounds.badCommands(),
                    bounds.failedLogins()),
                bounds.maxLiteralOctets(),
                bounds.maxLineOctets() + 4 * bounds.maxLiteralOctets())));
  }
}
