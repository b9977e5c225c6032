package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** One program with many groups of stores, so that each case of a table has a group of its own. */
final class Arena implements AutoCloseable {
  /** Good for every host of every group. */
  static final SSLContext HONEST = TestAuthority.shared().host("*.arena.test").context();

  private final AttackedProxy proxy;
  private final Map<TlsPolicy, Deque<Round>> unused = new EnumMap<>(TlsPolicy.class);

  /**
   * Starts the program.
   *
   * @param groups how many, of each policy
   * @param hosts in each group
   */
  Arena(Path workplace, Map<TlsPolicy, Integer> groups, int hosts, String... settings) {
    List<Round> rounds = new ArrayList<>();
    List<String> all = new ArrayList<>(Arrays.asList(settings));
    for (Map.Entry<TlsPolicy, Integer> wanted : groups.entrySet()) {
      TlsPolicy policy = wanted.getKey();
      Deque<Round> ofPolicy = new ArrayDeque<>();
      for (int i = 0; i < wanted.getValue(); i++) {
        Round round = new Round(policy, "g" + rounds.size(), Place.of(hosts));
        rounds.add(round);
        ofPolicy.add(round);
        all.add(round.settings());
      }
      unused.put(policy, ofPolicy);
    }
    proxy = AttackedProxy.start(workplace, all.toArray(String[]::new));
    rounds.forEach(round -> proxy.user(round.group, round.group));
  }

  AttackedProxy proxy() {
    return proxy;
  }

  /** A group that was not used before, for clients of a protocol. */
  synchronized Round next(MailProtocol protocol, TlsPolicy policy) {
    Round round = unused.getOrDefault(policy, new ArrayDeque<>()).poll();
    if (round == null) {
      throw new AssertionError("more cases than groups");
    }
    round.protocol = protocol;
    return round;
  }

  /** The same for IMAP. */
  Round next(TlsPolicy policy) {
    return next(MailProtocol.IMAP, policy);
  }

  /** The same for IMAP without TLS. */
  Round next() {
    return next(TlsPolicy.OFF);
  }

  @Override
  public void close() {
    proxy.close();
  }

  /** One group and one user, who is called as the group is. */
  final class Round {
    private final TlsPolicy policy;
    private final String group;
    private final Place place;
    private MailProtocol protocol = MailProtocol.IMAP;

    private Round(TlsPolicy policy, String group, Place place) {
      this.policy = policy;
      this.group = group;
      this.place = place;
    }

    private String settings() {
      List<String> hosts = new ArrayList<>();
      StringBuilder table = new StringBuilder();
      for (int i = 0; i < place.addresses().size(); i++) {
        hosts.add(host(i));
        table
            .append("openmmp.resolver.hosts.\"" + host(i) + "\" = \"")
            .append(place.address(i) + "\"\n");
      }
      String tls = "tls = " + policy.name().toLowerCase(Locale.ROOT);
      return Place.group(group, place.port(), hosts, tls) + table;
    }

    String group() {
      return group;
    }

    MailProtocol protocol() {
      return protocol;
    }

    int port() {
      return place.port();
    }

    /** The name of a host of the group. */
    String host(int index) {
      return group + "s" + index + ".arena.test";
    }

    String address(int index) {
      return place.address(index);
    }

    /** The whole name of the group's user. */
    String user() {
      return group + "@example.test";
    }

    String password() {
      return AttackedProxy.passwordOf(group);
    }

    /** A store that behaves, with the certificate that it should have. */
    StoreScript honest() {
      return secured(StoreScript.of(protocol));
    }

    /** The script of a store with the certificate that it should have. */
    StoreScript secured(StoreScript script) {
      return script.secured(policy, HONEST);
    }

    /** Begins to listen as one of the group's hosts. */
    ScriptedStore open(int index, ScriptedStore.Script script) {
      return proxy.store(place, index, script);
    }

    /** Logs the user in on a connection of its own, and returns the answer without its tag. */
    String logIn() {
      try (RawClient client = client()) {
        return logIn(client);
      }
    }

    /** The same on a connection whose greeting was read. */
    String logIn(RawClient client) {
      return client.logIn(protocol, user(), password());
    }

    /** A client whose greeting was read. */
    RawClient client() {
      return proxy.client(protocol);
    }

    /** Logs the user in, which has to succeed at a store. */
    void logInAt(StoreScript script) {
      assertAccepted(logIn());
      assertEquals(List.of(user()), script.users());
    }

    /** Fails unless an answer accepts a login. */
    void assertAccepted(String answer) {
      assertTrue(answer.startsWith(protocol.accepted()), group + ": " + answer);
    }

    /** Fails unless an answer says that the mailbox cannot be reached for now. */
    void assertUnavailable(String answer) {
      assertTrue(answer.startsWith(protocol.unavailable()), group + ": " + answer);
    }

    /** Fails if the user's password came to the store. */
    void assertNoSecretAt(ScriptedStore store) {
      LogWatch.failOnSecrets(List.of(password()), "what a store heard", store.heard());
    }
  }
}
