package org.openmmp.config.imported;

import com.typesafe.config.ConfigUtil;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openmmp.config.imported.Counterparts.Row;
import org.openmmp.config.imported.ForeignText.Block;
import org.openmmp.config.imported.ForeignText.Setting;

/** Turns values of other products into HOCON, by the name of a conversion of the tables. */
final class ForeignValues {
  /** What no configuration is without, with an example. */
  static final Map<String, String> NEEDED =
      new TreeMap<>(
          Map.of(
              "directory.urls", "[\"ldaps://ldap1.example.com\", \"ldaps://ldap2.example.com\"]",
              "directory.base-dn", "\"dc=example,dc=com\""));

  private static final Pattern LDAP_URL =
      Pattern.compile("(ldaps?)://([^/?]*)(?:/([^?]*)(?:\\?([^?]*))?(?:\\?[^?]*)?(?:\\?(.*))?)?");
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*([a-z]*)");
  private static final Pattern MMP_FORM = Pattern.compile("%(?:A\\[(\\w+)]|(\\w))");
  private static final Pattern DOVECOT_FORM = Pattern.compile("%(?:(L?[a-zA-Z])|\\{([^}]*)})");
  private static final List<String> MECHANISMS =
      List.of(
          "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2", "EXTERNAL", "SCRAM-SHA-1", "SCRAM-SHA-256");
  private static final Map<String, String> PORTS =
      Map.of(
          "imap", "143", "imap2", "143", "imap4", "143", "imaps", "993", "pop3", "110", "pop-3",
          "110", "pop3s", "995", "lmtp", "24");
  private static final Map<String, String> MMP_NAMES =
      Map.of(
          "s",
          "{login}",
          "U",
          "{user}",
          "V",
          "{domain}",
          "o",
          "{original}",
          "C",
          "{clientIp}",
          "S",
          "{serverIp}");
  private static final Map<String, String> DOVECOT_NAMES =
      Map.of(
          "u",
          "{login}",
          "Lu",
          "{login}",
          "n",
          "{user}",
          "Ln",
          "{user}",
          "d",
          "{domain}",
          "Ld",
          "{domain}",
          "r",
          "{clientIp}",
          "l",
          "{serverIp}");
  private static final Map<String, String> DOVECOT_VARIABLES =
      Map.of(
          "user", "{login}",
          "username", "{user}",
          "domain", "{domain}",
          "user|username", "{user}",
          "user|domain", "{domain}",
          "rip", "{clientIp}",
          "remote_ip", "{clientIp}",
          "lip", "{serverIp}",
          "local_ip", "{serverIp}");

  private final Migration migration;

  ForeignValues(Migration migration) {
    this.migration = migration;
  }

  /** Sets what a setting becomes for one service. */
  void convert(Row row, Setting setting, String service) {
    List<String> keys =
        row.keysFor(service).stream()
            .map(key -> key.replace("proxy.{group}", group(setting)))
            .toList();
    String key = keys.get(0);
    String value = setting.value();
    List<String> how = row.conversion();
    switch (how.get(0)) {
      case "text", "secret" -> migration.set(key, quoted(value), setting);
      case "path" -> migration.set(key, quoted(value.replaceFirst("^<\\s*", "")), setting);
      case "words" -> words(value).forEach(each -> migration.add(key, quoted(each), setting));
      case "lines" -> {
        Matcher each = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(value);
        while (each.find()) {
          migration.add(
              key, quoted(each.group(1) == null ? each.group(2) : each.group(1)), setting);
        }
      }
      case "upper-words" -> mechanisms(key, value, setting);
      case "imap-capability" ->
          words(value.replaceFirst("^\\+", "IMAP4rev1 "))
              .forEach(each -> migration.add(key, quoted(each), setting));
      case "int" -> number(key, value, how.size() > 1 ? Long.parseLong(how.get(1)) : 0, setting);
      case "map" -> mapped(key, value, how.subList(1, how.size()), setting);
      case "duration" ->
          duration(
              key,
              value,
              how.size() > 1 ? seconds(ofService(how.get(1), service)) : 0,
              how.size() > 2 ? seconds(how.get(2)) : Long.MAX_VALUE,
              setting);
      case "tls-versions" ->
          migration.set(key, value.matches("\\s*TLSv1\\.3\\s*") ? "\"1.3\"" : "\"1.2\"", setting);
      case "mmp-format" -> format(key, value, setting, MMP_FORM, ForeignValues::mmpName);
      case "dovecot-format" ->
          format(key, value, setting, DOVECOT_FORM, ForeignValues::dovecotName);
      case "ldap-url" -> ldapUrl(keys, value, setting);
      case "ldap-hosts" -> ldapHosts(key, value, setting);
      case "conn-limits" -> connLimits(key, value, setting);
      case "listen" -> listen(service, value, key.endsWith("-tls"), setting);
      case "service-list" -> serviceList(value, setting);
      case "store-tls-port" -> {
        if (value.matches("\\d{1,5}")) {
          migration.replace(key, value, setting);
          migration.set(keys.get(1), "implicit", setting);
        }
      }
      case "starttls" -> {
        migration.set(key, value.equals("off") ? "off" : "on", setting);
        if (value.equals("only")) {
          migration.set(keys.get(1), "never", setting);
        }
      }
      case "fields" -> {
        Matcher each = Pattern.compile("([\\w]+)(?:=(\"[^\"]*\"|\\S*))?").matcher(value);
        while (!value.startsWith("/") && each.find()) {
          String given = each.group(2) == null ? "yes" : each.group(2).replace("\"", "");
          migration.take(setting.part("passdb.fields." + each.group(1), given));
        }
      }
      case "pass-attrs" -> passAttributes(value, setting);
      case "passdb-driver" -> {
        if (!List.of("ldap", "static").contains(value)) {
          migration.leave(setting, setting.name() + " " + value + ": " + row.remark());
        }
      }
      case "dovecot-host" -> dovecotHost(key, value, setting);
      case "servers" -> servers(words(value), setting);
      case "ssl-mode" -> sslMode(value, setting);
      default -> throw new IllegalArgumentException(row.toString());
    }
  }

  private static String group(Setting setting) {
    String title = setting.in().title;
    return Migration.group(title.substring(title.indexOf(':') + 1));
  }

  private static String quoted(String text) {
    return ConfigUtil.quoteString(text);
  }

  private static List<String> words(String text) {
    return Stream.of(text.replace("\"", "").split("[\\s,]+"))
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private void unread(Setting setting) {
    migration.leave(setting, setting.name() + ": a value that the importer cannot read");
  }

  private void number(String key, String value, long least, Setting setting) {
    String plain = PORTS.getOrDefault(value.toLowerCase(Locale.ROOT), value);
    if (!plain.matches("\\d{1,10}")) {
      unread(setting);
    } else if (Long.parseLong(plain) < least) {
      migration.leave(setting, setting.name() + ": " + plain + ": the least is " + least);
    } else {
      migration.set(key, plain, setting);
    }
  }

  private void mapped(String key, String value, List<String> pairs, Setting setting) {
    for (String pair : pairs) {
      String[] both = pair.split("=", 2);
      if (both[0].equalsIgnoreCase(value)) {
        migration.set(key, both[1], setting);
        return;
      }
    }
    unread(setting);
  }

  /** Of {@code a:b} the one is IMAP's and the other POP3's. */
  private static String ofService(String limit, String service) {
    String[] both = limit.split(":", -1);
    return both[service.equals("pop3") ? both.length - 1 : 0];
  }

  private static long seconds(String duration) {
    Matcher all = DURATION.matcher(duration);
    if (!all.matches() || all.group(1).length() > 10) {
      return -1;
    }
    long factor =
        switch (all.group(2).isEmpty() ? 's' : all.group(2).charAt(0)) {
          case 'm' -> all.group(2).startsWith("ms") ? 0 : 60;
          case 'h' -> 3_600;
          case 'd' -> 86_400;
          case 'w' -> 604_800;
          default -> 1;
        };
    return Long.parseLong(all.group(1)) * factor;
  }

  private void duration(String key, String value, long least, long most, Setting setting) {
    long seconds = seconds(value.toLowerCase(Locale.ROOT).replace(" ", ""));
    if (seconds < 0) {
      unread(setting);
      return;
    }
    long kept = Math.max(least, Math.min(most, seconds));
    if (kept != seconds) {
      migration.leave(
          setting,
          "%s: %s is %d s here, which is the limit".formatted(setting.name(), value, kept));
    }
    migration.set(key, kept + "s", setting);
  }

  private void mechanisms(String key, String value, Setting setting) {
    for (String word : words(value.toUpperCase(Locale.ROOT))) {
      if (MECHANISMS.contains(word)) {
        migration.add(key, quoted(word), setting);
      } else {
        migration.leave(setting, setting.name() + " " + word + ": is not offered here");
      }
    }
  }

  /** Puts our placeholders in the place of others, unless one has none here. */
  private void format(
      String key,
      String value,
      Setting setting,
      Pattern form,
      Function<MatchResult, Optional<String>> name) {
    StringBuilder text = new StringBuilder();
    Matcher each = form.matcher(value);
    while (each.find()) {
      Optional<String> ours = name.apply(each);
      if (ours.isEmpty()) {
        migration.leave(setting, setting.name() + ": there is no placeholder for " + each.group());
        return;
      }
      each.appendReplacement(text, Matcher.quoteReplacement(ours.get()));
    }
    each.appendTail(text);
    String filter = text.toString();
    boolean bare = key.endsWith("filter") && !filter.startsWith("(");
    migration.set(key, quoted(bare ? "(" + filter + ")" : filter), setting);
  }

  private static Optional<String> mmpName(MatchResult found) {
    return found.group(1) != null
        ? Optional.of("{attr:" + found.group(1) + "}")
        : Optional.ofNullable(MMP_NAMES.get(found.group(2)));
  }

  private static Optional<String> dovecotName(MatchResult found) {
    if (found.group(1) != null) {
      return Optional.ofNullable(DOVECOT_NAMES.get(found.group(1)));
    }
    String inside = found.group(2).replaceAll("\\s", "").replace("|lower", "");
    return inside.startsWith("ldap:")
        ? Optional.of("{attr:" + inside.substring(5) + "}")
        : Optional.ofNullable(DOVECOT_VARIABLES.get(inside));
  }

  /** Keys of the servers, the base, and as far as they are wanted the filter and the mail host. */
  private void ldapUrl(List<String> keys, String value, Setting setting) {
    Matcher url = LDAP_URL.matcher(value.strip());
    if (!url.matches()) {
      unread(setting);
      return;
    }
    for (String server : words(url.group(2))) {
      migration.add(keys.get(0), quoted(url.group(1) + "://" + server), setting);
    }
    if (url.group(3) != null && !url.group(3).isEmpty()) {
      migration.set(keys.get(1), quoted(url.group(3)), setting);
    }
    if (keys.size() > 2 && url.group(5) != null) {
      migration.set(keys.get(2), quoted(url.group(5).replace("%s", "{login}")), setting);
    }
    List<String> attributes = url.group(4) == null ? List.of() : words(url.group(4));
    if (keys.size() > 3 && attributes.size() > 1) {
      migration.add(keys.get(3), quoted(attributes.get(1)), setting);
      migration.set("directory.store-name", quoted("{attr:" + attributes.get(0) + "}"), setting);
    }
  }

  private void ldapHosts(String key, String value, Setting setting) {
    boolean tls = setting.in().find("ugldapusessl").matches("1|yes|true");
    String port = setting.in().find("ugldapport");
    for (String host : words(value)) {
      String whole = port.isEmpty() || host.contains(":") ? host : host + ":" + port;
      migration.add(key, quoted((tls ? "ldaps://" : "ldap://") + whole), setting);
    }
  }

  /** {@code address|mask:number,…}: the number for everybody. */
  private void connLimits(String key, String value, Setting setting) {
    for (String each : words(value)) {
      Matcher limit = Pattern.compile("([\\d.]+)\\|([\\d.]+):(\\d+)").matcher(each);
      if (limit.matches() && limit.group(2).equals("0.0.0.0")) {
        migration.set(key, limit.group(3), setting);
      } else {
        migration.leave(
            setting, setting.name() + " " + each + ": write the address as limits.exempt-networks");
      }
    }
  }

  /** The port of a listener as nginx and MMP write it. */
  static String portOf(String listener) {
    Matcher port = Pattern.compile("(?:^|[:\\s])(\\d+)(?=$|[\\s|])").matcher(listener);
    return port.find() ? port.group(1) : "";
  }

  private void listen(String service, String value, boolean tls, Setting setting) {
    Block in = setting.in();
    boolean encrypted =
        tls
            || value.matches(".*\\sssl\\b.*")
            || in.find("ssl").matches("yes|on")
            || in.find("protocol").toLowerCase(Locale.ROOT).matches("imap4s|pop3s")
            || in.find("ssl_mode").matches(".*\\bssl_(listen|all)\\b.*");
    if (encrypted && service.equals("lmtp")) {
      migration.leave(
          setting, setting.name() + ": LMTP has STARTTLS, and no port of its own for TLS");
      return;
    }
    boolean header = value.contains("proxy_protocol") || in.find("haproxy").equals("yes");
    for (String each : value.replaceFirst("\\s.*[a-z].*", "").split("[|,\\s]+", -1)) {
      String port = PORTS.getOrDefault(each.toLowerCase(Locale.ROOT), each);
      String address = addressOf(in, port);
      if (address.matches(".*:0")) {
        continue;
      }
      String hocon =
          header
              ? "{ address = " + quoted(address) + ", proxy-protocol = required }"
              : quoted(address);
      if (!address.matches(".+:\\d+")) {
        unread(setting);
      } else {
        migration.add(service + (encrypted ? ".listen-tls" : ".listen"), hocon, setting);
      }
    }
  }

  private static String addressOf(Block in, String port) {
    if (port.contains(":")) {
      return port;
    }
    String address =
        Stream.of("listenaddr", "address", "bind_address", "listen")
            .map(in::find)
            .filter(each -> each.matches("\\d+\\.[\\d.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*|\\[.*]"))
            .findFirst()
            .orElse("*");
    return (address.contains(":") && !address.startsWith("[") ? "[" + address + "]" : address)
        + ":"
        + port;
  }

  private void serviceList(String value, Setting setting) {
    for (String each : words(value)) {
      Matcher one = Pattern.compile("(?i).*?(imap|pop|submit|smtp)proxy\\w*@(.*)").matcher(each);
      if (!one.matches() || one.group(1).toLowerCase(Locale.ROOT).startsWith("s")) {
        migration.leave(
            setting, setting.name() + " " + each + ": this program has no such service");
        continue;
      }
      String service = one.group(1).equalsIgnoreCase("imap") ? "imap" : "pop3";
      for (String port : one.group(2).split("\\|", -1)) {
        boolean tls = List.of("993", "995").contains(portOf(port));
        listen(service, port, tls, setting);
      }
    }
  }

  private void passAttributes(String value, Setting setting) {
    for (String each : value.split("\\s*,\\s*", -1)) {
      Matcher fixed = Pattern.compile("=(\\w+)=(.*)").matcher(each);
      Matcher renamed = Pattern.compile("(\\w+)=(\\w+)").matcher(each);
      if (fixed.matches()) {
        migration.take(setting.part("passdb.fields." + fixed.group(1), fixed.group(2)));
      } else if (renamed.matches() && !renamed.group(1).equalsIgnoreCase("userPassword")) {
        migration.take(
            setting.part("passdb.fields." + renamed.group(2), "%{ldap:" + renamed.group(1) + "}"));
      }
    }
  }

  private void dovecotHost(String key, String value, Setting setting) {
    Matcher attribute = Pattern.compile("%\\{ldap:(\\w+)}").matcher(value);
    if (attribute.matches()) {
      migration.add(key, quoted(attribute.group(1)), setting);
    } else {
      servers(List.of(value), setting);
    }
  }

  /** One group of these servers, for everybody. */
  private void servers(List<String> hosts, Setting setting) {
    List<String> names =
        hosts.stream()
            .map(each -> each.replaceFirst(":\\d+$", ""))
            .filter(each -> !each.contains("%"))
            .toList();
    if (names.isEmpty()) {
      unread(setting);
      return;
    }
    String group = names.size() == 1 ? names.get(0) : "stores";
    names.forEach(
        each -> migration.add(Migration.group(group) + ".storehostlist", quoted(each), setting));
    migration.set("directory.default-mail-host", quoted(group), setting);
  }

  private void sslMode(String value, Setting setting) {
    if (value.matches(".*\\bssl_(outgoing|all)\\b.*")) {
      migration.set("proxy-defaults.tls", "implicit", setting);
    } else if (value.matches(".*\\btls_(outgoing|all).*")) {
      migration.set("proxy-defaults.tls", "starttls", setting);
    }
  }
}
