package org.openmmp.lmtp.transaction;

import java.util.EnumSet;
import java.util.Set;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.StoreIntroduction;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.Service;

/**
 * How the relay works.
 *
 * @param hostName its name in greetings and towards stores
 * @param config the settings
 * @param referrals finds referrals in what stores say
 */
public record RelaySettings(String hostName, LmtpConfig config, ReferralPattern referrals) {
  /** The service that affinity and health are kept for. */
  public static final Service SERVICE = new Service("lmtp");

  /** With an affinity list it fails over and follows referrals; else there is one host (B5.5). */
  public ClientKind clientKind() {
    return config.affinityList() ? ClientKind.WRITER : ClientKind.SINGLE;
  }

  /** What every client is offered from its first connection on, whatever stores have (B5.1). */
  Extensions offered() {
    Set<Extension> own =
        EnumSet.of(
            Extension.PIPELINING,
            Extension.ENHANCED_STATUS_CODES,
            Extension.EIGHT_BIT_MIME,
            Extension.SMTPUTF8,
            Extension.CHUNKING,
            Extension.SIZE);
    if (config.dsn()) {
      own.add(Extension.DSN);
    }
    return Extensions.of(own).withLimit(config.spool().maxMessageOctets());
  }

  /** What holds for every connection to a store. */
  public StoreIntroduction introduction() {
    return new StoreIntroduction(hostName, referrals, config.pool().maxTransactions());
  }
}
