package org.openmmp.directory;

import java.util.Locale;

/**
 * A user's or a domain's status, the mildest first; the columns say what each service answers (rule
 * B1.4).
 */
public enum AccountStatus {
  /** In use; also where no status is set. */
  ACTIVE(LookupResult.Kind.FOUND, 250, "2.1.5"),
  /** Over its quota: may read, and a delivery is the store's to judge. */
  OVERQUOTA(LookupResult.Kind.FOUND, 250, "2.1.5"),
  /** Messages are to wait. */
  DEFER(LookupResult.Kind.INACTIVE, 451, "4.2.1"),
  /** Messages are held. */
  HOLD(LookupResult.Kind.INACTIVE, 451, "4.2.1"),
  /** Not in use for now; also what a word means that is none of these. */
  INACTIVE(LookupResult.Kind.INACTIVE, 451, "4.2.1"),
  /** May not be used. */
  DISABLED(LookupResult.Kind.DISABLED, 550, "5.2.1"),
  /** Marked for removal. */
  DELETED(LookupResult.Kind.DISABLED, 550, "5.1.1"),
  /** Removed but for its entry. */
  REMOVED(LookupResult.Kind.DISABLED, 550, "5.1.1");

  private final LookupResult.Kind kind;
  private final int lmtpCode;
  private final String lmtpEnhancedCode;

  AccountStatus(LookupResult.Kind kind, int lmtpCode, String lmtpEnhancedCode) {
    this.kind = kind;
    this.lmtpCode = lmtpCode;
    this.lmtpEnhancedCode = lmtpEnhancedCode;
  }

  /** What one value of a status attribute means, in any case; an unknown word is inactive. */
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

  /** What a login comes to: {@link LookupResult.Kind#FOUND} if it may go on. */
  public LookupResult.Kind kind() {
    return kind;
  }

  /** The reply code that a recipient gets; 250 if the store is to judge. */
  public int lmtpCode() {
    return lmtpCode;
  }

  /** The enhanced status code (RFC 3463) that goes with it. */
  public String lmtpEnhancedCode() {
    return lmtpEnhancedCode;
  }
}
