package org.openmmp.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * All keys of a configuration with what is written there, and what the files hold that it names, so
 * that an operator can be told what another configuration changes. Secrets are compared and never
 * shown. Immutable.
 */
public final class WrittenKeys {
  private static final int MAX_CHARS = 120;
  private static final String ROOT = "openmmp";
  private static final String HOSTS = "storehostlist";
  private static final String GROUPS = ROOT + ".proxy.";

  /** The last part of a key under which a secret stands, but for those that name its file. */
  private static final Pattern SECRET = Pattern.compile(".*(password|pass|token|tokens|secret)");

  /** Others of that name are of TLS, and name files. */
  private static final String SITE_KEY = ROOT + ".shared.key";

  private final Map<String, ConfigValue> values = new TreeMap<>();
  private final Map<String, String> files = new TreeMap<>();
  private final Map<String, Path> named;
  private final Map<String, Map<String, ConfigValue>> groups = new TreeMap<>();

  /**
   * Reads the files.
   *
   * @param openmmp all keys, defaults included
   * @param named the files that keys name
   */
  WrittenKeys(ConfigObject openmmp, Map<String, Path> named) {
    openmmp.forEach(
        (key, value) -> {
          if (key.equals("proxy") && value instanceof ConfigObject all) {
            all.forEach(this::group);
          } else {
            add(List.of(ROOT, key), value, values);
          }
        });
    this.named = Map.copyOf(named);
    named.forEach((key, file) -> files.put(key, digest(file)));
  }

  private WrittenKeys(WrittenKeys before, Collection<Path> again) {
    values.putAll(before.values);
    groups.putAll(before.groups);
    named = before.named;
    files.putAll(before.files);
    named.forEach(
        (key, file) -> {
          if (again.contains(file)) {
            files.put(key, digest(file));
          }
        });
  }

  /** The same keys, what these files hold now being what they held when it was read; blocks. */
  WrittenKeys readAgain(Collection<Path> again) {
    return new WrittenKeys(this, again);
  }

  private void group(String name, ConfigValue value) {
    Map<String, ConfigValue> own = new TreeMap<>();
    if (value instanceof ConfigObject keys) {
      keys.forEach((key, each) -> add(List.of(key), each, own));
    }
    groups.put(name, own);
  }

  private static void add(List<String> path, ConfigValue value, Map<String, ConfigValue> all) {
    if (value instanceof ConfigObject inner) {
      inner.forEach(
          (key, each) -> add(Stream.concat(path.stream(), Stream.of(key)).toList(), each, all));
    } else if (value.valueType() != ConfigValueType.NULL) {
      all.put(ConfigUtil.joinPath(path), value);
    }
  }

  private static String digest(Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException unreadable) {
      return "";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * What is different here: a sentence for each key, by the key.
   *
   * @param before the configuration until now
   */
  public Map<String, String> changesSince(WrittenKeys before) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String name : both(before.groups, groups)) {
      Map<String, ConfigValue> was = before.groups.get(name);
      Map<String, ConfigValue> is = groups.get(name);
      String key = GROUPS + ConfigUtil.joinPath(name);
      if (was == null) {
        all.put(key, "group " + name + " added" + withHosts(is));
      } else if (is == null) {
        all.put(key, "group " + name + " removed");
      } else {
        addGroup(name, was, is, all);
      }
    }
    for (String key : both(before.values, values)) {
      ConfigValue was = before.values.get(key);
      ConfigValue is = values.get(key);
      if (differ(was, is)) {
        all.put(key, key + told(key, was, is));
      }
    }
    for (String key : both(before.files, files)) {
      String was = before.files.get(key);
      String is = files.get(key);
      if (was != null && is != null && !was.equals(is)) {
        all.putIfAbsent(key, key + ": the file has changed");
      }
    }
    return all;
  }

  /** Whether a file that a key names that begins so is another, or holds something else. */
  public boolean fileChanged(String keys, WrittenKeys before) {
    return both(before.files, files).stream()
        .filter(key -> key.startsWith(keys))
        .anyMatch(key -> !files.getOrDefault(key, "").equals(before.files.getOrDefault(key, "")));
  }

  private static Set<String> both(Map<String, ?> one, Map<String, ?> other) {
    Set<String> keys = new TreeSet<>(one.keySet());
    keys.addAll(other.keySet());
    return keys;
  }

  private static void addGroup(
      String name,
      Map<String, ConfigValue> was,
      Map<String, ConfigValue> is,
      Map<String, String> all) {
    for (String key : both(was, is)) {
      ConfigValue before = was.get(key);
      ConfigValue now = is.get(key);
      if (differ(before, now)) {
        String words =
            key.equals(HOSTS)
                ? ": " + hosts(words(before), words(now), name)
                : " " + key + told(key, before, now);
        all.put(GROUPS + ConfigUtil.joinPath(name) + "." + key, "group " + name + words);
      }
    }
  }

  /** Who came and who left a list of hosts; a group without one has a host of its name. */
  private static String hosts(List<String> was, List<String> is, String name) {
    Set<String> before = new LinkedHashSet<>(was.isEmpty() ? List.of(name) : was);
    Set<String> now = new LinkedHashSet<>(is.isEmpty() ? List.of(name) : is);
    List<String> told = new ArrayList<>();
    for (String each : now) {
      if (!before.contains(each)) {
        told.add(each + " added");
      }
    }
    for (String each : before) {
      if (!now.contains(each)) {
        told.add(each + " removed");
      }
    }
    List<String> kept = before.stream().filter(now::contains).toList();
    if (!kept.equals(now.stream().filter(before::contains).toList()) || told.isEmpty()) {
      told.add("the order is " + String.join(" ", now));
    }
    return String.join(", ", told);
  }

  private static String withHosts(@Nullable Map<String, ConfigValue> group) {
    List<String> hosts = group == null ? List.of() : words(group.get(HOSTS));
    return hosts.isEmpty() ? "" : ": " + String.join(" ", hosts);
  }

  private static List<String> words(@Nullable ConfigValue list) {
    if (list == null) {
      return List.of();
    }
    return (list instanceof ConfigList several ? several : List.of(list))
        .stream()
            .flatMap(each -> Stream.of(String.valueOf(each.unwrapped()).split("\\s+")))
            .filter(word -> !word.isEmpty())
            .toList();
  }

  private static boolean differ(@Nullable ConfigValue one, @Nullable ConfigValue other) {
    if (one == null || other == null) {
      return (one == null) != (other == null);
    }
    return !one.unwrapped().equals(other.unwrapped());
  }

  private static String told(String key, @Nullable ConfigValue was, @Nullable ConfigValue is) {
    if (isSecret(key)) {
      return " changed";
    }
    if ((was instanceof ConfigList before && mayHideSecret(before))
        || (is instanceof ConfigList now && mayHideSecret(now))) {
      return " changed"; // objects with keys of their own, among which passwords may be
    }
    return ": " + shown(is) + ", was " + shown(was);
  }

  private static boolean isSecret(String key) {
    return key.equals(SITE_KEY)
        || SECRET.matcher(key.substring(key.lastIndexOf('.') + 1)).matches();
  }

  private static boolean mayHideSecret(ConfigList list) {
    return list.stream().anyMatch(ConfigObject.class::isInstance)
        && list.stream()
            .filter(ConfigObject.class::isInstance)
            .flatMap(each -> ((ConfigObject) each).keySet().stream())
            .anyMatch(WrittenKeys::isSecret);
  }

  private static String shown(@Nullable ConfigValue value) {
    if (value == null) {
      return "not set";
    }
    String text =
        value instanceof ConfigList list
            ? list.stream().map(WrittenKeys::shown).collect(Collectors.joining(", ", "[", "]"))
            : String.valueOf(value.unwrapped());
    return SafeText.of(text, MAX_CHARS);
  }
}
