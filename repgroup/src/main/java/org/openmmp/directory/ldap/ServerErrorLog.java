package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.ResultCode;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of servers that answer a question with an error, such as that the base DN does not exist:
 * one warning a minute for each server and kind of error, however many logins meet it.
 */
final class ServerErrorLog {
  static final Duration PAUSE = Duration.ofMinutes(1);
  private static final int MOST_KINDS = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(ServerErrorLog.class);

  private final Cache<Kind, Boolean> told;

  private record Kind(String server, ResultCode error) {}

  ServerErrorLog(Ticker ticker) {
    told =
        Caffeine.newBuilder()
            .maximumSize(MOST_KINDS)
            .expireAfterWrite(PAUSE)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /**
   * One more.
   *
   * @param why in words that are safe to print
   */
  void tell(String server, ResultCode error, String why) {
    if (told.asMap().putIfAbsent(new Kind(server, error), true) == null) {
      LOG.warn("directory server {} refuses: {}", server, why);
    }
  }
}
