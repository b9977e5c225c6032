package org.openmmp.storesim;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.openmmp.storesim.mailbox.MailStore;

/**
 * What the nodes of one group have in common.
 *
 * @param settings the group's settings
 * @param accounts who may log in
 * @param mail the mailboxes
 * @param replication who hears whom and who is master, as it is now
 * @param usersElsewhere referral, in the words of the protocol, by folded name of users whose INBOX
 *     is in another group
 * @param troubles by folded name: what goes wrong for a user
 * @param heldLogs by node name: the newest record in a log that does not follow
 */
record GroupCommons(
    ClusterSettings settings,
    Accounts accounts,
    MailStore mail,
    AtomicReference<VotingGroup> replication,
    Map<String, String> usersElsewhere,
    Map<String, UserTrouble> troubles,
    Map<String, Long> heldLogs) {

  /** For a new group. */
  GroupCommons(ClusterSettings settings, Accounts accounts) {
    this(
        settings,
        accounts,
        new MailStore(),
        new AtomicReference<>(VotingGroup.of(settings)),
        new ConcurrentHashMap<>(),
        new ConcurrentHashMap<>(),
        new ConcurrentHashMap<>());
  }

  /** What front ends and referrals call a node. */
  String hostNameOf(String node) {
    return settings.nodes().stream()
        .filter(each -> each.name().equals(node))
        .map(ClusterSettings.Node::hostName)
        .findFirst()
        .orElseThrow();
  }

  /** The newest record in a node's log. */
  long logRecordOf(String node) {
    return heldLogs.getOrDefault(node, mail.records());
  }
}
