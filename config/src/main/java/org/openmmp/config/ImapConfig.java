package org.openmmp.config;

/**
 * The IMAP front end: {@code openmmp.imap}.
 *
 * @param listen how clients come in
 * @param preAuth what they may do before their login
 * @param alertText shown to a user whose store is unreachable (rule B3.10); empty: no alert
 * @param maxLiteralOctets of one literal before login (rule B6.1)
 */
public record ImapConfig(
    ListenConfig listen, PreAuthConfig preAuth, String alertText, int maxLiteralOctets) {}
