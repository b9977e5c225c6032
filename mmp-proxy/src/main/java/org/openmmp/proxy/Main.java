package org.openmmp.proxy;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the MMP proxy. */
@Command(
    name = "openmmp",
    description = "The open front end for mail stores that fail over.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ProxyCommand.class,
      ExplainCommand.class,
      StatusCommand.class,
      LintCommand.class
    })
public final class Main {
  /** Exit status for a configuration that is refused, as sysexits.h has it. */
  static final int EX_CONFIG = 78;

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    int status = new CommandLine(new Main()).execute(args);
    LogSetup.end();
    if (status != 0) {
      System.exit(status);
    }
  }
}
