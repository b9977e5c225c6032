package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.directory.ldap.LdapDirectory;

/** Asks the directory what it cannot use of its configuration, before anything is started. */
final class DirectoryCheck {
  private static final String KEY = "openmmp.directory";
  private static final String RECIPIENT = "openmmp.lmtp.recipient";

  private final List<String> problems = new ArrayList<>();

  private DirectoryCheck() {}

  /** Every mistake in one sentence that begins with its key; empty if there is none. */
  static List<String> problems(DirectoryConfig config) {
    DirectoryCheck check = new DirectoryCheck();
    check.attempt(KEY + ".base-dn", () -> SearchTemplate.dn(config.baseDn()));
    check.attempt(KEY + ".filter", () -> SearchTemplate.filter(config.filter()));
    check.attempt(KEY + ".store-name", () -> StoreNameTemplate.parse(config.storeName()));
    DirectoryConfig.Recipients recipients = config.recipients();
    check.attempt(RECIPIENT + "-filter", () -> SearchTemplate.filter(recipients.filter()));
    if (!recipients.sentOnAs().isEmpty()) {
      check.attempt(RECIPIENT + "-template", () -> StoreNameTemplate.parse(recipients.sentOnAs()));
    }
    config
        .domains()
        .ifPresent(
            domains -> {
              check.attempt(KEY + ".domains.base-dn", () -> SearchTemplate.dn(domains.baseDn()));
              check.attempt(KEY + ".domains.filter", () -> SearchTemplate.filter(domains.filter()));
            });
    if (check.problems.isEmpty()) {
      check.attempt(
          KEY,
          () -> new LdapDirectory(config, DirectoryListener.NONE, Ticker.systemTicker()).close());
    }
    return check.problems;
  }

  /** What is wrong with the servers as they are now, a sentence each; it asks them. */
  static List<String> findings(DirectoryConfig config) {
    try (LdapDirectory directory =
        new LdapDirectory(config, DirectoryListener.NONE, Ticker.systemTicker())) {
      return directory.findings();
    }
  }

  private void attempt(String key, Runnable use) {
    try {
      use.run();
    } catch (IllegalArgumentException refused) {
      problems.add(key + ": " + refused.getMessage());
    }
  }
}
