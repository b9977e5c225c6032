package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.directory.LookupResult.Kind;

/** The password that the program binds with changes while it runs (B1.6). */
final class BindPasswordFileTest {
  @TempDir private Path folder;

  // B1.6
  @Test
  void passwordThatIsMendedInItsFileIsGoodForTheNextBind() throws Exception {
    Path file = folder.resolve("password");
    Files.writeString(file, "old\n");
    try (LdapServerFixture server = LdapServerFixture.start().user("alice", "mailHost: h1");
        Client client =
            new Client(Settings.of(server.address()).bindPassword("old").bindPasswordFile(file))) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      assertEquals(1, client.directory.findings().size());
      Files.writeString(file, LdapServerFixture.ADMIN_PASSWORD + "\n");
      client.ticker.advance(Duration.ofNanos(LdapServers.ALL_DOWN_PAUSE));
      assertEquals(Kind.FOUND, client.lookUp("alice").kind());
      assertEquals(0, client.directory.findings().size());
    }
  }

  // B1.6: while it is being written, what was read at the start serves
  @Test
  void emptyFileLeavesThePasswordOfTheStart() throws Exception {
    Path file = folder.resolve("password");
    Files.writeString(file, "");
    try (LdapServerFixture server = LdapServerFixture.start().user("alice", "mailHost: h1");
        Client client = new Client(Settings.of(server.address()).bindPasswordFile(file))) {
      assertEquals(Kind.FOUND, client.lookUp("alice").kind());
    }
  }
}
