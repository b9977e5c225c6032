package org.openmmp.it.attack;

import java.time.Duration;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.routing.StoreAccess;

/** Lets a configuration give stores less time for an answer than anybody may configure. */
final class ShortAnswers {
  private static final Duration ANSWER = Duration.ofMillis(1_500);

  private ShortAnswers() {}

  /** The same configuration, all groups being in haste. */
  static OpenMmpConfig in(OpenMmpConfig config) {
    return new OpenMmpConfig(
        config.hostname(),
        config.directory(),
        hasty(config.groupDefaults()),
        config.groups().stream().map(ShortAnswers::hasty).toList(),
        config.recovery(),
        config.login(),
        config.imap(),
        config.pop3(),
        config.lmtp(),
        config.tls(),
        config.limits(),
        config.proxyProtocol(),
        config.resolver(),
        config.transport(),
        config.sources(),
        config.admin(),
        config.log(),
        config.drain(),
        config.shared(),
        config.stateFile(),
        config.secretFiles(),
        config.written(),
        config.notices());
  }

  private static GroupConfig hasty(GroupConfig group) {
    return new GroupConfig(
        group.name(),
        group.hosts(),
        group.standbySite(),
        group.affinity(),
        answering(group.imap()),
        answering(group.pop()),
        answering(group.lmtp()),
        group.selection(),
        group.probe());
  }

  private static StoreAccess answering(StoreAccess access) {
    return new StoreAccess(
        access.port(),
        access.tls(),
        access.trust(),
        access.connectTimeout(),
        access.greetingTimeout(),
        ANSWER,
        access.adminName(),
        access.adminPassword(),
        access.clientId(),
        access.survival());
  }
}
