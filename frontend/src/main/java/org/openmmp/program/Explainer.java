package org.openmmp.program;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.Explanation;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LocalPart;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupRequest.Purpose;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.ldap.LdapDirectory;
import org.openmmp.repgroup.Candidate;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;

/**
 * Works out where a login or delivery would go, from the same directory, table and memory that they
 * use.
 *
 * @param affinityList whether deliveries fail over (rule B5.5)
 * @param recipientDelimiters each of which begins a recipient's detail (rule B5.2)
 */
record Explainer(
    Directory directory,
    GroupTable table,
    StoreSelector selector,
    boolean affinityList,
    String recipientDelimiters) {
  private static final String DELIVERY = "lmtp";

  /** One that treats recipients as the configured relay does. */
  static Explainer of(
      OpenMmpConfig config, Directory directory, GroupTable table, StoreSelector selector) {
    return new Explainer(
        directory,
        table,
        selector,
        config.lmtp().affinityList(),
        config.lmtp().recipientDelimiters());
  }

  /** See {@link org.openmmp.admin.AdminSources#explain}. */
  CompletionStage<Explanation> explain(String loginName, String service, String client) {
    boolean delivery = service.equals(DELIVERY);
    List<String> forms = delivery ? forms(loginName) : List.of(loginName);
    LookupRequest request =
        new LookupRequest(
                delivery ? Purpose.DELIVERY : Purpose.LOGIN,
                forms.get(0),
                "",
                service,
                true,
                client,
                "127.0.0.1")
            .orElse(forms.subList(1, forms.size()));
    return directory.lookUp(request).thenApply(result -> explain(result, new Service(service)));
  }

  private List<String> forms(String address) {
    int at = address.lastIndexOf('@');
    String localPart = at < 0 ? address : address.substring(0, at);
    String domain = at < 0 ? "" : address.substring(at + 1);
    return LocalPart.forms(localPart, recipientDelimiters).stream()
        .map(form -> form.mailboxAt(domain))
        .toList();
  }

  private Explanation explain(LookupResult result, Service service) {
    if (result.kind() != LookupResult.Kind.FOUND) {
      return new Explanation(service, result, null, List.of(), Map.of());
    }
    GroupMatch match = table.groupOf(result.mailHost());
    return new Explanation(
        service,
        result,
        match,
        match.kind() == GroupMatch.Kind.FOUND
            ? order(match.found(), service, match.host())
            : List.of(),
        match.kind() == GroupMatch.Kind.FOUND ? lastSaid(match.found(), service) : Map.of());
  }

  private Map<String, String> lastSaid(ReplicationGroup group, Service service) {
    Map<String, String> said = new HashMap<>();
    for (GroupSnapshot each : selector.snapshot(System.nanoTime())) {
      if (each.group().equals(group.name()) && each.service().equals(service)) {
        each.hosts().stream()
            .filter(host -> host.lastOutcome() != null)
            .forEach(host -> said.put(host.host().name(), words(host)));
      }
    }
    return said;
  }

  private static String words(GroupSnapshot.HostSnapshot host) {
    String outcome = String.valueOf(host.lastOutcome()).toLowerCase(Locale.ROOT).replace('_', '-');
    String said = host.lastReason().isEmpty() ? outcome : outcome + ": " + host.lastReason();
    return host.waiting() == 0
        ? said
        : said
            + "; a login waits for its turn there, behind "
            + host.waiting()
            + " others ("
            + host.attemptsUnderWay()
            + " of "
            + host.mostUnderWay()
            + " under way"
            + (host.mostPerSecond() == 0 ? "" : ", " + host.mostPerSecond() + " a second at most")
            + ")";
  }

  private List<Candidate> order(
      ReplicationGroup group, Service service, @Nullable StoreHost mailHost) {
    long now = System.nanoTime();
    if (affinityList || !service.name().equals(DELIVERY)) {
      return selector.explain(group, service, ClientKind.WRITER, now);
    }
    return selector.explainFrom(group, service, ClientKind.SINGLE, mailHost, now);
  }

  /** The same without a running front end: no store has been tried yet. */
  static Explanation once(OpenMmpConfig config, String loginName, String service, String client) {
    GroupTable table = config.table();
    StoreSelector selector =
        new StoreSelector(
            (group, any) -> config.group(group.name()).selection(), SelectionListener.NONE);
    try (Directory directory =
        new LdapDirectory(config.directory(), DirectoryListener.NONE, Ticker.systemTicker())) {
      return of(config, directory, table, selector)
          .explain(loginName, service, client)
          .toCompletableFuture()
          .join();
    }
  }
}
