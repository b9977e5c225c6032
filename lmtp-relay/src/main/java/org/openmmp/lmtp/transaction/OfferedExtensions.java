package org.openmmp.lmtp.transaction;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.repgroup.StoreHost;

/**
 * What clients are offered: what every store that was heard has, and before any was heard a
 * configured list (rule B5.1, L10).
 *
 * <p>Safe for any thread; reading is one volatile read.
 */
public final class OfferedExtensions {
  /** More hosts than any site has; those over it do not count. */
  private static final int MAX_HOSTS = 4096;

  private final Map<StoreHost, Extensions> heard = new ConcurrentHashMap<>();
  private final long maxMessageOctets;
  private volatile Extensions common;

  /**
   * Nothing was heard yet.
   *
   * @param keywords offered until then
   * @param maxMessageOctets what this relay takes, whatever stores do
   */
  public OfferedExtensions(List<String> keywords, long maxMessageOctets) {
    this.maxMessageOctets = maxMessageOctets;
    Set<Extension> configured = EnumSet.noneOf(Extension.class);
    for (String keyword : keywords) {
      Extension extension = Extension.of(keyword);
      if (extension != null) {
        configured.add(extension);
      }
    }
    common = limited(Extensions.of(configured));
  }

  /** What every store has. */
  Extensions common() {
    return common;
  }

  /** A store's offer. */
  void learn(StoreHost host, Extensions offer) {
    Extensions own = offer.without(Extension.STARTTLS).without(Extension.XCLIENT);
    if (own.equals(heard.get(host)) || (heard.size() >= MAX_HOSTS && !heard.containsKey(host))) {
      return;
    }
    heard.put(host, own);
    combine();
  }

  /** Forgets the hosts that are not in service any more. */
  public void retain(Collection<StoreHost> inService) {
    if (heard.keySet().retainAll(inService)) {
      combine();
    }
  }

  private synchronized void combine() {
    @Nullable Extensions all = null;
    for (Extensions each : heard.values()) {
      all = all == null ? each : all.and(each);
    }
    if (all != null) {
      common = limited(new Extensions(all.known(), all.maxMessageOctets(), List.of(), List.of()));
    }
  }

  private Extensions limited(Extensions any) {
    return any.has(Extension.SIZE) ? any.withLimit(maxMessageOctets) : any;
  }
}
