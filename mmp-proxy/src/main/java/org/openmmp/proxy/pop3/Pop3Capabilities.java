package org.openmmp.proxy.pop3;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.openmmp.proxy.store.StoreCapabilities;

/**
 * Capabilities as one store listed them (RFC 2449 section 5), and what POP3 clients are offered
 * before login (rule B4.1).
 *
 * @param names in upper case, the arguments with their capability; where arguments are a set, as
 *     those of SASL and UTF8 are, the capability alone and once with each
 */
public record Pop3Capabilities(List<String> names) implements StoreCapabilities.Listing {
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

  private static final String MECHANISM = "SASL ";

  private static final Pattern SPACES = Pattern.compile(" +");
  private static final int MAX_LINES = 64;
  private static final int MAX_LENGTH = 256;

  private static final StoreCapabilities.Dialect DIALECT =
      new StoreCapabilities.Dialect(Pop3Capabilities::forClients, OF_EVERY_STORE, MECHANISM);

  /** Copies the names. */
  public Pop3Capabilities {
    names = List.copyOf(names);
  }

  /** What stores offer, as it becomes known. */
  public static StoreCapabilities learnt(LongSupplier nanoClock) {
    return StoreCapabilities.learnt(DIALECT, nanoClock);
  }

  /** Always those lines, one or more; what the proxy cannot honour is left out of them. */
  public static StoreCapabilities configured(List<String> lines) {
    return StoreCapabilities.configured(DIALECT, of(lines));
  }

  private static List<String> forClients(List<String> names) {
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

  /** Takes the lines of the list; what is no capability, or too long, is left out. */
  static Pop3Capabilities of(List<String> lines) {
    List<String> names = new ArrayList<>();
    for (String line : lines.subList(0, Math.min(lines.size(), MAX_LINES))) {
      String upper = line.strip().toUpperCase(Locale.ROOT);
      if (!upper.isEmpty() && upper.length() <= MAX_LENGTH && isPrintable(upper)) {
        if (upper.indexOf(' ') < 0) {
          names.add(upper);
        } else {
          addTo(names, SPACES.split(upper));
        }
      }
    }
    return new Pop3Capabilities(names);
  }

  @Override
  public boolean has(String name) {
    return names.contains(name);
  }

  @Override
  public boolean hasMechanism(String saslName) {
    return has(MECHANISM + saslName);
  }

  private static void addTo(List<String> names, String[] words) {
    String name = words[0];
    if (!name.equals("SASL") && !name.equals("UTF8")) {
      names.add(String.join(" ", words));
      return;
    }
    names.add(name);
    for (int i = 1; i < words.length; i++) {
      names.add(name + ' ' + words[i]);
    }
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return text.charAt(0) != '.';
  }
}
