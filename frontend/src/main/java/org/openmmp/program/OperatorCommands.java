package org.openmmp.program;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.Secret;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The commands that ask a running front end to tell or do something: a method each, which puts the
 * words of its command line into a query.
 */
final class OperatorCommands {
  /** To the upper left corner, and nothing below: ECMA-48's CUP and ED. */
  private static final String CLEAR = "\u001b[H\u001b[J";

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
      name = "reload",
      description =
          "Has the running front end read its configuration again and take all of it over, or"
              + " nothing; sessions go on. Says what has changed.")
  static int reload(
      @Mixin AdminDoor door,
      @Option(names = "--dry-run", description = "only says what would change") boolean dryRun) {
    return door.act("/api/v1/reload", Map.of("dry-run", String.valueOf(dryRun)));
  }

  @Command(
      name = "failback",
      description =
          "Has the logins and deliveries of a group begin with its first host again; sessions stay"
              + " where they are.")
  static int failback(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "GROUP", description = "a group of the configuration")
          String group) {
    return door.act("/api/v1/failback", reach.of(Map.of("group", group)));
  }

  @Command(
      name = "prefer",
      description =
          "Has the logins and deliveries of a host's group begin at that host while no master is"
              + " known, and forgets the master; a store's referral outweighs it. failback ends"
              + " it.")
  static int prefer(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "HOST", description = "a host, as it is configured") String host,
      @Option(
              names = "--group",
              paramLabel = "GROUP",
              defaultValue = "",
              description = "which group, where several list the host")
          String group) {
    return door.act("/api/v1/prefer", reach.of(Map.of("host", host, "group", group)));
  }

  @Command(
      name = "activate-site",
      description =
          "Lets logins and deliveries use the hosts of a group's standby site, until"
              + " deactivate-site; make sure before that the other site's stores are stopped.")
  static int activateSite(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "GROUP", description = "a group of the configuration") String group,
      @Option(names = "--yes", description = "does it without a question") boolean yes) {
    return door.confirmed(
            yes,
            "The standby site of group "
                + group
                + " will be used: no store of its other site may run at the same time.")
        ? door.act("/api/v1/activate-site", reach.of(Map.of("group", group)))
        : AdminDoor.WRONG;
  }

  @Command(
      name = "deactivate-site",
      description = "Takes the hosts of a group's standby site out of use again.")
  static int deactivateSite(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "GROUP", description = "a group of the configuration") String group,
      @Option(names = "--yes", description = "does it without a question") boolean yes) {
    return door.confirmed(
            yes,
            "Logins and deliveries of group "
                + group
                + " will not go to its standby site any more.")
        ? door.act("/api/v1/deactivate-site", reach.of(Map.of("group", group)))
        : AdminDoor.WRONG;
  }

  @Command(
      name = "recovery",
      description =
          "Says that a group or a domain is being restored: until that is switched off, an unknown"
              + " user is told as temporary there, 451 and not 550 to an MTA.")
  static int recovery(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(
              paramLabel = "GROUP|DOMAIN",
              description =
                  "a group of the configuration, or a domain; with @ before it, a domain that is"
                      + " called like a group")
          String name,
      @Parameters(paramLabel = "on|off", description = "on, or off") String to) {
    return door.act("/api/v1/recovery", reach.of(Map.of("name", name, "switch", to)));
  }

  @Command(name = "sessions", description = "Lists the sessions that are open.")
  static int sessions(
      @Mixin AdminDoor door,
      @Mixin SessionSelectors selectors,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "1000",
              description = "lists so many, the oldest first; default: ${DEFAULT-VALUE}")
          int limit,
      @Option(names = "--site", description = "at all front ends of the site") boolean site) {
    Map<String, String> asked = selectors.parameters();
    asked.put("limit", Integer.toString(limit));
    asked.put("site", site ? "yes" : "");
    return door.look("/api/v1/sessions", asked);
  }

  @Command(
      name = "kick",
      description = "Ends the sessions that all the given selectors are true of.")
  static int kick(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Mixin SessionSelectors selectors,
      @Option(names = "--yes", description = "does it without a question") boolean yes) {
    Map<String, String> asked = selectors.parameters();
    if (asked.isEmpty()) {
      door.errors().println("openmmp: say whose sessions: --user, --session, --network, …");
      return AdminDoor.WRONG;
    }
    OptionalInt count = yes ? OptionalInt.empty() : door.count("/api/v1/sessions", reach.of(asked));
    return count.orElse(0) < 2 || door.confirmed(false, count.getAsInt() + " sessions will end.")
        ? door.act("/api/v1/kick", reach.of(asked))
        : AdminDoor.WRONG;
  }

  @Command(
      name = "flush",
      description = "Forgets what the directory said of a user or of a domain, or of everybody.")
  static int flush(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(
              paramLabel = "USER|DOMAIN",
              arity = "0..1",
              defaultValue = "",
              description = "a login name, or a domain with all its names")
          String name,
      @Option(names = "--all", description = "of everybody") boolean all) {
    return door.act("/api/v1/flush", reach.of(Map.of("name", name, "all", all ? "yes" : "")));
  }

  @Command(
      name = "block",
      description =
          "Keeps the clients of a network, or a user, out. They hear that an administrator did"
              + " so; sessions under way go on.")
  static int block(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(
              paramLabel = "NETWORK|USER",
              description = "a network such as 192.0.2.0/24, or a login name")
          String what,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              defaultValue = "",
              description = "such as 30m, 12h or 7d; default: until unblock")
          String time) {
    return door.act("/api/v1/block", reach.of(Map.of("what", what, "for", time)));
  }

  @Command(name = "unblock", description = "Lets a network or a user in again.")
  static int unblock(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "NETWORK|USER", description = "as it was blocked") String what) {
    return door.act("/api/v1/unblock", reach.of(Map.of("what", what)));
  }

  @Command(name = "blocks", description = "Lists the networks and users that are blocked.")
  static int blocks(
      @Mixin AdminDoor door,
      @Option(names = "--site", description = "at all front ends of the site") boolean site) {
    return door.look("/api/v1/blocks", Map.of("site", site ? "yes" : ""));
  }

  @Command(
      name = "site",
      description =
          "Lists the front ends that share something (openmmp.shared): who shows signs of life, how"
              + " many clients each has, and whether it has the same groups.")
  static int site(@Mixin AdminDoor door) {
    return door.look("/api/v1/site", Map.of());
  }

  @Command(
      name = "trace",
      description =
          "Shows what a user's sessions, or those of a client's address, say on the wire, to"
              + " client and store, without secrets. Only sessions that begin from now on are"
              + " seen. Ends by itself.")
  static int trace(
      @Mixin AdminDoor door,
      @Parameters(
              paramLabel = "USER|ADDRESS",
              arity = "0..1",
              defaultValue = "",
              description = "a login name, or the address of a client")
          String what,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              defaultValue = "5m",
              description = "such as 30s or 10m, 1h at most; default: ${DEFAULT-VALUE}")
          String time,
      @Option(names = "--stop", description = "ends the trace of USER|ADDRESS, or all traces")
          boolean stop) {
    return stop
        ? door.act("/api/v1/trace", Map.of("what", what, "stop", "yes"))
        : door.follow("/api/v1/trace", Map.of("what", what, "for", time));
  }

  @Command(
      name = "probe",
      description =
          "Goes the way of a login name without a password: the directory, the group, and each of"
              + " its hosts up to the greeting; with a test account's password, through the login."
              + " Ends with 3 if no host that is used greets, or none lets the account in.")
  static int probe(
      @Mixin AdminDoor door,
      @Parameters(paramLabel = "USER", description = "login name, as a client would type it")
          String user,
      @Option(
              names = "--service",
              paramLabel = "SERVICE",
              defaultValue = "imap",
              description = "imap, pop3 or lmtp; default: ${DEFAULT-VALUE}")
          String service,
      @Option(
              names = "--login",
              description =
                  "goes on through the login, with a password that is asked for on the terminal;"
                      + " lmtp: to the answer to RCPT, without one")
          boolean login,
      @Option(
              names = "--password-file",
              paramLabel = "FILE",
              description = "takes the first line of a file for the password, instead of asking")
          @Nullable Path passwordFile) {
    Map<String, String> asked =
        Map.of(
            "user", user, "service", service, "login", login || passwordFile != null ? "yes" : "");
    if ((!login && passwordFile == null) || service.equals("lmtp")) {
      return door.report("/api/v1/probe", asked, new byte[0]);
    }
    byte[] password =
        passwordFile == null
            ? AdminDoor.typedPassword()
            : Secret.firstLineOf(passwordFile).map(Secret::copy).orElse(new byte[0]);
    if (password.length == 0) {
      door.errors()
          .println(
              "openmmp: "
                  + (passwordFile == null
                      ? "no password was typed: use a terminal, or --password-file FILE"
                      : passwordFile + " is no readable file whose first line is a password"));
      return AdminDoor.WRONG;
    }
    return door.report("/api/v1/probe", asked, password);
  }

  @Command(
      name = "selftest",
      description = {
        "Tries at every listener of the running front end what an attacker would try first, as a"
            + " list of checks before it goes live: PASS, FAIL or SKIPPED, with what was seen.",
        "Its wrong passwords count for this machine's address, as anybody's do."
      })
  static int selfTest(
      @Mixin AdminDoor door,
      @Option(
              names = "--user",
              paramLabel = "USER",
              defaultValue = "",
              description = "a test account, for a wrong password at its store")
          String user,
      @Option(
              names = "--password-file",
              paramLabel = "FILE",
              description = "its password in the first line, to see that the right one is let in")
          @Nullable Path passwordFile,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              defaultValue = "",
              description =
                  "the name that clients use, for the certificate; default: openmmp.hostname")
          String name) {
    return door.configuration()
        .map(read -> new SelfTest(door, read).run(user, passwordFile, name))
        .orElse(StartStatus.EX_CONFIG);
  }

  @Command(
      name = "top",
      description =
          "Shows, once a second, logins by outcome, the slowest phase, and the users, networks and"
              + " hosts with the most sessions.")
  static int top(
      @Mixin AdminDoor door,
      @Option(names = "--once", description = "prints it once") boolean once) {
    int status;
    boolean again = !once && !door.json() && AdminDoor.onTerminal();
    do {
      status = door.look("/api/v1/top", Map.of(), again ? CLEAR : "");
    } while (again && status == 0);
    return status;
  }

  @Command(
      name = "drain",
      description = {
        "Takes a store out of use: the other hosts of its groups take over, and its sessions end at"
            + " points where nothing is open, spread over openmmp.drain.spread.",
        "drain self does the same to the front end itself, which then stops."
      })
  static int drain(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "HOST|self", description = "a host of the configuration, or self")
          String what) {
    return what.equals("self")
        ? door.act("/api/v1/drain-self", Map.of())
        : door.act("/api/v1/drain", reach.of(Map.of("host", what)));
  }

  @Command(
      name = "move",
      description = {
        "Has IMAP sessions go on at another host, of a user, or all that are at a host, in groups"
            + " with survive-failover. Their clients see nothing of it.",
        "Without arguments: how many sessions could be moved now, and why the others could not."
      })
  static int move(
      @Mixin AdminDoor door,
      @Parameters(
              paramLabel = "USER|HOST",
              arity = "0..1",
              defaultValue = "",
              description = "whose sessions: a login name, or a host of the configuration")
          String what,
      @Option(
              names = "--to",
              paramLabel = "HOST",
              defaultValue = "",
              description = "where to; else where the group's master is")
          String to) {
    if (what.isEmpty()) {
      return door.look("/api/v1/moves", Map.of(), "");
    }
    boolean host =
        door.configuration()
            .map(
                read ->
                    read.groups().stream()
                        .anyMatch(group -> group.hosts().stream().anyMatch(what::equalsIgnoreCase)))
            .orElse(false);
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put(host ? "host" : "user", what);
    if (!to.isEmpty()) {
      asked.put("to", to);
    }
    return door.act("/api/v1/move", asked);
  }

  @Command(name = "undrain", description = "Puts a host to use again that was drained or retired.")
  static int undrain(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "HOST", description = "a host of the configuration") String host) {
    return door.act("/api/v1/undrain", reach.of(Map.of("host", host)));
  }

  @Command(
      name = "retire",
      description =
          "Drains a host for good: it is never chosen until the next reload, not even if no other"
              + " host of its group answers.")
  static int retire(
      @Mixin AdminDoor door,
      @Mixin Reach reach,
      @Parameters(paramLabel = "HOST", description = "a host of the configuration") String host) {
    return door.act("/api/v1/retire", reach.of(Map.of("host", host)));
  }
}
