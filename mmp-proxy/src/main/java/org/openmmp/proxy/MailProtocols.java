package org.openmmp.proxy;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.openmmp.config.ImapConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.PreAuthConfig;
import org.openmmp.proxy.identity.Mechanism;
import org.openmmp.proxy.imap.ImapCapabilities;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.imap.ImapSettings;
import org.openmmp.proxy.pop3.Pop3Capabilities;
import org.openmmp.proxy.pop3.Pop3Protocol;
import org.openmmp.proxy.pop3.Pop3Settings;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.NetworkSet;

/** Turns the configuration of each front end into its protocol. */
final class MailProtocols {
  private MailProtocols() {}

  /**
   * IMAP.
   *
   * @param learnt what stores were heard to have, for a configuration that goes by it
   */
  static ImapProtocol imap(OpenMmpConfig config, StoreCapabilities learnt) {
    ImapConfig imap = config.imap();
    PreAuthConfig preAuth = imap.preAuth();
    return new ImapProtocol(
        new ImapSettings(
            config.hostname(),
            mechanisms(preAuth),
            imap.listen().startTls(),
            imap.alertText(),
            Map.of("name", "OpenMMP"),
            trustedProxy(preAuth),
            preAuth.capabilities().isEmpty()
                ? learnt
                : ImapCapabilities.configured(preAuth.capabilities()),
            preAuth.limits(),
            imap.maxLiteralOctets(),
            preAuth.limits().lineOctets() + 4 * imap.maxLiteralOctets()));
  }

  /** POP3, likewise. */
  static Pop3Protocol pop3(OpenMmpConfig config, StoreCapabilities learnt) {
    PreAuthConfig preAuth = config.pop3().preAuth();
    return new Pop3Protocol(
        new Pop3Settings(
            config.hostname(),
            mechanisms(preAuth),
            config.pop3().listen().startTls(),
            trustedProxy(preAuth),
            preAuth.capabilities().isEmpty()
                ? learnt
                : Pop3Capabilities.configured(preAuth.capabilities()),
            preAuth.limits()));
  }

  private static List<Mechanism> mechanisms(PreAuthConfig preAuth) {
    return preAuth.mechanisms().stream()
        .map(name -> Objects.requireNonNull(Mechanism.named(name), "the reader checked it"))
        .toList();
  }

  private static Predicate<String> trustedProxy(PreAuthConfig preAuth) {
    NetworkSet trusted = preAuth.trustedProxies();
    return address -> {
      InetAddress parsed = AddressLiteral.parse(address);
      return parsed != null && trusted.contains(parsed);
    };
  }
}
