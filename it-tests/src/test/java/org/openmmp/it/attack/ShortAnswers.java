package org.openmmp.it.attack;

import java.time.Duration;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;

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
        config.login(),
        config.imap(),
        config.pop3(),
        config.lmtp(),
        config.tls(),
        config.limits(),
        config.proxyProtocol(),
        config.resolver(),
        config.transport(),
        config.admin(),
        config.log(),
        config.drain(),
        config.secretFiles(),
        config.notices());
  }

  private static GroupConfig hasty(GroupConfig group) {
    return new GroupConfig(
        group.name(),
        group.hosts(),
        group.standbySite(),
        group.ports(),
        group.imapAdmin(),
        group.imapAdminPassword(),
        group.tls(),
        new GroupConfig.Timeouts(group.timeouts().connect(), group.timeouts().greeting(), ANSWER),
        group.coolDown(),
        group.discovery(),
        group.readOnly(),
        group.maxAttemptsPerStore(),
        group.affinity(),
        group.clientId());
  }
}
