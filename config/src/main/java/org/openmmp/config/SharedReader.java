package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Secret;

/** Reads what the front ends of a site share, and where: {@code openmmp.shared}. */
final class SharedReader {
  private static final Pattern URL =
      Pattern.compile(
          "(?:redis|valkey)(s?)(-sentinel|-cluster)?://([^@/#?]+)(?:/(\\d{1,4}))?(?:#(.+))?");
  private static final String ACCEPTED =
      "redis://host[:port][/database], rediss:// for TLS, redis-sentinel://host[:port],…#master or"
          + " redis-cluster://host[:port],…, without a user or password (user, password-file)";
  private static final String NAME = "[A-Za-z0-9._-]{1,64}";
  private static final String NAME_ACCEPTED = "1 to 64 letters, digits, dots, hyphens, underscores";
  private static final int LEAST_KEY_OCTETS = 16;
  private static final int USUAL_PORT = 6379;
  private static final int USUAL_SENTINEL_PORT = 26379;

  private final Section section;

  SharedReader(Section section) {
    this.section = section;
  }

  /** What a URL says. */
  private record Url(
      SharedConfig.Kind kind, boolean tls, List<HostPort> hosts, int database, String master) {
    static final Url NONE = new Url(SharedConfig.Kind.SINGLE, false, List.of(), 0, "");
  }

  /** Reads all of it. */
  SharedConfig read(String hostname) {
    Url url = section.optional("url", ACCEPTED, SharedReader::url).orElse(Url.NONE);
    Secret key = FileSettings.password(section, "key");
    if (!url.hosts().isEmpty()) {
      checkKey(key);
    }
    return new SharedConfig(
        url.hosts(),
        url.kind(),
        url.tls(),
        FileSettings.pem(section, "ca-file"),
        url.master(),
        url.database(),
        section.optional("user", "a user's name without spaces", Scalar::text).orElse(""),
        FileSettings.password(section, "password"),
        FileSettings.password(section, "sentinel-password"),
        section.read(
            "prefix",
            "1 to 64 letters, digits, dots, hyphens, underscores, colons",
            "openmmp:",
            value -> Scalar.text(value).filter(text -> text.matches("[A-Za-z0-9._:-]{1,64}"))),
        section.read("site", NAME_ACCEPTED, "site", SharedReader::name),
        section.optional("node", NAME_ACCEPTED, SharedReader::name).orElse(hostname),
        key,
        section.duration("limit", Duration.ofMillis(5), Duration.ofSeconds(1)));
  }

  private void checkKey(Secret key) {
    if (!section.isSet("key") && !section.isSet("key-file")) {
      section.missing(
          "key-file", "the file whose first line is the key that all front ends of the site share");
    } else if (!key.isEmpty() && key.length() < LEAST_KEY_OCTETS) {
      section.problem(
          section.value(section.isSet("key") ? "key" : "key-file"),
          section.nameOf(section.isSet("key") ? "key" : "key-file"),
          "a key of " + key.length() + " octets",
          "at least "
              + LEAST_KEY_OCTETS
              + " octets that nobody guesses, as openssl rand -base64 32 prints them");
    }
  }

  private static Optional<String> name(ConfigValue value) {
    return Scalar.text(value).filter(text -> text.matches(NAME));
  }

  private static Optional<Url> url(ConfigValue value) {
    Optional<Matcher> written =
        Scalar.text(value).map(URL::matcher).filter(matcher -> matcher.matches());
    return written.flatMap(SharedReader::url);
  }

  private static Optional<Url> url(Matcher written) {
    String together = written.group(2) == null ? "" : written.group(2);
    SharedConfig.Kind kind =
        switch (together) {
          case "-sentinel" -> SharedConfig.Kind.SENTINEL;
          case "-cluster" -> SharedConfig.Kind.CLUSTER;
          default -> SharedConfig.Kind.SINGLE;
        };
    int usual = kind == SharedConfig.Kind.SENTINEL ? USUAL_SENTINEL_PORT : USUAL_PORT;
    List<HostPort> hosts = new ArrayList<>();
    for (String each : written.group(3).split(",", -1)) {
      HostPort host = HostPort.parse(each);
      if (host == null || host.host().isEmpty()) {
        return Optional.empty();
      }
      hosts.add(host.port() == 0 ? new HostPort(host.host(), usual) : host);
    }
    String master = written.group(5) == null ? "" : written.group(5);
    int database = written.group(4) == null ? 0 : Integer.parseInt(written.group(4));
    boolean sensible =
        switch (kind) {
          case SINGLE -> hosts.size() == 1 && master.isEmpty();
          case SENTINEL -> !master.isEmpty();
          case CLUSTER -> master.isEmpty() && database == 0;
        };
    return sensible
        ? Optional.of(new Url(kind, !written.group(1).isEmpty(), hosts, database, master))
        : Optional.empty();
  }
}
