package org.openmmp.storesim.session;

import org.openmmp.storesim.StoreNode.Target;

/**
 * How a login ends at a node.
 *
 * @param target where to go, if referred; else {@link Target#NOWHERE}
 */
public record LoginVerdict(Kind kind, Target target) {
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
    /** The proof is good, and this replica knows of no master. */
    NO_MASTER,
    /** The proof is good, and the user is served here. */
    WELCOME
  }

  LoginVerdict(Kind kind) {
    this(kind, Target.NOWHERE);
  }
}
