package org.openmmp.directory;

import java.time.Duration;
import java.util.Map;

/**
 * The directory's answer for one name.
 *
 * @param kind what was found; the other parts mean something only for {@link Kind#FOUND}, but for
 *     {@code reason}
 * @param login the whole name with its domain: the user's identity in logs, limits and caches
 * @param mailHost the mail host attribute's value, or the configured default; never empty when
 *     found
 * @param storeName the name to replay to the store, or the recipient to send on: free of CR, LF and
 *     NUL; empty where a recipient is sent on as it came
 * @param entryDn the entry's distinguished name; also there for {@link Kind#NO_MAIL_HOST}
 * @param askedAs which of the request's names led to it, as the request has it; empty if it has one
 *     only
 * @param attributes other values of the entry that the configuration asked for, first value each
 * @param freshness where the answer came from
 * @param age how long ago it was looked up; nothing for what was looked up just now
 * @param reason for the log and for explain, never for a client: why, in one sentence without a
 *     secret
 */
public record LookupResult(
    Kind kind,
    String login,
    String mailHost,
    String storeName,
    String entryDn,
    String askedAs,
    Map<String, String> attributes,
    Freshness freshness,
    Duration age,
    String reason) {

  /** Copies the attributes. */
  public LookupResult {
    attributes = Map.copyOf(attributes);
  }

  /** An answer for a request with one name. */
  public LookupResult(
      Kind kind,
      String login,
      String mailHost,
      String storeName,
      String entryDn,
      Map<String, String> attributes,
      Freshness freshness,
      String reason) {
    this(
        kind,
        login,
        mailHost,
        storeName,
        entryDn,
        "",
        attributes,
        freshness,
        Duration.ZERO,
        reason);
  }

  /** The possible results of a look-up. */
  public enum Kind {
    /** One active entry with a mail host. */
    FOUND,
    /** No entry has this name, or the name cannot be one: answered as a wrong password is. */
    NO_SUCH_USER,
    /** The user or the domain is disabled: answered as a wrong password is. */
    DISABLED,
    /** The user or the domain is deleted or removed: answered as a wrong password is. */
    DELETED,
    /** The service is not allowed for this user or from this client: as a wrong password. */
    NOT_ALLOWED,
    /** Inactive, on hold or deferred: a temporary failure. */
    INACTIVE,
    /** The entry has no mail host and there is no default: a temporary failure. */
    NO_MAIL_HOST,
    /** More than one entry has this name: a temporary failure. */
    AMBIGUOUS,
    /** A value of the entry cannot be used (control characters, too long): a temporary failure. */
    BAD_ENTRY,
    /** No directory server answered, and nothing stale may serve: a temporary failure. */
    DIRECTORY_DOWN
  }

  /** Where an answer came from. */
  public enum Freshness {
    /** Asked for just now. */
    LOOKED_UP,
    /** From the cache, within its time to live. */
    CACHED,
    /** From the cache, past its time, because no directory server answers. */
    STALE
  }

  /** An answer without an entry. */
  public static LookupResult failed(Kind kind, String login, String reason) {
    return new LookupResult(kind, login, "", "", "", Map.of(), Freshness.LOOKED_UP, reason);
  }

  /** The same answer from another source, where it has been for so long. */
  public LookupResult as(Freshness other, Duration otherAge) {
    return new LookupResult(
        kind, login, mailHost, storeName, entryDn, askedAs, attributes, other, otherAge, reason);
  }

  /** The same answer for a request with several names. */
  public LookupResult askedAs(String name) {
    return new LookupResult(
        kind, login, mailHost, storeName, entryDn, name, attributes, freshness, age, reason);
  }

  /** Whether a caller who goes on with this answer does what the other one would have it do. */
  public boolean leadsWhere(LookupResult other) {
    return kind == other.kind
        && mailHost.equals(other.mailHost)
        && storeName.equals(other.storeName)
        && entryDn.equals(other.entryDn)
        && askedAs.equals(other.askedAs);
  }

  /** Whether a refusal that rests on it is told without a look at the directory (rule B1.10). */
  public boolean isRemembered() {
    return freshness != Freshness.LOOKED_UP;
  }
}
