package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.admin.Explanation;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupRequest.Purpose;
import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.GrowingPause;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;

class ExplainerTest {
  private final List<Purpose> asked = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<String> clients = new ArrayList<>();

  @ParameterizedTest // B5.5, B8.4
  @CsvSource({
    "imap, false, dewey, LOGIN, huey dewey louie",
    "pop3, false, dewey, LOGIN, huey dewey louie",
    "lmtp, true, dewey, DELIVERY, huey dewey louie",
    "lmtp, false, dewey, DELIVERY, dewey",
    "lmtp, false, ducks, DELIVERY, huey",
  })
  void deliveryWithoutAffinityListHasOneHost(
      String service, boolean affinityList, String mailHost, Purpose purpose, String order) {
    Explanation explanation =
        new Explainer(new OneUser(mailHost), table(), selector(), affinityList, "+")
            .explain("donald", service, "192.0.2.7")
            .toCompletableFuture()
            .join();
    assertEquals(List.of(purpose), asked);
    assertEquals(List.of("192.0.2.7"), clients);
    assertEquals(
        List.of(order.split(" ", -1)),
        explanation.order().stream().map(each -> each.host().name()).toList());
  }

  @ParameterizedTest // B5.2, B8.4
  @CsvSource({
    "lmtp, donald+duck@example.com, donald+duck@example.com donald@example.com",
    "lmtp, donald+duck, donald+duck donald",
    "lmtp, donald@a+b.example.com, donald@a+b.example.com",
    "imap, donald+duck@example.com, donald+duck@example.com",
  })
  void recipientIsLookedUpWithItsDetailAndWithoutAndALoginAsTyped(
      String service, String typed, String lookedUp) {
    new Explainer(new OneUser("ducks"), table(), selector(), true, "+")
        .explain(typed, service, "192.0.2.7")
        .toCompletableFuture()
        .join();
    assertEquals(List.of(lookedUp.split(" ")), names);
  }

  private static GroupTable table() {
    return GroupTable.of(
        List.of(
            ReplicationGroup.of(
                "ducks",
                List.of(new StoreHost("huey"), new StoreHost("dewey"), new StoreHost("louie")))));
  }

  private static StoreSelector selector() {
    Duration second = Duration.ofSeconds(1);
    GrowingPause pause = new GrowingPause(second, second);
    return new StoreSelector(
        (group, service) ->
            new SelectorSettings(
                pause,
                1,
                second,
                second,
                second,
                pause,
                second,
                SelectorSettings.AdmissionTerms.off(),
                new SelectorSettings.ReadOnlyFallback(false, second, second),
                SelectorSettings.Patience.endless()),
        SelectionListener.NONE);
  }

  /** Finds everybody, with one mail host. */
  private final class OneUser implements Directory {
    private final String mailHost;

    OneUser(String mailHost) {
      this.mailHost = mailHost;
    }

    @Override
    public CompletionStage<LookupResult> lookUp(LookupRequest request) {
      asked.add(request.purpose());
      clients.add(request.clientIp());
      names.add(request.loginName());
      names.addAll(request.shorter());
      return CompletableFuture.completedStage(
          new LookupResult(
              LookupResult.Kind.FOUND,
              request.loginName(),
              mailHost,
              request.loginName(),
              "uid=any",
              Map.of(),
              LookupResult.Freshness.CACHED,
              "found"));
    }

    @Override
    public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
      return CompletableFuture.completedStage(BindResult.DIRECTORY_DOWN);
    }

    @Override
    public String identityOf(String typed, String defaultDomain) {
      return typed;
    }

    @Override
    public boolean preAuthenticates(String login) {
      return false;
    }

    @Override
    public void forget(String login) {}

    @Override
    public void forgetAll() {}

    @Override
    public void close() {}
  }
}
