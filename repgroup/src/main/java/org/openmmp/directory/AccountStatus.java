package org.openmmp.directory;

import java.util.Locale;

/**
 * A user's or a domain's status, the mildest first; the column says what a look-up comes to (rule
 * B1.4).
 */
public enum AccountStatus {
  /** In use; also where no status is set. */
  ACTIVE(LookupResult.Kind.FOUND),
  /** Over its quota: may read, and a delivery is the store's to judge. */
  OVERQUOTA(LookupResult.Kind.FOUND),
  /** Messages are to wait. */
  DEFER(LookupResult.Kind.INACTIVE),
  /** Messages are held. */
  HOLD(LookupResult.Kind.INACTIVE),
  /** Not in use for now; also what a word means that is none of these. */
  INACTIVE(LookupResult.Kind.INACTIVE),
  /** May not be used. */
  DISABLED(LookupResult.Kind.DISABLED),
  /** Marked for removal. */
  DELETED(LookupResult.Kind.DELETED),
  /** Removed but for its entry. */
  REMOVED(LookupResult.Kind.DELETED);

  private final LookupResult.Kind kind;

  AccountStatus(LookupResult.Kind kind) {
    this.kind = kind;
  }

  /** Reads a value of a status attribute, in any case; an unknown word is inactive. */
  public static AccountStatus of(String value) {
    String word = value.strip().toLowerCase(Locale.ROOT);
    if (word.isEmpty()) {
      return ACTIVE;
    }
    for (AccountStatus status : values()) {
      if (status.word().equals(word)) {
        return status;
      }
    }
    return INACTIVE;
  }

  /** The word for it in an entry. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The stricter of the two. */
  public AccountStatus or(AccountStatus other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** The result of a look-up: {@link LookupResult.Kind#FOUND} if it may go on. */
  public LookupResult.Kind kind() {
    return kind;
  }
}
