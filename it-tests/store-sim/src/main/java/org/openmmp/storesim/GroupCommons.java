package org.openmmp.storesim;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.openmmp.storesim.mailbox.MailStore;

/**
 * What the nodes of one group have in common.
 *
 * @param accounts who may log in
 * @param mail the mailboxes
 * @param seat who is master
 * @param usersElsewhere referral, in the words of the protocol, by folded name of users whose INBOX
 *     is in another group
 * @param troubles by folded name: what goes wrong for a user
 * @param heldLogs by node name: the newest record in a log that does not follow
 */
record GroupCommons(
    Accounts accounts,
    MailStore mail,
    MasterSeat seat,
    Map<String, String> usersElsewhere,
    Map<String, UserTrouble> troubles,
    Map<String, Long> heldLogs) {

  /** For a new group. */
  GroupCommons(Accounts accounts) {
    this(
        accounts,
        new MailStore(),
        new MasterSeat(),
        new ConcurrentHashMap<>(),
        new ConcurrentHashMap<>(),
        new ConcurrentHashMap<>());
  }
}
