package org.openmmp.transport;

import java.time.Instant;
import org.openmmp.wire.Network;

/**
 * What is known of one session with a client at one moment. What is not known, or not yet, is an
 * empty text.
 *
 * @param id the session's name in the log
 * @param service what the client uses: {@code imap}, {@code pop3}, {@code lmtp}
 * @param network the client's address
 * @param since when it was accepted
 * @param user whose mailbox it has open; octets of the client's choice, to be made safe before
 *     printing
 * @param entry the distinguished name of the user's entry in the directory
 * @param group where its store or stores are; several with a comma between them
 * @param host likewise
 * @param fromClient octets that its store was sent by it, or that a relay had from it
 * @param toClient octets in the other direction
 */
public record SessionFacts(
    String id,
    String service,
    Network network,
    Instant since,
    String user,
    String entry,
    String group,
    String host,
    long fromClient,
    long toClient) {}
