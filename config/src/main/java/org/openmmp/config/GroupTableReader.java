package org.openmmp.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.openmmp.text.HostName;

/** Reads all groups and sees that no name means two of them (rule B2.1). */
final class GroupTableReader {
  private static final String GROUP =
      "a group { storehostlist = … }; what holds for all groups stands under"
          + " openmmp.proxy-defaults";

  private final Section proxy;
  private final Section defaults;
  private final GroupConfig common;

  /** A reader of the groups in a section, over the defaults and what was read of them. */
  GroupTableReader(Section proxy, Section defaults, GroupConfig common) {
    this.proxy = proxy;
    this.defaults = defaults;
    this.common = common;
  }

  List<GroupConfig> read() {
    Map<String, Section> sections = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(proxy.own()).entrySet()) {
      open(entry.getKey(), entry.getValue(), sections);
    }
    List<GroupConfig> groups = new ArrayList<>();
    sections.forEach((name, section) -> groups.add(new GroupReader(section, common).read(name)));
    refuseGroupsNamedLikeHosts(groups, sections);
    return groups;
  }

  private void open(String key, ConfigValue value, Map<String, Section> sections) {
    proxy.nameChosen(key);
    String at = proxy.at(ConfigUtil.quoteString(key));
    Optional<String> name = HostName.orAddress(key);
    if (name.isEmpty()) {
      proxy.problem(
          value,
          at,
          "the group name " + ConfigUtil.quoteString(key),
          "a name such as a" + " host has: letters, digits, hyphens and dots");
      return;
    }
    if (looksUnquoted(value)) {
      proxy.problem(
          value,
          at,
          "a group within a group",
          "a group name with dots in quotes, such as \"store1.example.com\" { storehostlist = … }");
      return;
    }
    Section other = sections.get(name.get());
    if (other != null) {
      proxy.problem(
          value,
          at,
          "a second group of the name " + name.get(),
          "one group of each name; the other stands at " + proxy.reading().place(other.own()));
      return;
    }
    sections.put(name.get(), proxy.element(at, value, defaults, GROUP));
  }

  /** Whether the object is what an unquoted name with dots makes: only objects in it, no option. */
  private static boolean looksUnquoted(ConfigValue value) {
    return value instanceof ConfigObject object
        && !object.isEmpty()
        && object.entrySet().stream()
            .allMatch(
                entry ->
                    entry.getValue() instanceof ConfigObject inner
                        && (inner.containsKey("storehostlist") || looksUnquoted(inner)));
  }

  private void refuseGroupsNamedLikeHosts(List<GroupConfig> groups, Map<String, Section> sections) {
    Map<String, List<GroupConfig>> listers = new HashMap<>();
    for (GroupConfig group : groups) {
      for (String host : new LinkedHashSet<>(group.hosts())) {
        if (!host.equals(group.name()) && sections.containsKey(host)) {
          listers.computeIfAbsent(host, any -> new ArrayList<>()).add(group);
        }
      }
    }
    for (GroupConfig group : groups) {
      for (GroupConfig other : listers.getOrDefault(group.name(), List.of())) {
        Section section = section(sections, group);
        Section lister = section(sections, other);
        proxy.problem(
            section.own(),
            section.path(),
            "a group that is named like a host of the group " + other.name(),
            "a group name that no other group lists as a host, as "
                + lister.nameOf("storehostlist")
                + " does at "
                + proxy.reading().place(place(lister)));
      }
    }
  }

  private static ConfigValue place(Section lister) {
    ConfigValue list = lister.value("storehostlist");
    return list == null ? lister.own() : list;
  }

  private static Section section(Map<String, Section> sections, GroupConfig group) {
    Section section = sections.get(group.name());
    if (section == null) {
      throw new IllegalStateException("every group was read from a section");
    }
    return section;
  }
}
