package org.openmmp.proxy.imap;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.openmmp.proxy.store.StoreCapabilities;

/** What IMAP clients are offered before login (rule B3.3). */
public final class ImapCapabilities implements StoreCapabilities.Dialect {
  /**
   * What the proxy answers for itself, or what would lead a client past it: it follows referrals
   * and hides them, and a session that is no longer authenticated (RFC 8437) is beyond its reach.
   */
  private static final Set<String> NEVER_PASSED_ON =
      Set.of("STARTTLS", "LOGINDISABLED", "LOGIN-REFERRALS", "UNAUTHENTICATE", "XCLIENT");

  /** Offered whatever the stores have, for the proxy itself answers them. */
  private static final List<String> OF_THE_PROXY = List.of("SASL-IR", "ID");

  private static final String MECHANISM = "AUTH=";

  private ImapCapabilities() {}

  /** What stores offer, as it becomes known. */
  public static StoreCapabilities learnt(LongSupplier nanoClock) {
    return StoreCapabilities.learnt(new ImapCapabilities(), nanoClock);
  }

  /** Always that list, one name or more; what the proxy cannot honour is left out of it. */
  public static StoreCapabilities configured(List<String> names) {
    return StoreCapabilities.configured(
        new ImapCapabilities(), new CapabilityList(String.join(" ", names)));
  }

  @Override
  public List<String> forClients(List<String> names) {
    Set<String> fit = new LinkedHashSet<>();
    if (!names.contains("IMAP4REV2") || names.contains("IMAP4REV1")) {
      fit.add("IMAP4rev1");
    }
    for (String name : names) {
      if (name.equals("IMAP4REV2")) {
        fit.add("IMAP4rev2");
      } else if (!name.equals("IMAP4REV1")
          && !name.startsWith(MECHANISM)
          && !NEVER_PASSED_ON.contains(name)) {
        fit.add(name);
      }
    }
    fit.addAll(OF_THE_PROXY);
    return List.copyOf(fit);
  }

  @Override
  public List<String> beforeAnyStore() {
    return List.of();
  }

  @Override
  public String mechanismPrefix() {
    return MECHANISM;
  }
}
