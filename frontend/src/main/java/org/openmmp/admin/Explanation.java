package org.openmmp.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.Candidate;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.text.Json;
import org.openmmp.text.SafeText;

/**
 * The way of one login name to its stores, and why (rule B8.4).
 *
 * @param service what would be logged in to
 * @param lookup what the directory says
 * @param match the group that the mail host leads to; null unless the lookup found an entry
 * @param order hosts in the order of attempts, those passed over last; empty without a group
 * @param lastSaid what each host answered last, by its name, as far as one was asked
 */
public record Explanation(
    Service service,
    LookupResult lookup,
    @Nullable GroupMatch match,
    List<Candidate> order,
    Map<String, String> lastSaid) {

  private static final int MAX_CHARS = 1_024;

  /** Copies the order. */
  public Explanation {
    order = List.copyOf(order);
    lastSaid = Map.copyOf(lastSaid);
  }

  /** For people: a line each for the entry, the group and the hosts. */
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add("login name   " + visible(lookup.login()) + " (" + service + ")");
    lines.add(
        "directory    " + word(lookup.kind()) + " (" + word(lookup.freshness()) + age() + ")");
    addLine(lines, "reason       ", lookup.reason());
    addLine(lines, "entry        ", lookup.entryDn());
    addLine(lines, "mail host    ", lookup.mailHost());
    addLine(lines, "store name   ", lookup.storeName());
    if (match != null) {
      ReplicationGroup group = match.group();
      String name = group == null ? word(match.kind()) : group.name();
      lines.add("group        " + visible(name) + ": " + visible(match.reason()));
    }
    int place = 0;
    for (Candidate candidate : order) {
      String number = candidate.reason().kind().usable() ? ++place + ". " : "-  ";
      String last = lastSaid.getOrDefault(candidate.host().name(), "");
      lines.add(
          "  "
              + number
              + candidate.host()
              + ": "
              + visible(candidate.reason().text())
              + (last.isEmpty() ? "" : "; its last answer: " + visible(last)));
    }
    return String.join("\n", lines);
  }

  /** For programs: one JSON object in one line. */
  public String json() {
    return Json.write(tree());
  }

  /** Whether a login would be tried at some host. */
  public boolean leadsToAHost() {
    return order.stream().anyMatch(candidate -> candidate.reason().kind().usable());
  }

  Map<String, @Nullable Object> tree() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("login", lookup.login());
    tree.put("service", service.name());
    tree.put("directory", word(lookup.kind()));
    tree.put("freshness", word(lookup.freshness()));
    tree.put("ageSeconds", lookup.age().toMillis() / 1e3);
    tree.put("reason", lookup.reason());
    tree.put("entry", lookup.entryDn());
    tree.put("mailHost", lookup.mailHost());
    tree.put("storeName", lookup.storeName());
    if (match != null) {
      ReplicationGroup group = match.group();
      tree.put("group", group == null ? null : group.name());
      tree.put("implicit", group != null && group.implicit());
      tree.put("groupReason", match.reason());
    }
    List<Object> hosts = new ArrayList<>();
    for (Candidate candidate : order) {
      Map<String, Object> host = new LinkedHashMap<>();
      host.put("host", candidate.host().name());
      host.put("usable", candidate.reason().kind().usable());
      host.put("rule", word(candidate.reason().kind()));
      host.put("why", candidate.reason().text());
      if (lastSaid.containsKey(candidate.host().name())) {
        host.put("lastAnswer", lastSaid.getOrDefault(candidate.host().name(), ""));
      }
      hosts.add(host);
    }
    tree.put("order", hosts);
    return tree;
  }

  private String age() {
    return lookup.isRemembered() ? " for " + TextTable.inWords(lookup.age().toNanos()) : "";
  }

  /** A constant's name as it is printed. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The same of keys. */
  static Map<String, String> byWord(Map<? extends Enum<?>, String> values) {
    Map<String, String> named = new TreeMap<>();
    values.forEach((key, value) -> named.put(word(key), value));
    return named;
  }

  private static void addLine(List<String> lines, String label, String value) {
    if (!value.isEmpty()) {
      lines.add(label + visible(value));
    }
  }

  private static String visible(String text) {
    return SafeText.of(text, MAX_CHARS);
  }
}
