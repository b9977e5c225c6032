package org.openmmp.proxy.imap;

import org.openmmp.proxy.client.PreAuthLimits;

/**
 * How much a client may send before its login (rule B6.1).
 *
 * @param preAuth what holds in any protocol
 * @param literalOctets the longest literal
 * @param commandOctets the longest command, its literals included
 */
public record ImapLimits(PreAuthLimits preAuth, int literalOctets, int commandOctets) {

  /** 8 KiB a literal, 32 KiB a command. */
  public static final ImapLimits DEFAULT = new ImapLimits(PreAuthLimits.DEFAULT, 8_192, 32_768);

  /** Checks that each is 1 or more. */
  public ImapLimits {
    if (Math.min(literalOctets, commandOctets) < 1) {
      throw new IllegalArgumentException("a limit is 1 or more");
    }
  }
}
