package org.openmmp.repgroup;

/**
 * Why the policy chose as it did; the log, explain and the dashboard print the same value.
 *
 * @param kind the rule that decided
 * @param detail what the rule looked at, may be empty; no secret
 */
public record Reason(Kind kind, String detail) {
  /** The rules that decide, each with its sentence about a host or a wait. */
  public enum Kind {
    /** The last successful master. */
    AFFINITY("the affinity host"),
    /** The preferred master. */
    FIRST_IN_LIST("first of the list"),
    /** A further host of the list. */
    NEXT_IN_LIST("next of the list"),
    /** The mail host itself, for a client that does not fail over. */
    MAIL_HOST("the mail host"),
    /** An administrator prefers it while no master is known. */
    PREFERRED("preferred by an administrator"),
    /** Writers are served there. */
    OTHER_SERVICES_AFFINITY("the affinity host of those who write"),
    /** Other front ends of the site find the master there, and none of our own serves. */
    SITES_AFFINITY("the affinity host of other front ends"),
    /** It failed at another front end, and nothing of our own says otherwise. */
    DOWN_BY_HEARSAY("behind the others, since it failed at another front end"),
    /** A host of the group referred to it. */
    REFERRED_BY("a store of the group referred to it"),
    /** A host outside the group referred to it. */
    REFERRED_INTO_GROUP("a store outside the group referred to it"),
    /** Its cool-down is over: one login asks it. */
    COOL_DOWN_OVER_PROBE("its cool-down is over, one login asks it"),
    /** In cool-down, and all better hosts are used up. */
    LAST_RESORT("nothing better is left, though it is in cool-down"),
    /** A replica that serves read-only while there is no master. */
    READ_ONLY("no master is reached, this replica serves read-only"),
    /** Passed over: in cool-down. */
    COOLING_DOWN("passed over while in cool-down"),
    /** Passed over: its site was not activated. */
    STANDBY_SITE("passed over until its site is activated"),
    /** Drained: asked only if no other host takes over. */
    DRAINED("drained, asked only if no other host takes over"),
    /** Drained, and needed all the same. */
    DRAINED_AND_NEEDED("drained, but no other host of the group takes over"),
    /** Passed over: retired by an administrator. */
    RETIRED("passed over until the next reload, since it was retired"),
    /** Another login asks, this one waits for its answer. */
    OTHER_LOGIN_ASKS("waits for the answer to another login"),
    /** Several ask, and none was greeted in the usual time: this one waits for a greeting. */
    GREETINGS_OVERDUE("waits for a greeting that several connections to the store wait for"),
    /** As many attempts as allowed are under way to the host, or begin there in a second. */
    STORE_FULL("waits for its turn at a store"),
    /** Its turn did not come in time. */
    NOT_ADMITTED("its turn at the store did not come in time"),
    /** As many as allowed wait for the group; it is refused after a while. */
    NO_ROOM_TO_WAIT("too many others wait for the group"),
    /** No master: the group's next round comes later. */
    NO_MASTER_PAUSE("no master, waits for the next round"),
    /** The master refused for now: it is asked once more. */
    TEMPORARY_PAUSE("the master refused for now, waits to ask it once more"),
    /** It refused this login for now, or had no room for it. */
    ONCE_MORE("asked once more"),
    /** Logins were let in there while the affinity host did not answer this service. */
    DETOUR("this service was served there while the affinity host failed it"),
    /** Every host failed: waits for one to greet a probe. */
    STORE_AWAITED("no store answers, waits for one to greet"),
    /** A store refused this login alone, and no other let it in. */
    REFUSED("refused for this login alone"),
    /** Every usable host failed. */
    EVERY_HOST_FAILED("no store answered"),
    /** Stores answered, and none is master. */
    NO_MASTER("no store is master"),
    /** The login's time is over. */
    DEADLINE("the login deadline passed");

    private final String sentence;

    Kind(String sentence) {
      this.sentence = sentence;
    }

    /** The rule in words. */
    public String sentence() {
      return sentence;
    }

    /** Whether a failed host that greets again helps logins that wait or fail for this reason. */
    boolean wantsGreeting() {
      return this == NO_MASTER_PAUSE
          || this == STORE_AWAITED
          || this == EVERY_HOST_FAILED
          || this == NO_MASTER;
    }

    /** Whether who waits for this reason has a seat among those of the group that wait. */
    boolean takesSeat() {
      return awaitsMaster() || this == STORE_FULL;
    }

    /** Whether who waits for this reason waits until the group has a master. */
    boolean awaitsMaster() {
      return this == NO_MASTER_PAUSE
          || this == STORE_AWAITED
          || this == OTHER_LOGIN_ASKS
          || this == GREETINGS_OVERDUE;
    }

    /** Whether a store said so. */
    boolean isReferral() {
      return this == REFERRED_BY || this == REFERRED_INTO_GROUP;
    }

    /** Whether a host with this reason may be dialled. */
    public boolean usable() {
      return this != COOLING_DOWN && this != STANDBY_SITE && this != RETIRED;
    }
  }

  /** A reason without detail. */
  static Reason of(Kind kind) {
    return new Reason(kind, "");
  }

  /** Rule and detail in one sentence. */
  public String text() {
    return detail.isEmpty() ? kind.sentence() : kind.sentence() + ": " + detail;
  }

  @Override
  public String toString() {
    return text();
  }
}
