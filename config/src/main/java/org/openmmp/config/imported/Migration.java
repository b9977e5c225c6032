package org.openmmp.config.imported;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.openmmp.config.imported.Counterparts.Row;
import org.openmmp.config.imported.ForeignText.Block;
import org.openmmp.config.imported.ForeignText.Grammar;
import org.openmmp.config.imported.ForeignText.Setting;

/** Another product's configuration on its way to one for this program. */
public final class Migration {
  /** How each product writes its settings; MMP's files of commands have readers of their own. */
  private static final Map<String, Grammar> GRAMMARS =
      Map.of(
          "mmp", new Grammar('\n', false, "\"", "\\s+"),
          "dovecot", new Grammar('\n', true, "\"", "\\s*=\\s*|\\s+"),
          "nginx", new Grammar(';', true, "\"'", "\\s+"),
          "perdition", new Grammar('\n', false, "\"", "\\s*=\\s*|\\s+"));

  private static final String UNKNOWN = "is not known to the importer";
  private static final String SERVICE = "{service}";
  private static final List<String> READERS = List.of("imap", "pop3");

  /** In which order sections are written. */
  private static final List<String> SECTIONS =
      List.of("hostname", "directory", "proxy", "proxy-defaults", "login", "imap", "pop3", "lmtp");

  private final String product;
  private final Counterparts counterparts;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private final ForeignValues values = new ForeignValues(this);

  /** A key's value in HOCON, and where it comes from. */
  private record Entry(List<String> values, boolean list, String from) {}

  private Migration(String product) {
    this.product = product;
    counterparts = Counterparts.of(product);
  }

  /** The products that are known. */
  public static List<String> products() {
    return new TreeSet<>(GRAMMARS.keySet()).stream().toList();
  }

  /**
   * Reads a product's files.
   *
   * @param product one of {@link #products}
   * @param textOfFile the files in the order in which they are given
   */
  public static Migration of(String product, Map<String, String> textOfFile) {
    Migration migration = new Migration(product);
    textOfFile.forEach(migration::file);
    migration.defaults();
    return migration;
  }

  /** What has no counterpart and why, a line for each. */
  public List<String> leftOut() {
    return List.copyOf(leftOut);
  }

  /** Whether anything was taken over. */
  public boolean isEmpty() {
    return entries.values().stream().allMatch(entry -> entry.from().startsWith("default"));
  }

  /** Settings; those of nginx and Dovecot are known by their own names within such blocks. */
  private void file(String file, String text) {
    ImportedText commands = RecipeParser.read(file, text);
    if (product.equals("mmp") && !(commands.options().isEmpty() && commands.faults().isEmpty())) {
      unified(file, commands);
      return;
    }
    Grammar grammar = GRAMMARS.getOrDefault(product, new Grammar('\n', false, "", "\\s+"));
    String whole = product.equals("dovecot") ? text.replaceAll("\\{[ \t]+(?=\\S)", "{\n") : text;
    for (Setting each : ForeignText.settings(file, whole, grammar)) {
      if (product.equals("mmp")) {
        legacy(each);
      } else {
        take(
            each.part(
                each.name().replaceFirst("^(mail\\.(server\\.)?|protocol\\.)", ""), each.value()));
      }
    }
  }

  /** A line of MMP's own files: {@code default:Option value}. */
  private void legacy(Setting line) {
    String[] words = line.name().split(":", 2);
    if (words.length < 2) {
      leave(line, words[0] + " is no setting");
    } else if (words[0].equals("default")) {
      line.in().set(words[1], line.value());
      take(line.part(words[1], line.value()));
    } else {
      leave(line, line.name() + " is of one domain or address: write it under domains, in quotes");
    }
  }

  /** Options of Unified Configuration, in whatever form they were given. */
  private void unified(String file, ImportedText text) {
    Block base = new Block("base", null);
    Map<String, Block> blocks = new LinkedHashMap<>();
    List<Setting> settings = new ArrayList<>();
    text.faults().forEach(each -> leftOut.add(file + ":" + each.line() + ": " + each.found()));
    for (ImportedText.Option option : text.options()) {
      Optional<OptionName> name = OptionName.parse(option.name());
      String kind = name.map(OptionName::kind).orElse("");
      String title = kind + name.map(each -> ":" + each.instance()).orElse("");
      Block in =
          kind.equals("base") ? base : blocks.computeIfAbsent(title, any -> new Block(title, base));
      String value = option.value().orElse("");
      name.ifPresent(each -> in.set(each.option(), value));
      settings.add(
          new Setting(
              file, option.line(), name.map(OptionName::option).orElse(option.name()), value, in));
      if (option.computed()) {
        settings.remove(settings.size() - 1);
        leftOut.add(file + ":" + option.line() + ": " + option.name() + ": its value is not shown");
      } else if (!ofTheProxy(title)) {
        settings.remove(settings.size() - 1);
        leftOut.add(
            "%s:%d: %s: is about another part of Messaging Server"
                .formatted(file, option.line(), option.name()));
      }
    }
    settings.forEach(this::take);
  }

  private static boolean ofTheProxy(String title) {
    return title.matches("base:|(imapproxy|popproxy|mmp).*|proxy:.+|channel:tcp_lmtpc.*");
  }

  /** Converts a setting, or says why not. */
  void take(Setting setting) {
    Optional<Row> row = counterparts.find(setting.name());
    if (row.isEmpty()) {
      leave(setting, setting.name() + " " + UNKNOWN);
    } else if (row.get().conversion().get(0).equals("none")) {
      leave(setting, setting.name() + ": " + row.get().remark());
    } else if (!row.get().conversion().get(0).equals("implied")) {
      List<String> services = services(setting);
      if (services.isEmpty()) {
        leave(setting, setting.name() + ": this program has no such service");
      } else if (row.get().keys().stream().noneMatch(key -> key.contains(SERVICE))
          && !row.get().conversion().get(0).equals("fields")) {
        values.convert(row.get(), setting, services.get(0));
      } else {
        services.forEach(service -> values.convert(row.get(), setting, service));
      }
    }
  }

  /** The services that a setting is about; none if it is one that there is not here. */
  private List<String> services(Setting setting) {
    Block in = setting.in();
    String said =
        switch (product) {
          case "nginx" -> in.find("protocol") + " " + ForeignValues.portOf(in.find("listen"));
          case "perdition" -> in.find("protocol");
          case "mmp" -> in.titles() + " " + setting.file().replaceFirst(".*/", "");
          default -> in.titles();
        };
    String word = said.toLowerCase(Locale.ROOT);
    if (word.matches(".*\\b(smtp|25|465|587|submission.*|submitproxy.*|managesieve.*)\\b.*")) {
      return List.of();
    }
    for (String[] each :
        new String[][] {
          {"imap", "imap|\\b143\\b|\\b993\\b"},
          {"pop3", "pop|\\b110\\b|\\b995\\b"},
          {"lmtp", "lmtp"}
        }) {
      if (Pattern.compile(each[1]).matcher(word).find()) {
        return List.of(each[0]);
      }
    }
    return READERS;
  }

  /** Says why a setting was not taken over. */
  void leave(Setting setting, String why) {
    String line = setting.place() + ": " + why;
    if (!leftOut.contains(line)) {
      leftOut.add(line);
    }
  }

  /** Sets a key to a value in HOCON; the first one that does so counts. */
  void set(String key, String hocon, Setting from) {
    Entry known = entries.get(key);
    if (known == null) {
      entries.put(key, new Entry(List.of(hocon), false, from.place() + " " + from.name()));
    } else if (!known.values().equals(List.of(hocon))) {
      leave(from, from.name() + ": contradicts " + known.from() + ", which counts");
    }
  }

  /** Sets a key whatever set it before. */
  void replace(String key, String hocon, Setting from) {
    Entry known = entries.remove(key);
    set(key, hocon, from);
    if (known != null) {
      leave(from, known.from() + ": " + from.name() + " counts instead");
    }
  }

  /** Adds a value to the list of a key. */
  void add(String key, String hocon, Setting from) {
    Entry known = entries.get(key);
    List<String> all = new ArrayList<>(known == null ? List.of() : known.values());
    if (!all.contains(hocon)) {
      all.add(hocon);
    }
    String place = from.place() + " " + from.name();
    entries.put(key, new Entry(all, true, known == null ? place : known.from()));
  }

  private void defaults() {
    for (Row row : counterparts.rows()) {
      if (row.ofSettings()) {
        continue;
      }
      for (String service : READERS) {
        String key = row.keysFor(service).get(0);
        boolean unused = key.startsWith(service) && !entries.containsKey(service + ".listen");
        if (!unused && entries.keySet().stream().noneMatch(each -> replaces(each, key))) {
          String value = row.conversion().get(0);
          entries.put(key, new Entry(List.of(value), false, "default: " + row.remark()));
        }
      }
    }
  }

  /** Whether a key, or one for a single service below it, is set. */
  private static boolean replaces(String set, String key) {
    return set.equals(key)
        || set.matches(key.replaceFirst("\\.([a-z-]+)$", "\\\\.[a-z0-9]+\\\\.$1"));
  }

  /** A configuration file with a comment for each setting, and what is missing yet. */
  public String hocon(String madeOf) {
    StringBuilder text = new StringBuilder();
    text.append("# Made by openmmp import of ").append(madeOf).append(".\n");
    text.append("# Read what stands at the end; then: openmmp lint --config FILE\n\nopenmmp {\n");
    List<String> keys = new ArrayList<>(entries.keySet());
    keys.sort((one, other) -> Integer.compare(section(one), section(other)));
    for (Map.Entry<String, String> needed : ForeignValues.NEEDED.entrySet()) {
      if (!entries.containsKey(needed.getKey())) {
        text.append("  # Needed, and not told by what was read:\n  # ")
            .append(needed.getKey())
            .append(" = ")
            .append(needed.getValue())
            .append('\n');
      }
    }
    for (String key : keys) {
      Entry entry = entries.get(key);
      if (entry != null) {
        String value =
            entry.list() ? "[" + String.join(", ", entry.values()) + "]" : entry.values().get(0);
        text.append("  # ").append(entry.from().replaceAll("\\s+", " ")).append('\n');
        text.append("  ").append(key).append(" = ").append(value).append('\n');
      }
    }
    text.append("}\n");
    if (!leftOut.isEmpty()) {
      text.append("\n# Not taken over:\n");
      leftOut.forEach(each -> text.append("#   ").append(each).append('\n'));
    }
    return text.toString();
  }

  private static int section(String key) {
    int at = SECTIONS.indexOf(key.split("\\.", 2)[0]);
    return at < 0 ? SECTIONS.size() : at;
  }

  /** A group's key, in quotes where its name has dots. */
  static String group(String name) {
    return ConfigUtil.joinPath("proxy", name);
  }
}
