package org.openmmp.proxy.imap;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.openmmp.guard.PreAuthLimits;
import org.openmmp.proxy.identity.Mechanism;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.text.SafeText;

/**
 * What an operator decides about IMAP, and what all its sessions share.
 *
 * @param hostName the name in the greeting, ASCII
 * @param mechanisms SASL mechanisms that clients may use, in the order they are offered
 * @param startTls whether a client without TLS may begin it
 * @param alertText shown to a user whose store is unreachable (rule B3.10); empty for none
 * @param id what the proxy answers to ID (RFC 2971), in order; empty for {@code NIL}
 * @param trustedProxy whether a client of that address may say who its own client is (rule B3.12)
 * @param capabilities what clients are offered before login
 * @param limits for clients before login
 * @param literalOctets the longest literal before login, 1 or more
 * @param commandOctets the longest command before login, its literals included, 1 or more
 */
public record ImapSettings(
    String hostName,
    List<Mechanism> mechanisms,
    boolean startTls,
    String alertText,
    Map<String, String> id,
    Predicate<String> trustedProxy,
    StoreCapabilities capabilities,
    PreAuthLimits limits,
    int literalOctets,
    int commandOctets) {

  /** Copies mechanisms and ID fields; refuses texts that would break a response. */
  public ImapSettings {
    mechanisms = List.copyOf(mechanisms);
    id = Collections.unmodifiableMap(new LinkedHashMap<>(id));
    if (Math.min(literalOctets, commandOctets) < 1) {
      throw new IllegalArgumentException("a limit is 1 or more");
    }
    if (mechanisms.contains(Mechanism.COMMAND)) {
      throw new IllegalArgumentException("a command is no SASL mechanism");
    }
    if (hostName.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
      throw new IllegalArgumentException("the host name in the greeting is no host name");
    }
    if (!SafeText.isVisible(alertText)) {
      throw new IllegalArgumentException("the alert text holds a control character");
    }
    if (id.entrySet().stream().anyMatch(e -> !ImapReplies.isPrintable(e.getKey() + e.getValue()))) {
      throw new IllegalArgumentException("an ID field is not printable ASCII");
    }
  }
}
