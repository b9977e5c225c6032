package org.openmmp.admin;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;

/**
 * The program as the admin pages see it. All is asked on the admin's own threads and answers soon.
 */
public interface AdminSources {
  /** Whether the process can still do its work; if not, it should be restarted (rule B8.2). */
  boolean live();

  /** Whether all listeners were bound once. */
  boolean started();

  /** Whether it takes no new clients any more. */
  boolean draining();

  /**
   * Meters in Prometheus' text format, see {@link Metrics#scrape}.
   *
   * @param groups those of these groups alone; none: all meters
   */
  String metrics(Set<String> groups);

  /**
   * What is remembered of every group now.
   *
   * @param nowNanos now, by {@link System#nanoTime}
   */
  List<GroupSnapshot> groups(long nowNanos);

  /** How many sessions of users are at that store now. */
  long sessionsAt(String host);

  /**
   * How many sessions could go on at another store now, by group, under an empty word, and how many
   * could not, by the word for the reason. Groups whose sessions end with their store are not
   * there.
   *
   * @return completes on any thread, and soon
   */
  CompletionStage<Map<String, Map<String, Integer>>> movable();

  /** How that store is full for deliveries, in words; empty if it is not. */
  String fullnessOf(String host);

  /**
   * In what hosts of that group differ for that service, as probes saw them, and how (rule B2.39);
   * safe to print.
   */
  Map<HostTraits.Kind, String> differences(String group, String service);

  /** What is being restored now. */
  Recovery recovery();

  /** The group table's, the same on every front end that has the same table. */
  String fingerprint();

  /** What is known of the directory's servers now. */
  List<DirectoryServerState> directory();

  /**
   * What this front end is, in texts for people and programs: its names, version and services, as a
   * tree for JSON that changes seldom.
   */
  Map<String, Object> about();

  /** What was counted since the start, see {@link Metrics#counts}. */
  Map<String, Object> counts();

  /** Until when the certificates serve that clients are shown now, by their names. */
  Map<String, Instant> certificates();

  /** What happened of late. */
  News news();

  /**
   * Works out the way of a login name to its store as a login now would, taking nothing (rule
   * B8.4).
   *
   * @param loginName as a client would type it; any text without controls
   * @param service the service's name in lower case, such as {@code imap}
   * @param client the address that the client would come from, for service access rules
   * @return completes on any thread
   */
  CompletionStage<Explanation> explain(String loginName, String service, String client);

  /** What else the program tells, and what it does for an administrator; asked once. */
  List<AdminPage> pages();

  /**
   * An administrator acted, or was kept from it: for the log (rule B8.7).
   *
   * @param who the caller: the name of its token or of its account on this machine; empty if it
   *     showed nothing that is known
   * @param from its address, or {@code socket}
   * @param action the page's path
   * @param query what was asked for, as sent
   * @param status of the answer, such as 200 or 403
   */
  void acted(String who, String from, String action, String query, int status);
}
