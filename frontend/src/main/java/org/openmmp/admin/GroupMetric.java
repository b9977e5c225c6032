package org.openmmp.admin;

import java.util.Locale;

/**
 * The metrics that name a group. A few groups each have series of their own; where there are many,
 * one series stands for all of them, as the kind says.
 */
enum GroupMetric {
  REFERRALS(Kind.COUNTER, "Referrals to another host of the group"),
  ROUNDS_WITHOUT_MASTER(Kind.COUNTER, "Times that every host was asked and none was master"),
  ONLY_STANDBY_SITE_LEFT(
      Kind.COUNTER, "Times that only a standby site that is not activated was left"),
  SERVED_ELSEWHERE(
      Kind.COUNTER, "Times that one service went to another host than the group's master"),
  RIVAL_MASTERS(
      Kind.COUNTER,
      "Times that another host took logins as a master while the master had not failed"),
  MASTERS_DIFFER(Kind.COUNTER, "Minutes in which hosts of the group named different masters"),
  LOGINS_TURNED_AWAY(
      Kind.COUNTER,
      "Logins refused for now because too many waited, or their turn did not come in time"),
  GREETINGS_OVERDUE(
      Kind.COUNTER,
      "Times that a login or delivery waited for a greeting that several connections waited for"),
  AFFINITY_CHANGES(Kind.COUNTER, "Times the affinity began, moved or ended"),
  FAILOVERS(Kind.COUNTER, "Times another host became the master"),
  HEDGES(
      Kind.COUNTER,
      false,
      "result",
      "Second connections that logins began beside a host that was late, by result"),
  STORE_ATTEMPTS(Kind.COUNTER, true, "outcome", "Attempts at a store that ended, by outcome"),
  STORE_PROBES(
      Kind.COUNTER,
      true,
      "result",
      "Probes of a store whose greeting logins or deliveries waited for"),
  STORE_COOL_DOWNS(Kind.COUNTER, true, "", "Cool-downs begun or lengthened"),
  STORE_RECOVERIES(Kind.COUNTER, true, "", "Times a failed store answered again"),
  GROUP_MASTER(Kind.OWN, true, "", "1 for the host that is the group's master"),
  GROUP_MASTER_AGE_SECONDS(
      Kind.OWN, "For how long the group's master is that; NaN if none is known"),
  SESSIONS_RELAYING(Kind.LEVEL, "Sessions logged in"),
  LOGINS_READ_ONLY(Kind.COUNTER, "Logins that stay on a replica while there is no master"),
  STORE_SESSIONS(
      Kind.LEVEL, true, "", "Sessions logged in at a store, or connections for deliveries to it"),
  STORE_LOGINS(Kind.COUNTER, true, "", "Logins that a store let in"),
  RECIPIENTS(Kind.COUNTER, false, "answer", "Recipients by last answer"),
  MAILBOXES_MISSING(
      Kind.COUNTER, "Mailboxes that a store denies having, though it took mail for them before"),
  RECIPIENTS_TURNED_AWAY(
      Kind.COUNTER, "Recipients put off at once, for too many deliveries wait for their group"),
  STORE_FULL(Kind.COUNTER, "New connections that a store turned away while it answered others"),
  SESSIONS_MOVABLE(
      Kind.LEVEL, "Sessions that could go on at another host now, as of the last seconds"),
  SESSIONS_IMMOVABLE(
      Kind.LEVEL,
      false,
      "reason",
      "Sessions that are to outlive their store, and could not now, by reason"),
  GROUP_WITHOUT_MASTER_SECONDS(
      Kind.TROUBLE, "For how long a service of the group has found no master; 0: all have one"),
  GROUP_ONLY_STANDBY_SITE_LEFT(
      Kind.TROUBLE,
      "1 while only the hosts of the group's standby site are left, which is not active"),
  GROUP_WAITING(
      Kind.LEVEL,
      "Logins and deliveries of the group that wait for a turn at a store, a store or a master"),
  GROUP_GIVEN_LESS(
      Kind.TROUBLE,
      "Hosts of the group, by service, that are given fewer logins than the configuration allows"),
  GROUP_HOSTS_DIFFER(
      Kind.TROUBLE,
      "In how many of greeting, capabilities, certificate and clock hosts of the group differ"),
  GROUP_RECOVERY(
      Kind.TROUBLE,
      "1 while the group is in recovery, and its stores' word on unknown users temporary");

  /** What a metric is, and what one series for many groups holds. */
  enum Kind {
    /** What only grows: the sum. */
    COUNTER,
    /** A number of things that there are now: the sum. */
    LEVEL,
    /** What is 0 where all is well: the largest. Groups where it is not are named all the same. */
    TROUBLE,
    /** What means nothing for several groups. */
    OWN
  }

  private final Kind kind;
  private final boolean byHost;
  private final String label;
  private final String help;

  GroupMetric(Kind kind, String help) {
    this(kind, false, "", help);
  }

  GroupMetric(Kind kind, boolean byHost, String label, String help) {
    this.kind = kind;
    this.byHost = byHost;
    this.label = label;
    this.help = help;
  }

  Kind kind() {
    return kind;
  }

  private String written() {
    return "openmmp_" + name().toLowerCase(Locale.ROOT) + (kind == Kind.COUNTER ? "_total" : "");
  }

  /** What stands before its series. */
  String head() {
    String type = kind == Kind.COUNTER ? " counter\n" : " gauge\n";
    return "# HELP " + written() + " " + help + "\n# TYPE " + written() + type;
  }

  /**
   * One series in Prometheus' text format. No text of these needs an escape: services and words are
   * the program's, groups and hosts have the letters of host names.
   *
   * @param service empty if it holds for all
   * @param host for a metric by host
   * @param word for a metric with a label of its own
   */
  String series(String service, String group, String host, String word, double value) {
    StringBuilder line = new StringBuilder(written()).append('{');
    if (label.equals("answer")) {
      line.append("answer=\"").append(word).append("\",");
    }
    line.append("group=\"").append(group).append('"');
    if (byHost) {
      line.append(",host=\"").append(host).append('"');
    }
    if (!label.isEmpty() && !label.equals("answer")) {
      line.append(',').append(label).append("=\"").append(word).append('"');
    }
    if (!service.isEmpty()) {
      line.append(",service=\"").append(service).append('"');
    }
    return line.append("} ").append(value).append('\n').toString();
  }
}
