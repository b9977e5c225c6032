package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.LookupResult.Kind;

/** An idle process is not awakened ten times a second by each connection to the directory. */
final class BoundedSocketsTest {
  @Test
  void oneTimerOfOursLooksAtAllConnections() throws Exception {
    assertTrue(BoundedSockets.looksSeldom());
    try (LdapServerFixture server = LdapServerFixture.start().user("alice", "mailHost: h1");
        Client client = new Client(Settings.of(server.address()))) {
      assertEquals(Kind.FOUND, client.lookUp("alice").kind());
      Set<String> timers =
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(name -> name.contains("Write Timeout") || name.startsWith("ldap-stuck"))
              .collect(Collectors.toSet());
      assertEquals(Set.of("ldap-stuck-writes"), timers);
    }
  }
}
