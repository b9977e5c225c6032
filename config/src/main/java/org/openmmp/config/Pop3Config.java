package org.openmmp.config;

/**
 * The POP3 front end: {@code openmmp.pop3}.
 *
 * @param listen how clients come in
 * @param preAuth what they may do before their login; a capability is a line of the CAPA list
 */
public record Pop3Config(ListenConfig listen, PreAuthConfig preAuth) {}
