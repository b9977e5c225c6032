package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.openmmp.text.AddressLiteral;

/**
 * Host names of client addresses, for service access filters that have name patterns. It blocks.
 */
final class ClientNames implements UnaryOperator<String> {
  private static final int SIZE = 10_000;
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);

  private final Cache<String, String> known;

  ClientNames(Ticker ticker) {
    known =
        Caffeine.newBuilder()
            .maximumSize(SIZE)
            .expireAfterWrite(TIME_TO_LIVE)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** The name that the address has and that has the address; empty if there is none. */
  @Override
  public String apply(String address) {
    String name = known.getIfPresent(address);
    if (name == null) {
      name = resolve(address);
      known.put(address, name);
    }
    return name;
  }

  private static String resolve(String address) {
    InetAddress literal = AddressLiteral.parse(address);
    if (literal == null) {
      return "";
    }
    // The JDK verifies that the name leads back to the address, or else returns the address.
    String name = literal.getCanonicalHostName();
    return name.equals(literal.getHostAddress()) ? "" : name;
  }
}
