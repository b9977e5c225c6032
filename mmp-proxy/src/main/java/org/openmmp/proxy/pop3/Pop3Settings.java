package org.openmmp.proxy.pop3;

import java.util.List;
import java.util.function.Predicate;
import org.openmmp.guard.PreAuthLimits;
import org.openmmp.proxy.identity.Mechanism;
import org.openmmp.proxy.store.StoreCapabilities;

/**
 * What an operator decides about POP3, and what all its sessions share.
 *
 * @param hostName the name in the greeting, ASCII
 * @param mechanisms SASL mechanisms that clients may use, in the order they are offered
 * @param stls whether a client without TLS may begin it
 * @param trustedProxy whether a client of that address may say who its own client is (rule B3.12)
 * @param capabilities what clients are offered before login
 * @param limits for clients before login
 */
public record Pop3Settings(
    String hostName,
    List<Mechanism> mechanisms,
    boolean stls,
    Predicate<String> trustedProxy,
    StoreCapabilities capabilities,
    PreAuthLimits limits) {

  /** Copies the mechanisms; refuses a name that would break a reply. */
  public Pop3Settings {
    mechanisms = List.copyOf(mechanisms);
    if (mechanisms.contains(Mechanism.COMMAND)) {
      throw new IllegalArgumentException("a command is no SASL mechanism");
    }
    if (hostName.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
      throw new IllegalArgumentException("the host name in the greeting is no host name");
    }
  }
}
