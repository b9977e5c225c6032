package org.openmmp.program;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The commands that ask a running front end to tell or do something: a method each, which puts the
 * words of its command line into a query.
 */
final class OperatorCommands {
  private OperatorCommands() {}

  @Command(
      name = "status",
      description =
          "Prints the state of each directory server, each group's master, since when and why, and"
              + " the state of each host, as the running front end sees them.")
  static int status(@Mixin AdminDoor door) {
    return door.look("/api/v1/groups", Map.of());
  }

  @Command(
      name = "failback",
      description =
          "Has the logins and deliveries of a group begin with its first host again; sessions stay"
              + " where they are.")
  static int failback(
      @Mixin AdminDoor door,
      @Parameters(paramLabel = "GROUP", description = "a group of the configuration")
          String group) {
    return door.act("/api/v1/failback", Map.of("group", group));
  }

  @Command(
      name = "activate-site",
      description =
          "Lets logins and deliveries use the hosts of a group's standby site, until"
              + " deactivate-site; make sure before that the other site's stores are stopped.")
  static int activateSite(
      @Mixin AdminDoor door,
      @Parameters(paramLabel = "GROUP", description = "a group of the configuration") String group,
      @Option(names = "--yes", description = "does it without a question") boolean yes) {
    return door.confirmed(
            yes,
            "The standby site of group "
                + group
                + " will be used: no store of its other site may run at the same time.")
        ? door.act("/api/v1/activate-site", Map.of("group", group))
        : AdminDoor.WRONG;
  }

  @Command(
      name = "deactivate-site",
      description = "Takes the hosts of a group's standby site out of use again.")
  static int deactivateSite(
      @Mixin AdminDoor door,
      @Parameters(paramLabel = "GROUP", description = "a group of the configuration") String group,
      @Option(names = "--yes", description = "does it without a question") boolean yes) {
    return door.confirmed(
            yes,
            "Logins and deliveries of group "
                + group
                + " will not go to its standby site any more.")
        ? door.act("/api/v1/deactivate-site", Map.of("group", group))
        : AdminDoor.WRONG;
  }
}
