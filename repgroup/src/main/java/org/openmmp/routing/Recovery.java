package org.openmmp.routing;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The groups and domains whose mailboxes are being restored: there "unknown user" is no word that
 * lasts (rule B2.27).
 *
 * @param groups by their configured names; {@link #ALL}: every group
 * @param domains in lower case; {@link #ALL}: every domain
 */
public record Recovery(Set<String> groups, Set<String> domains) {
  /** Every group, or every domain. */
  public static final String ALL = "*";

  /** Nothing is being restored. */
  public static final Recovery NONE = new Recovery(Set.of(), Set.of());

  /** Copies the sets. */
  public Recovery {
    groups = Set.copyOf(groups);
    domains = Set.copyOf(domains);
  }

  /** What is in recovery of a mailbox in that domain, such as {@code domain example.com}. */
  public String of(String name) {
    if (domains.isEmpty()) {
      return "";
    }
    String domain = name.substring(name.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    return in(domains, domain) ? "domain " + domain : "";
  }

  /**
   * What is in recovery of a mailbox in that group, such as {@code group cluster1}; empty if
   * nothing is.
   *
   * @param group empty if it is not known
   * @param name with its domain
   */
  public String of(String group, String name) {
    return has(group) ? "group " + group : of(name);
  }

  /** Whether a group is in recovery. */
  public boolean has(String group) {
    return !group.isEmpty() && in(groups, group);
  }

  private static boolean in(Set<String> names, String name) {
    return names.contains(name) || names.contains(ALL);
  }

  /** What is in either. */
  public Recovery and(Recovery other) {
    return new Recovery(union(groups, other.groups), union(domains, other.domains));
  }

  /** The same and that group, or without it. */
  public Recovery withGroup(String group, boolean on) {
    return new Recovery(changed(groups, group, on), domains);
  }

  /** The same and that domain, or without it. */
  public Recovery withDomain(String domain, boolean on) {
    return new Recovery(groups, changed(domains, domain, on));
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> all = new TreeSet<>(one);
    all.addAll(other);
    return all;
  }

  private static Set<String> changed(Set<String> names, String name, boolean on) {
    Set<String> all = new TreeSet<>(names);
    if (on) {
      all.add(name);
    } else {
      all.remove(name);
    }
    return all;
  }
}
