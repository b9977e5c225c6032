package org.openmmp.storesim.lmtp;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openmmp.lmtp.protocol.LmtpVerb;

/**
 * How one node speaks LMTP, beyond what its role and faults say.
 *
 * @param extensions the lines of the reply to LHLO, STARTTLS left out: that is there as TLS is
 * @param replies what commands are answered with, instead of what is due; a reply of class 2 or 3
 *     is acted upon as if it were the usual one
 * @param recipientReplies what RCPT is answered with, by address in lower case
 * @param finalReplies what becomes of a message, by address in lower case; only a reply of class 2
 *     delivers it
 * @param trouble where it ceases
 * @param octetsPerSecond how fast it reads messages; 0: as they come
 * @param lenient whether a lone CR or LF ends a line, and a dot and LF a message: what message
 *     smuggling needs
 */
public record LmtpScript(
    List<String> extensions,
    Map<LmtpVerb, String> replies,
    Map<String, String> recipientReplies,
    Map<String, String> finalReplies,
    LmtpTrouble trouble,
    int octetsPerSecond,
    boolean lenient) {
  /** Everything usual is offered, and nothing goes wrong. */
  public static final LmtpScript HEALTHY =
      new LmtpScript(
          List.of(
              "PIPELINING",
              "ENHANCEDSTATUSCODES",
              "8BITMIME",
              "SMTPUTF8",
              "SIZE",
              "CHUNKING",
              "DSN",
              "XCLIENT ADDR PORT NAME HELO LOGIN SESSION TTL"),
          Map.of(),
          Map.of(),
          Map.of(),
          LmtpTrouble.NONE,
          0,
          false);

  /** Copies all collections. */
  public LmtpScript {
    extensions = List.copyOf(extensions);
    replies = Map.copyOf(replies);
    recipientReplies = Map.copyOf(recipientReplies);
    finalReplies = Map.copyOf(finalReplies);
  }

  /** The same, offering these and nothing else. */
  public LmtpScript offering(String... lines) {
    return new LmtpScript(
        List.of(lines), replies, recipientReplies, finalReplies, trouble, octetsPerSecond, lenient);
  }

  /** The same, answering a command with a reply, code and all. */
  public LmtpScript answering(LmtpVerb verb, String reply) {
    return new LmtpScript(
        extensions,
        with(replies, verb, reply),
        recipientReplies,
        finalReplies,
        trouble,
        octetsPerSecond,
        lenient);
  }

  /** The same, answering RCPT of an address with a reply. */
  public LmtpScript answeringRecipient(String address, String reply) {
    return new LmtpScript(
        extensions,
        replies,
        with(recipientReplies, address.toLowerCase(Locale.ROOT), reply),
        finalReplies,
        trouble,
        octetsPerSecond,
        lenient);
  }

  /** The same, answering a message to an address with a final reply. */
  public LmtpScript answeringMessage(String address, String reply) {
    return new LmtpScript(
        extensions,
        replies,
        recipientReplies,
        with(finalReplies, address.toLowerCase(Locale.ROOT), reply),
        trouble,
        octetsPerSecond,
        lenient);
  }

  /** The same, ceasing at some point. */
  public LmtpScript with(LmtpTrouble other) {
    return new LmtpScript(
        extensions, replies, recipientReplies, finalReplies, other, octetsPerSecond, lenient);
  }

  /** The same, reading messages slowly. */
  public LmtpScript reading(int octetsInASecond) {
    return new LmtpScript(
        extensions, replies, recipientReplies, finalReplies, trouble, octetsInASecond, lenient);
  }

  /** The same, taking more than CR LF dot CR LF for an end of data. */
  public LmtpScript leniently() {
    return new LmtpScript(
        extensions, replies, recipientReplies, finalReplies, trouble, octetsPerSecond, true);
  }

  private static <K extends Comparable<K>> Map<K, String> with(
      Map<K, String> all, K key, String reply) {
    Map<K, String> more = new TreeMap<>(all);
    more.put(key, reply);
    return more;
  }
}
