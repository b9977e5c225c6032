package org.openmmp.wire;

/**
 * What one SASL message says: who logs in, as whom, and with what.
 *
 * @param authzid authorization identity, empty if none was given
 * @param authcid authentication identity
 * @param secret password or token; whoever takes the message clears it
 */
public record SaslMessage(String authzid, String authcid, Secret secret) {}
