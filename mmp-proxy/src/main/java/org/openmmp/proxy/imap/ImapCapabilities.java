package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.wire.ResponseCode;

/**
 * Capabilities as one store listed them (RFC 9051 section 7.2.2), and what IMAP clients are offered
 * before login (rule B3.3).
 *
 * @param line the names with spaces between, without the word CAPABILITY
 */
public record ImapCapabilities(String line) implements StoreCapabilities.Listing {
  /**
   * What the proxy answers for itself, or what would lead a client past it: it follows referrals
   * and hides them, and a session that is no longer authenticated (RFC 8437) is beyond its reach.
   */
  private static final Set<String> NEVER_PASSED_ON =
      Set.of("STARTTLS", "LOGINDISABLED", "LOGIN-REFERRALS", "UNAUTHENTICATE", "XCLIENT");

  /** Offered whatever the stores have, for the proxy itself answers them. */
  private static final List<String> OF_THE_PROXY = List.of("SASL-IR", "ID");

  private static final String MECHANISM = "AUTH=";

  private static final StoreCapabilities.Dialect DIALECT =
      new StoreCapabilities.Dialect(ImapCapabilities::forClients, List.of(), MECHANISM);

  private static final int MAX_NAMES = 128;
  private static final int MAX_NAME_LENGTH = 64;

  /** What stores offer, as it becomes known. */
  public static StoreCapabilities learnt(LongSupplier nanoClock) {
    return StoreCapabilities.learnt(DIALECT, nanoClock);
  }

  /** Always that list, one name or more; what the proxy cannot honour is left out of it. */
  public static StoreCapabilities configured(List<String> names) {
    return StoreCapabilities.configured(DIALECT, new ImapCapabilities(String.join(" ", names)));
  }

  private static List<String> forClients(List<String> names) {
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

  /** The list in the codes of a response's text, or null if there is none. */
  static @Nullable ImapCapabilities inCodeOf(String text) {
    String listed = ResponseCode.argumentIn(text, "CAPABILITY");
    return listed == null ? null : new ImapCapabilities(listed);
  }

  /** The names that a store listed in its answer to a login, or beside it; empty if it did not. */
  static String inAnswer(StoreAnswer answer) {
    ImapResponse last = ImapResponse.parse("* " + answer.finalResponse());
    ImapCapabilities listed = inCodeOf(last.text());
    if (listed != null) {
      return listed.line();
    }
    for (String untagged : answer.untagged()) {
      ImapResponse each = ImapResponse.parse(untagged);
      if (each.word() == ImapResponse.Word.CAPABILITY) {
        return each.text();
      }
    }
    return "";
  }

  /** The names of a list but for those, spaces as they stood. */
  static String without(String list, Predicate<String> hidden) {
    if (Stream.of(list.split(" ", -1)).noneMatch(hidden)) {
      return list;
    }
    return Stream.of(list.split(" ", -1)).filter(hidden.negate()).collect(Collectors.joining(" "));
  }

  /** A response, in whose code such a list may stand, without those names in it. */
  static ImapResponse codeWithout(ImapResponse response, Predicate<String> hidden) {
    ResponseCode listed = ResponseCode.split(response.text()).first("CAPABILITY");
    if (listed == null || !listed.closed()) {
      return response;
    }
    String shown = without(listed.argument(), hidden);
    if (shown.equals(listed.argument())) {
      return response;
    }
    String text = response.text().replace(listed.octets(), "[CAPABILITY " + shown + "]");
    return new ImapResponse(response.line(), response.tag(), response.word(), text);
  }

  @Override
  public boolean has(String name) {
    for (int at = 0; at < line.length(); ) {
      int end = line.indexOf(' ', at);
      int stop = end < 0 ? line.length() : end;
      if (stop - at == name.length() && line.regionMatches(true, at, name, 0, name.length())) {
        return true;
      }
      at = stop + 1;
    }
    return false;
  }

  @Override
  public boolean hasMechanism(String saslName) {
    return has(MECHANISM + saslName);
  }

  /** The names in upper case, each an atom; what cannot be one is left out. */
  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (int at = 0; at < line.length() && names.size() < MAX_NAMES; ) {
      int end = line.indexOf(' ', at);
      int stop = end < 0 ? line.length() : end;
      if (stop > at && stop - at <= MAX_NAME_LENGTH && isAtom(at, stop)) {
        names.add(line.substring(at, stop).toUpperCase(Locale.ROOT));
      }
      at = stop + 1;
    }
    return names;
  }

  private boolean isAtom(int from, int to) {
    for (int i = from; i < to; i++) {
      char c = line.charAt(i);
      if (c <= ' ' || c >= 0x7f || "(){%*\"\\]".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }
}
