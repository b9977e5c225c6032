package org.openmmp.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.openmmp.wire.NetworkSet;

/**
 * The LMTP relay: {@code openmmp.lmtp}.
 *
 * @param listen where MTAs come in
 * @param clients who may, and what is believed of them
 * @param affinityList whether there is failover, affinity and following of referrals; if not,
 *     exactly the mail host is used (rule B5.5)
 * @param recipientDelimiters each of which ends a recipient's mailbox and begins its detail; empty:
 *     there are no details
 * @param dsn whether delivery status notifications are offered (RFC 3461): then every store must
 *     have them, for an MTA hands that duty over
 * @param referralPattern a regular expression that finds a referral in a greeting, its target in
 *     the named group {@code host}; empty: the project's own form (rule B5.6)
 * @param bareNewlines what becomes of a message with a CR or LF that is no line end (rule B5.8)
 */
public record LmtpConfig(
    List<ListenAddress> listen,
    Clients clients,
    boolean affinityList,
    String recipientDelimiters,
    boolean dsn,
    String referralPattern,
    BareNewlines bareNewlines,
    Bounds bounds,
    Spool spool,
    Pool pool,
    Timeouts timeouts) {
  /** Copies the lists. */
  public LmtpConfig {
    listen = List.copyOf(listen);
  }

  /** How a message with bare CR or LF is treated. */
  public enum BareNewlines {
    /** It is refused. */
    REFUSE,
    /** It passes as it is; neither ends anything. */
    PASS
  }

  /**
   * Who may deliver.
   *
   * @param networks all others are turned away
   * @param trusted networks whose XCLIENT is believed
   * @param startTls whether STARTTLS is offered: configured so, and a certificate is there
   */
  public record Clients(NetworkSet networks, NetworkSet trusted, boolean startTls) {}

  /**
   * What a client may send (rule B6.1).
   *
   * @param maxRecipients of one transaction; 100 or more (RFC 5321 section 4.5.3.1.8)
   * @param maxLineOctets of one command line, its end included
   * @param badCommands after so many the connection ends
   * @param groupShare percent of all deliveries under way that may wait for silent stores of one
   *     group while other groups have mail; 100: all (rule B5.17)
   */
  public record Bounds(int maxRecipients, int maxLineOctets, int badCommands, int groupShare) {}

  /**
   * Where a message is kept until every store has answered (rule B5.9).
   *
   * @param memoryOctets of one message; what is longer goes to a file
   * @param directory of these files; empty: the system's for temporary files
   * @param maxMessageOctets longest message that is taken
   */
  public record Spool(int memoryOctets, Optional<Path> directory, int maxMessageOctets) {}

  /**
   * Connections to stores that are kept between transactions (rule B5.10).
   *
   * @param idle how long unused; zero: none is kept
   * @param maxTransactions of one connection
   * @param perHost unused connections to one host, for each event loop
   * @param longestWait how long a delivery waits for a connection to a store that gives no more of
   *     them (rule B5.18)
   */
  public record Pool(Duration idle, int maxTransactions, int perHost, Duration longestWait) {}

  /**
   * How long things may take.
   *
   * @param command from a client's greeting or reply to its next whole command
   * @param body silence of a client within a message
   * @param search from the first recipient of a group to a store that takes recipients, over all
   *     attempts (rule B2.6)
   * @param stall a store takes nothing of the message for so long
   * @param finalReplies from the last octet of a message that a store took to its last reply
   * @param giveUp from a client's end of data on: a store that has not got all of the message by
   *     then never gets its end (rule B5.15)
   */
  public record Timeouts(
      Duration command,
      Duration body,
      Duration search,
      Duration stall,
      Duration finalReplies,
      Duration giveUp) {}
}
