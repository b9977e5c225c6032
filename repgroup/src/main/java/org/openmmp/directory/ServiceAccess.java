package org.openmmp.directory;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * Which services may be used from where: the value of {@code mailAllowedServiceAccess} or {@code
 * mailDomainAllowedServiceAccess} (rule B1.5).
 *
 * <p>The syntax is that of the attributes' definition in the Messaging Server schema reference,
 * which took its lists, its wild cards and {@code EXCEPT} from the TCP wrappers ({@code
 * hosts_access(5)}):
 *
 * <pre>
 * rules    = filter *( "$" filter )
 * filter   = ( "+" / "-" ) services ":" clients      ; + allows, - denies
 * services = word *( "," word ) [ "EXCEPT" services ]
 * clients  = pattern *( "," pattern ) [ "EXCEPT" clients ]
 * </pre>
 *
 * <p>The order: every allow filter is asked before any deny filter, wherever they stand; the first
 * match decides. Without a match access is granted, except where there are allow filters and no
 * deny filter at all: then it is denied. So an allow filter for one service denies all that are not
 * named.
 */
public final class ServiceAccess {
  /** No filters: everything is allowed. */
  public static final ServiceAccess OPEN = new ServiceAccess(List.of());

  private static final int MAX_LENGTH = 16 * 1024;
  private static final Pattern EXCEPT = Pattern.compile("\\s+EXCEPT\\s+", Pattern.CASE_INSENSITIVE);

  private final List<AccessFilter> filters;

  private ServiceAccess(List<AccessFilter> filters) {
    this.filters = List.copyOf(filters);
  }

  /** One filter. */
  private record AccessFilter(
      boolean allows,
      Predicate<Set<String>> services,
      BiPredicate<@Nullable InetAddress, String> clients,
      boolean wantsName) {}

  /**
   * Reads a value of the attribute; an empty one is {@link #OPEN}.
   *
   * @throws UnusableValueException if it is outside the grammar: nobody can know then what its
   *     author meant to allow
   */
  public static ServiceAccess parse(String value) throws UnusableValueException {
    if (value.length() > MAX_LENGTH) {
      throw new UnusableValueException("the service access rules are too long");
    }
    List<AccessFilter> filters = new ArrayList<>();
    for (String filter : value.split("\\$", -1)) {
      if (!filter.isBlank()) {
        filters.add(parseFilter(filter.strip()));
      }
    }
    return new ServiceAccess(filters);
  }

  /** These filters and those of another value of the same attribute, as if they were one value. */
  public ServiceAccess and(ServiceAccess other) {
    return new ServiceAccess(Stream.concat(filters.stream(), other.filters.stream()).toList());
  }

  /** Whether the answer may depend on the client's host name. */
  public boolean wantsClientName() {
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i).wantsName()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a client may use a service.
   *
   * @param request names the service, whether it runs under TLS, and the client's address
   * @param clientName the client's verified host name; empty if unknown
   */
  public boolean allows(LookupRequest request, String clientName) {
    if (filters.isEmpty()) {
      return true;
    }
    Set<String> words = words(request.service(), request.tls());
    InetAddress address = ClientPattern.address(request.clientIp());
    String name = clientName.toLowerCase(Locale.ROOT);
    if (anyMatch(true, words, address, name)) {
      return true;
    }
    boolean denies = filters.stream().anyMatch(filter -> !filter.allows());
    return denies && !anyMatch(false, words, address, name);
  }

  /** The words that a rule may use for a service: {@code imaps}, {@code pops} under TLS. */
  private static Set<String> words(String service, boolean tls) {
    String suffix = tls ? "s" : "";
    return service.equals("pop3")
        ? Set.of("pop" + suffix, "pop3" + suffix)
        : Set.of(service + suffix);
  }

  private boolean anyMatch(
      boolean allows, Set<String> words, @Nullable InetAddress address, String name) {
    for (AccessFilter filter : filters) {
      if (filter.allows() == allows
          && filter.services().test(words)
          && filter.clients().test(address, name)) {
        return true;
      }
    }
    return false;
  }

  private static AccessFilter parseFilter(String text) throws UnusableValueException {
    int colon = text.indexOf(':');
    boolean signed = text.startsWith("+") || text.startsWith("-");
    if (colon < 0 || !signed) {
      throw new UnusableValueException("no service access filter: " + SafeText.of(text));
    }
    List<ClientPattern> patterns = new ArrayList<>();
    return new AccessFilter(
        text.startsWith("+"),
        parseServices(text.substring(1, colon)),
        parseClients(text.substring(colon + 1), patterns),
        patterns.stream().anyMatch(ClientPattern::wantsName));
  }

  private static Predicate<Set<String>> parseServices(String text) throws UnusableValueException {
    String[] lists = EXCEPT.split(text, 2);
    List<String> named = items(lists[0].toLowerCase(Locale.ROOT));
    for (String word : named) {
      if (!word.equals("*") && !word.matches("[a-z0-9_-]+")) {
        throw new UnusableValueException("no service: " + SafeText.of(word));
      }
    }
    boolean all = named.contains("all") || named.contains("*");
    Predicate<Set<String>> listed = words -> all || named.stream().anyMatch(words::contains);
    return lists.length == 1 ? listed : listed.and(parseServices(lists[1]).negate());
  }

  private static BiPredicate<@Nullable InetAddress, String> parseClients(
      String text, List<ClientPattern> patterns) throws UnusableValueException {
    String[] lists = EXCEPT.split(text, 2);
    List<ClientPattern> own = new ArrayList<>();
    for (String item : items(lists[0])) {
      own.add(ClientPattern.parse(item));
    }
    patterns.addAll(own);
    BiPredicate<@Nullable InetAddress, String> listed =
        (address, name) -> own.stream().anyMatch(pattern -> pattern.test().test(address, name));
    return lists.length == 1 ? listed : listed.and(parseClients(lists[1], patterns).negate());
  }

  private static List<String> items(String list) throws UnusableValueException {
    List<String> items =
        Stream.of(list.strip().split("[,\\s]+")).filter(item -> !item.isEmpty()).toList();
    if (items.isEmpty()) {
      throw new UnusableValueException("an empty list in the service access rules");
    }
    return items;
  }
}
