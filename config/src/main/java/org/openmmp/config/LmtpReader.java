package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads {@code openmmp.lmtp}. */
final class LmtpReader {
  private static final int MEBIOCTET = 1 << 20;
  private static final int LARGEST_MESSAGE = Integer.MAX_VALUE;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final Section section;
  private final ServerTlsConfig tls;

  LmtpReader(Section section, ServerTlsConfig tls) {
    this.section = section;
    this.tls = tls;
  }

  LmtpConfig read() {
    return new LmtpConfig(
        ListenReader.listeners(section, "listen", ""),
        clients(),
        section.flag("affinitylist"),
        section.read(
            "recipient-delimiters",
            "up to eight characters that are neither letters, digits, space nor @",
            "",
            value -> Scalar.text(value).filter(text -> text.matches("[^\\p{L}\\p{N}\\s@]{0,8}"))),
        section.flag("dsn"),
        section
            .optional(
                "referral-pattern",
                "a regular expression with a group (?<host>…); null for [REFERRAL lmtp://host/]",
                LmtpReader::pattern)
            .orElse(""),
        section.choice("bare-newlines", LmtpConfig.BareNewlines.class),
        new LmtpConfig.Bounds(
            section.number("max-recipients", 100, 100_000),
            section.number("max-line", 1_024, MEBIOCTET),
            section.number("bad-commands", 1, 1_000),
            section.number("group-share", 1, 100)),
        spool(section.section("spool")),
        pool(section.section("pool")),
        timeouts(section.section("timeouts")));
  }

  private LmtpConfig.Clients clients() {
    boolean certificate = tls.certificate().isPresent() || !tls.sni().isEmpty();
    return new LmtpConfig.Clients(
        section.networks("client-networks"),
        section.networks("trusted-clients"),
        section.flag("starttls") && certificate);
  }

  private static Optional<String> pattern(ConfigValue value) {
    return Scalar.text(value)
        .filter(
            text -> {
              try {
                Pattern.compile(text);
                return text.contains("(?<host>");
              } catch (PatternSyntaxException e) {
                return false;
              }
            });
  }

  private static LmtpConfig.Spool spool(Section spool) {
    return new LmtpConfig.Spool(
        spool.number("memory", 0, 16 * MEBIOCTET),
        FileSettings.directory(spool, "directory"),
        spool.number("max-message", 64 * 1_024, LARGEST_MESSAGE));
  }

  private static LmtpConfig.Pool pool(Section pool) {
    return new LmtpConfig.Pool(
        pool.duration("idle", Duration.ZERO, HOUR),
        pool.number("max-transactions", 1, 1_000_000),
        pool.number("per-host", 1, 10_000),
        pool.duration("wait", Duration.ZERO, Duration.ofMinutes(1)));
  }

  private static LmtpConfig.Timeouts timeouts(Section timeouts) {
    return new LmtpConfig.Timeouts(
        timeouts.duration("command", SECOND, HOUR),
        timeouts.duration("body", SECOND, HOUR),
        timeouts.duration("search", SECOND, Duration.ofMinutes(5)),
        timeouts.duration("stall", SECOND, HOUR),
        timeouts.duration("final-replies", SECOND, HOUR),
        timeouts.duration("give-up", SECOND, HOUR));
  }
}
