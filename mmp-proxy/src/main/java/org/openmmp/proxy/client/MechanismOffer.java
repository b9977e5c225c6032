package org.openmmp.proxy.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.wire.Mechanism;

/**
 * Which SASL mechanisms one client may use at this moment, by what is known of its connection and
 * of the stores (rules B3.2, B3.3).
 *
 * @param client facts of the connection as it is now
 * @param configured what the operator allows, in the order it is offered
 * @param stores what every store has
 */
public record MechanismOffer(
    ClientFacts client, List<Mechanism> configured, StoreCapabilities.Common stores) {

  /** Whether what is offered is the same, TLS included: to clients of one way in. */
  @SuppressWarnings("ReferenceEquality") // what stores have in common stays one object
  public boolean isLike(MechanismOffer other) {
    return stores == other.stores
        && client.tls() == other.client.tls()
        && takesSecrets() == other.takesSecrets()
        && client.certificate().somebody() == other.client.certificate().somebody();
  }

  /** Whether a password or a token may be sent now. */
  public boolean takesSecrets() {
    return client.tls() || client.secretsInClearAllowed();
  }

  /**
   * Whether a client may use a mechanism now, offered or not: what its own store has is known once
   * its group is.
   */
  public boolean accepts(Mechanism mechanism) {
    return isThere(mechanism) && (takesSecrets() || mechanism == Mechanism.EXTERNAL);
  }

  /**
   * Whether a mechanism may be offered. A token means something to a store only, so that every
   * store must take it; a password can be replayed in another way. An exchange is with a store, and
   * not even offered before one was heard.
   */
  public boolean has(Mechanism mechanism) {
    return isThere(mechanism)
        && (!mechanism.needsStore()
            || (!stores.learnt() && mechanism.proof() == Mechanism.Proof.TOKEN)
            || stores.mechanisms().contains(mechanism.saslName()));
  }

  private boolean isThere(Mechanism mechanism) {
    return configured.contains(mechanism)
        && (mechanism != Mechanism.EXTERNAL || client.certificate().somebody());
  }

  /** Whether it may be offered now. */
  public boolean usable(Mechanism mechanism) {
    return has(mechanism) && (takesSecrets() || mechanism == Mechanism.EXTERNAL);
  }

  /** The mechanism of that name, in any case; null if it is not there. */
  public @Nullable Mechanism named(String name) {
    return configured.stream()
        .filter(each -> each.saslName().equalsIgnoreCase(name) && isThere(each))
        .findFirst()
        .orElse(null);
  }

  /** What is offered now, in the order it is offered. */
  public List<String> usableNames() {
    return configured.stream().filter(this::usable).map(Mechanism::saslName).toList();
  }
}
