package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.config.DirectoryConfig;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.directory.ldap.LdapDirectory;

/** Asks the directory what it cannot use of its configuration, before anything is started. */
final class DirectoryCheck {
  private static final String KEY = "openmmp.directory";

  private final List<String> problems = new ArrayList<>();

  private DirectoryCheck() {}

  /** Every mistake in one sentence that begins with its key; empty if there is none. */
  static List<String> problems(DirectoryConfig config) {
    DirectoryCheck check = new DirectoryCheck();
    check.attempt(".base-dn", () -> SearchTemplate.dn(config.baseDn()));
    check.attempt(".filter", () -> SearchTemplate.filter(config.filter()));
    check.attempt(".store-name", () -> StoreNameTemplate.parse(config.storeName()));
    config
        .domains()
        .ifPresent(
            domains -> {
              check.attempt(".domains.base-dn", () -> SearchTemplate.dn(domains.baseDn()));
              check.attempt(".domains.filter", () -> SearchTemplate.filter(domains.filter()));
            });
    if (check.problems.isEmpty()) {
      check.attempt(
          "",
          () -> new LdapDirectory(config, DirectoryListener.NONE, Ticker.systemTicker()).close());
    }
    return check.problems;
  }

  private void attempt(String key, Runnable use) {
    try {
      use.run();
    } catch (IllegalArgumentException refused) {
      problems.add(KEY + key + ": " + refused.getMessage());
    }
  }
}
