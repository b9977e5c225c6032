package org.openmmp.proxy.imap;

/**
 * How much a client may send before its login (rule B6.1).
 *
 * @param lineOctets the longest line, SASL responses included; tokens need some thousands
 * @param literalOctets the longest literal
 * @param commandOctets the longest command, its literals included
 * @param pipelinedOctets how much is kept of what comes behind a login under way
 * @param badCommands the bad command of this number ends the connection
 * @param failedLogins the failed login of this number ends the connection
 */
public record ImapLimits(
    int lineOctets,
    int literalOctets,
    int commandOctets,
    int pipelinedOctets,
    int badCommands,
    int failedLogins) {

  /** 16 KiB a line, 8 KiB a literal, 32 KiB a command, 128 KiB pipelined, 3 bad, 5 failed. */
  public static final ImapLimits DEFAULT = new ImapLimits(16_384, 8_192, 32_768, 131_072, 3, 5);

  /** Checks that each is 1 or more. */
  public ImapLimits {
    if (Math.min(lineOctets, Math.min(literalOctets, commandOctets)) < 1
        || Math.min(pipelinedOctets, Math.min(badCommands, failedLogins)) < 1) {
      throw new IllegalArgumentException("a limit is 1 or more");
    }
  }
}
