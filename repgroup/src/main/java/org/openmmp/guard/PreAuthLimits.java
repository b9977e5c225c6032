package org.openmmp.guard;

/**
 * How much a client may send before its login, in any protocol (rule B6.1).
 *
 * @param lineOctets the longest line, SASL responses included; tokens need some thousands
 * @param pipelinedOctets how much is kept of what comes behind a login under way
 * @param badCommands the bad command of this number ends the connection
 * @param failedLogins the failed login of this number ends the connection
 */
public record PreAuthLimits(
    int lineOctets, int pipelinedOctets, int badCommands, int failedLogins) {

  /** 16 KiB a line, 128 KiB pipelined, 3 bad commands, 5 failed logins. */
  public static final PreAuthLimits DEFAULT = new PreAuthLimits(16_384, 131_072, 3, 5);

  /** Checks that each is 1 or more. */
  public PreAuthLimits {
    if (Math.min(Math.min(lineOctets, pipelinedOctets), Math.min(badCommands, failedLogins)) < 1) {
      throw new IllegalArgumentException("a limit is 1 or more");
    }
  }
}
