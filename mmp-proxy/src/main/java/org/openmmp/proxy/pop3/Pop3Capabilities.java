package org.openmmp.proxy.pop3;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.openmmp.proxy.store.StoreCapabilities;

/** What POP3 clients are offered before login (rule B4.1). */
public final class Pop3Capabilities implements StoreCapabilities.Dialect {
  /**
   * What the proxy answers for itself, what it cannot honour before login, and what tells of an
   * implementation.
   */
  private static final Set<String> NEVER_PASSED_ON =
      Set.of("STLS", "USER", "SASL", "XCLIENT", "LANG", "IMPLEMENTATION");

  /** Offered whatever the stores have, for every refusal before login is the proxy's own. */
  private static final List<String> OF_THE_PROXY = List.of("RESP-CODES", "AUTH-RESP-CODE");

  /** What a client that leaves mail on the server looks for before it logs in. */
  private static final List<String> OF_EVERY_STORE = List.of("TOP", "UIDL", "PIPELINING");

  private Pop3Capabilities() {}

  /** What stores offer, as it becomes known. */
  public static StoreCapabilities learnt(LongSupplier nanoClock) {
    return StoreCapabilities.learnt(new Pop3Capabilities(), nanoClock);
  }

  /** Always those lines, one or more; what the proxy cannot honour is left out of them. */
  public static StoreCapabilities configured(List<String> lines) {
    return StoreCapabilities.configured(new Pop3Capabilities(), Pop3CapabilityList.of(lines));
  }

  @Override
  public List<String> forClients(List<String> names) {
    Set<String> fit = new LinkedHashSet<>();
    for (String name : names) {
      int space = name.indexOf(' ');
      String keyword = space < 0 ? name : name.substring(0, space);
      // RFC 6856 section 2.1: one line says both, that UTF8 is there and that names may be in it.
      boolean saidByAnother = name.equals("UTF8") && names.contains("UTF8 USER");
      if (!NEVER_PASSED_ON.contains(keyword) && !saidByAnother) {
        fit.add(name);
      }
    }
    fit.addAll(OF_THE_PROXY);
    return List.copyOf(fit);
  }

  @Override
  public List<String> beforeAnyStore() {
    return OF_EVERY_STORE;
  }

  @Override
  public String mechanismPrefix() {
    return Pop3CapabilityList.MECHANISM;
  }
}
