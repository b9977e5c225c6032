package org.openmmp.storesim.session;

import org.openmmp.storesim.StoreNode.Target;
import org.openmmp.storesim.UserTrouble;

/**
 * How a login ends at a node.
 *
 * @param target where to go, if referred; else {@link Target#NOWHERE}
 * @param trouble what goes wrong for this user alone, if that is the kind
 */
public record LoginVerdict(Kind kind, Target target, UserTrouble trouble) {
  /** The ways in which a login ends. */
  public enum Kind {
    /** No login is taken before TLS. */
    TLS_FIRST,
    /** Temporarily out of order. */
    TEMPORARY_ERROR,
    /** Another session holds the mailbox. */
    MAILBOX_IN_USE,
    /** Wrong user or password. */
    WRONG,
    /** The proof is good, and the user is served elsewhere. */
    REFERRED,
    /** The proof is good, and something goes wrong for this user. */
    TROUBLE,
    /** The proof is good, and this replica knows of no master. */
    NO_MASTER,
    /** The proof is good, and the user is served here. */
    WELCOME
  }

  LoginVerdict(Kind kind) {
    this(kind, Target.NOWHERE);
  }

  LoginVerdict(Kind kind, Target target) {
    this(kind, target, UserTrouble.NONE);
  }

  LoginVerdict(UserTrouble trouble) {
    this(Kind.TROUBLE, Target.NOWHERE, trouble);
  }
}
