package org.openmmp.routing;

/**
 * How far a store's connection is protected, and what its policy asks for before a credential or a
 * message leaves (rule B2.3, T4).
 */
public final class StoreProtection {
  /** What comes next. */
  public enum Next {
    /** Begin TLS. */
    BEGIN_TLS,
    /** Ask what the store offers. */
    ASK,
    /** It is protected as it has to be: go on to the login, or to the delivery. */
    GO_ON,
    /** The store has no TLS, and it is required. */
    FAIL
  }

  private final TlsPolicy policy;
  private boolean begun;
  private boolean refused;

  /** A connection before its first TLS, or under TLS from the start where the policy says so. */
  public StoreProtection(TlsPolicy policy) {
    this.policy = policy;
  }

  /**
   * What comes next.
   *
   * @param known whether the store's offer at this moment is known
   * @param offersTls whether it has TLS in it
   */
  public Next next(boolean known, boolean offersTls) {
    boolean must = policy == TlsPolicy.STARTTLS && !begun;
    boolean may = policy == TlsPolicy.OPPORTUNISTIC && !begun && !refused;
    if (must && known && !offersTls) {
      return Next.FAIL;
    }
    if (must || (may && known && offersTls)) {
      return Next.BEGIN_TLS;
    }
    return known ? Next.GO_ON : Next.ASK;
  }

  /** TLS stands. */
  public void begun() {
    begun = true;
  }

  /** The store refused to begin TLS; whether it may be used nevertheless. */
  public boolean mayDoWithout() {
    refused = true;
    return policy == TlsPolicy.OPPORTUNISTIC;
  }
}
